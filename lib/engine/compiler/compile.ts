import * as tf from "@tensorflow/tfjs";
import type { Precision } from "../tfjs/precision.ts";
import {
  type Leaf,
  leavesOf,
  newestTensor,
  type Structure,
  structureOf,
  type TensorTree,
  treeOf,
} from "./tree.ts";

export type { Precision, TensorTree };

/**
 * How a compiled function runs: as one TensorFlow graph, as that graph compiled by XLA (slow to
 * start, fastest then), or op by op.
 */
export type Mode = "xla" | "graph" | "eager";

/**
 * A function that `compile` made. It borrows its inputs until its promise settles; its outputs belong
 * to the caller.
 */
export interface Compiled<I extends readonly TensorTree[], O extends TensorTree> {
  (...inputs: I): Promise<O>;
  /** How it runs; `eager` on every backend but TensorFlow. */
  readonly mode: Mode;
  /** Number of ops in the graph, constants apart; 0 where there is no graph. */
  readonly operations: number;
  /** Frees the graph and the tensors that it captured. */
  dispose(): void;
}

/** What compiles functions for the backend that runs; see {@linkcode registerCompiler}. */
export interface NativeCompiler {
  /** Records `fn` and makes one op of it. */
  compile<I extends readonly TensorTree[]>(
    fn: (...inputs: I) => TensorTree,
    examples: I,
    options: {
      readonly name: string;
      readonly precision: Precision;
      readonly xla: boolean;
      /** Leaves of the inputs that a call takes over, and whose memory becomes that of outputs. */
      readonly reused?: ReadonlySet<number>;
    },
  ): NativeFunction;
  /** Runs `body` op by op with matrix products in this precision. */
  inPrecision<T>(precision: Precision, body: () => T): T;
}

/** A function that runs as one op. */
export interface NativeFunction {
  /** Takes and gives tensors in the order of their trees' leaves. */
  run(inputs: readonly tf.Tensor[]): Promise<tf.Tensor[]>;
  /** Structure of the outputs. */
  readonly structure: Structure;
  /** Number of ops in the graph, constants apart. */
  readonly operations: number;
  /** Frees the graph and the tensors that it captured. */
  dispose(): void;
}

let selectCompiler: () => NativeCompiler | undefined = () => undefined;

/**
 * Makes `compile` ask `select` for a compiler at each call. An engine that compiles registers itself when it
 * starts; until then, and in runtimes without one, functions run op by op. So this file needs no engine.
 */
export function registerCompiler(select: () => NativeCompiler | undefined): void {
  selectCompiler = select;
}

/**
 * Turns a pure function of tensors into one that runs as a whole, on another thread.
 *
 * The function is called once, now, with symbolic tensors of the types and shapes of `examples`;
 * the ops that it runs, gradients included, become a TensorFlow graph. It must be pure: no reading
 * of tensors, no random numbers, no variables. Tensors from outside that it uses are held, with their
 * present values, until `dispose()`. XLA compiles at the first call, and once for all functions of a process
 * whose graphs are equal: a cell of a notebook that runs again does not wait for it.
 *
 * @param fn Takes and returns trees: tensors in nested arrays and objects.
 * @param examples Tensors of the types and shapes of the inputs; their values do not matter.
 * @param options `mode` (default `graph`); `precision` (default `float32`; `bfloat16` rounds the
 *   operands of matrix products, in all modes); `name` for messages (default: the name of `fn`); `reuse`, how
 *   many of the first inputs a call takes over: they are gone afterwards, and `xla` writes outputs of their
 *   shapes where they were (default: none).
 * @throws {EngineError} Where an op fails, a tensor is read or the function is not pure, with the
 *   caller's line.
 * @throws {Error} From a call, where an input of a call differs from its example.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { compile, startEngine } from "@hashigo/hashigo/engine";
 * await startEngine();
 * const x = tf.tensor1d([1, 2, 3]);
 * const slope = compile((x: tf.Tensor) => tf.grad((x) => x.square().sum())(x), [x]);
 * const result = await slope(x);
 * if (result.dataSync()[2] !== 6) throw new Error("The slope of x² at 3 is 6");
 * tf.dispose([x, result]);
 * slope.dispose();
 * ```
 */
