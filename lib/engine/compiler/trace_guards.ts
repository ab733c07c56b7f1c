import * as tf from "@tensorflow/tfjs";
import { callerLine } from "./caller.ts";
import { EngineError } from "../ffi/runtime.ts";
import { newestTensor } from "./tree.ts";

/** The parts of tfjs's engine, beyond its public interface, that tracing uses. */
interface TfjsEngine {
  keep(tensor: tf.Tensor): tf.Tensor;
  makeVariable(...parameters: unknown[]): tf.Variable;
  startScope(name: string): void;
  endScope(): void;
  state: { gradientDepth: number; activeTape: unknown };
}

/** tfjs's engine, of which there is one. */
function tfjsEngine(): TfjsEngine {
  return tf.engine() as unknown as TfjsEngine;
}

/** Whether tfjs is recording ops for a gradient just now. */
export function isDifferentiating(): boolean {
  return tfjsEngine().state.gradientDepth > 0;
}

/**
 * Runs `trace` in a scope that leaves no tensor behind, kept or not, whether it returns or throws.
 * Meanwhile a random number or a change of a variable is an error: the compiled function would
 * repeat the same number for ever, or change nothing.
 */
export function guarded<T>(trace: () => T): T {
  const engine = tfjsEngine();
  const kept: tf.Tensor[] = [];
  const first = newestTensor();
  const { keep, makeVariable } = engine;
  const { random } = Math;
  const { assign } = tf.Variable.prototype;
  engine.keep = (tensor) => {
    if (tensor.id > first) kept.push(tensor);
    return keep.call(engine, tensor);
  };
  engine.makeVariable = () => impure("make a variable", "Pass tensors as inputs");
  tf.Variable.prototype.assign = () =>
    impure("assign to a variable", "Return the new value as an output");
  Math.random = () =>
    impure("draw a random number", "Draw it outside and pass it as an input, or give a seed");
  engine.startScope("trace");
  let done = false;
  try {
    const result = trace();
    done = true;
    return result;
  } finally {
    engine.endScope();
    for (const tensor of kept) tensor.dispose();
    // An exception within a gradient leaves its tape standing.
    if (!done && engine.state.gradientDepth === 0) engine.state.activeTape = null;
    engine.keep = keep;
    engine.makeVariable = makeVariable;
    tf.Variable.prototype.assign = assign;
    Math.random = random;
  }
}

function impure(attempt: string, advice: string): never {
  throw new EngineError(
    `Cannot ${attempt} at ${callerLine()}: a function that is being compiled must be pure. ` +
      advice,
  );
}
