import {
  compile,
  type Compiled,
  type Mode,
  type Precision,
  type TensorTree,
} from "./compiler/compile.ts";

/** A function that is compiled for the shapes of its first call. */
export interface CompiledOnFirstCall<I extends readonly TensorTree[], O extends TensorTree> {
  (...inputs: I): Promise<O>;
  /** Frees the compiled function, where there is one. */
  dispose(): void;
}

/** A function that is compiled at its first call, whose inputs serve as the examples of `compile`. */
export function compileLazily<I extends readonly TensorTree[], O extends TensorTree>(
  fn: (...inputs: I) => O,
  options: {
    readonly mode: Mode;
    readonly precision?: Precision | undefined;
    readonly name: string;
    /** How many of the first inputs a call takes over. */
    readonly reuse?: number | undefined;
  },
): CompiledOnFirstCall<I, O> {
  let compiled: Compiled<I, O> | undefined;
  function run(...inputs: I): Promise<O> {
    compiled ??= compile(fn, inputs, options);
    return compiled(...inputs);
  }
  return Object.assign(run, { dispose: () => compiled?.dispose() });
}