export function compile<I extends readonly TensorTree[], O extends TensorTree>(
  fn: (...inputs: I) => O,
  examples: NoInfer<I>,
  options: {
    readonly mode?: Mode | undefined;
    readonly precision?: Precision | undefined;
    readonly name?: string | undefined;
    readonly reuse?: number | undefined;
  } = {},
): Compiled<I, O> {
  const compiler = selectCompiler();
  const name = options.name ?? (fn.name || "function");
  const precision = options.precision ?? "float32";
  const mode = options.mode ?? "graph";
  const checkInputs = inputChecker(name, examples);
  const taken = examples.slice(0, options.reuse ?? 0);
  const takenLeaves = leavesOf(taken, structureOf(taken)).length;
  if (compiler === undefined || mode === "eager") {
    return runEagerly(fn, { compiler, checkInputs, precision, takenLeaves });
  }
  const native = compiler.compile(fn, examples, {
    ...{ name, precision, xla: mode === "xla" },
    reused: new Set(Array.from({ length: takenLeaves }, (_, i) => i)),
  });
  const { structure, operations } = native;
  async function run(...inputs: I): Promise<O> {
    const outputs = await native.run(checkInputs(inputs).map(({ tensor }) => tensor));
    return treeOf(structure, outputs) as O;
  }
  return Object.assign(run, { mode, operations, dispose: () => native.dispose() });
}

/** Runs `fn` op by op and leaves nothing but its outputs. */
function runEagerly<I extends readonly TensorTree[], O extends TensorTree>(
  fn: (...inputs: I) => O,
  options: {
    compiler: NativeCompiler | undefined;
    checkInputs: (inputs: I) => Leaf[];
    precision: Precision;
    /** How many of the first tensors a call disposes of. */
    takenLeaves: number;
  },
): Compiled<I, O> {
  const { compiler, checkInputs, precision, takenLeaves } = options;
  function call(inputs: I): O {
    const passed = new Set(checkInputs(inputs).map(({ tensor }) => tensor));
    return tf.tidy(() => {
      const first = newestTensor();
      const result = fn(...inputs);
      const structure = structureOf(result);
      // The outputs belong to the caller, so an input or a tensor of outside is passed on as a copy.
      const outputs = leavesOf(result, structure).map(({ tensor }) =>
        passed.has(tensor) || tensor.id <= first ? tensor.clone() : tensor
      );
      return treeOf(structure, outputs) as O & tf.TensorContainer;
    });
  }
  // deno-lint-ignore require-await -- async, so that errors come with the promise in every mode
  async function run(...inputs: I): Promise<O> {
    const outputs = compiler === undefined
      ? call(inputs)
      : compiler.inPrecision(precision, () => call(inputs));
    checkInputs(inputs).slice(0, takenLeaves).forEach(({ tensor }) => tensor.dispose());
    return outputs;
  }
  return Object.assign(run, { mode: "eager" as const, operations: 0, dispose: () => {} });
}

/** Makes the check of a call's inputs against the examples. */
function inputChecker<I extends readonly TensorTree[]>(
  name: string,
  examples: NoInfer<I>,
): (inputs: I) => Leaf[] {
  const structure = structureOf(examples);
  const expected = leavesOf(examples, structure).map(({ tensor }) => describe(tensor));
  return (inputs) => {
    const leaves = leavesOf(inputs, structure);
    leaves.forEach(({ path, tensor }, index) => {
      const description = describe(tensor);
      if (description === expected[index]) return;
      throw new Error(
        `Cannot run ${name}: input "${path}" is ${description}, but it was compiled for ` +
          `${expected[index]}. Pass that, or compile again with an example of the new shape`,
      );
    });
    return leaves;
  };
}

function describe(tensor: tf.Tensor): string {
  return `${tensor.dtype} [${tensor.shape.join(", ")}]`;
}
