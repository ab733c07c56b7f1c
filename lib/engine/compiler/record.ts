import { callerLine } from "./caller.ts";
import { CompiledFunction } from "./compiled_function.ts";
import { DataType } from "../ffi/data_types.ts";
import type { KernelBackend } from "../tfjs/kernel_backend.ts";
import type { Precision } from "../tfjs/precision.ts";
import { EngineError } from "../ffi/runtime.ts";
import { Trace } from "./trace.ts";
import { guarded, isDifferentiating } from "./trace_guards.ts";
import { leavesOf, type Structure, structureOf, type TensorTree, treeOf } from "./tree.ts";

/** Records `fn` as a graph and makes a TensorFlow function of it. */
export function record<I extends readonly TensorTree[]>(
  backend: KernelBackend,
  fn: (...inputs: I) => TensorTree,
  examples: I,
  options: { name: string; precision: Precision; xla: boolean; reused?: ReadonlySet<number> },
): { native: CompiledFunction; structure: Structure; operations: number } {
  const { binding } = backend;
  const { name, precision, xla, reused } = options;
  refuseWithin(backend, name);
  const recording = new Trace(binding.runtime);
  const inputStructure = structureOf(examples);
  try {
    return guarded(() =>
      withBinding(backend, { trace: recording, precision }, () => {
        const symbols = leavesOf(examples, inputStructure).map(
          ({ tensor: { shape, dtype } }, i) => {
            const type = DataType[dtype];
            return backend.createOutputTensor(
              reused?.has(i) ? recording.variable(shape, type) : recording.input(shape, type),
            );
          },
        );
        const result = fn(...treeOf(inputStructure, symbols) as unknown as I);
        const structure = structureOf(result);
        const tensors = leavesOf(result, structure).map(({ tensor }) => tensor);
        const outputs = backend.getInputTensorIds(tensors).map((id) => recording.node(id));
        const native = new CompiledFunction(binding.runtime, name, recording, outputs, { xla });
        return { native, structure, operations: recording.operations };
      })
    );
  } finally {
    recording.releaseCaptures();
    recording.close();
  }
}

/** Compiled functions know nothing of a graph or a gradient that is being recorded around them. */
export function refuseWithin(backend: KernelBackend, name: string): void {
  if (backend.binding.trace === undefined && !isDifferentiating()) return;
  throw new EngineError(
    `Cannot compile or run ${name} at ${callerLine()}: a compiled function cannot stand inside ` +
      `another one or inside a gradient. Call the plain function there`,
  );
}

/** Runs `body` while the binding records or rounds, and puts it back afterwards. */
export function withBinding<T>(
  backend: KernelBackend,
  setting: { trace?: Trace; precision: Precision },
  body: () => T,
): T {
  const { binding } = backend;
  const { trace, precision } = binding;
  binding.trace = setting.trace;
  binding.precision = setting.precision;
  try {
    return body();
  } finally {
    binding.dropCasts();
    binding.trace = trace;
    binding.precision = precision;
  }
}
