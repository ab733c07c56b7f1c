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
  dispose(): void;
}

/** Spares the caller from making example inputs: the first real ones serve. */
export function compileLazily<I extends readonly TensorTree[], O extends TensorTree>(
  fn: (...inputs: I) => O,
  options: { readonly mode: Mode; readonly precision?: Precision; readonly name: string },
): CompiledOnFirstCall<I, O> {
  let compiled: Compiled<I, O> | undefined;
  function run(...inputs: I): Promise<O> {
    compiled ??= compile(fn, inputs, options);
    return compiled(...inputs);
  }
  return Object.assign(run, { dispose: () => compiled?.dispose() });
}
