/**
 * Every kernel that tfjs-node-gpu registers runs on TensorFlow with the values, and the
 * gradients where tfjs has one, of tfjs's own `cpu` backend; eager and compiled.
 */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { compile } from "../../lib/engine/compiler/compile.ts";
import { elementwiseCases } from "./kernels/elementwise_cases_fixture.ts";
import { imageCases } from "./kernels/image_cases_fixture.ts";
import type { Input, KernelCase } from "./kernels/kernel_case_fixture.ts";
import { reductionCases } from "./kernels/reduction_cases_fixture.ts";
import { shapeCases } from "./kernels/shape_cases_fixture.ts";
import { testWithTensorFlow } from "./with_tensorflow_fixture.ts";

const cases = [...elementwiseCases, ...reductionCases, ...shapeCases, ...imageCases];

/** Registered kernels without a case, and why. */
const notCompared: Readonly<Record<string, string>> = {
  Multinomial: "draws at random, from another generator than the cpu backend's; see below",
  ...Object.fromEntries(
    ["ReluGrad", "Relu6Grad", "BiasAdd", "BiasAddGrad", "L2Loss"].map((name) => [
      name,
      "TensorFlow's own, which tfjs has not; tests/nn/convolutional and tests/tensors hold it by differences",
    ]),
  ),
};

const executed = new Set<string>();

/** Notes which kernels of the TensorFlow backend run. */
function watchKernels(): void {
  for (const kernel of tf.getKernelsForBackend("tensorflow")) {
    const { kernelName, kernelFunc } = kernel;
    kernel.kernelFunc = (call) => {
      executed.add(kernelName);
      return kernelFunc(call);
    };
  }
}

type Run = (...inputs: tf.Tensor[]) => tf.Tensor[];

/** The results of a case as a list. */
function results({ run }: KernelCase): Run {
  return (...inputs) => {
    const result = run(...inputs);
    return Array.isArray(result) ? result : [result];
  };
}

/** The gradients for all float32 inputs of a weighted sum of all results. */
function gradients(test: KernelCase): Run {
  const run = results(test);
  return (...inputs) => {
    const variable = inputs.filter(({ dtype }) => dtype === "float32");
    function loss(...values: tf.Tensor[]): tf.Scalar {
      const rest = [...values];
      const operands = inputs.map((input) => input.dtype === "float32" ? rest.shift()! : input);
      const sums = run(...operands).map((result) => {
        const weights = Array.from({ length: result.size }, (_, i) => Math.cos(i + 1));
        return result.cast("float32").mul(tf.tensor(weights, result.shape)).sum();
      });
      return tf.addN(sums) as tf.Scalar;
    }
    return tf.grads(loss)(variable);
  };
}

function makeTensor({ values, shape, dtype }: Input): tf.Tensor {
  return tf.tensor([...values] as number[], [...shape], dtype);
}

/** Results of a run on a backend, as plain arrays. */
async function evaluate(backend: string, run: Run, { inputs }: KernelCase, compiled = false) {
  await tf.setBackend(backend);
  const tensors = inputs.map(makeTensor);
  let outputs: tf.Tensor[];
  if (compiled) {
    const function_ = compile((tensors: tf.Tensor[]) => tf.tidy(() => run(...tensors)), [tensors]);
    outputs = await function_(tensors);
    function_.dispose();
  } else {
    outputs = tf.tidy(() => run(...tensors));
  }
  const values = outputs.map((output) => ({
    shape: output.shape,
    dtype: output.dtype,
    values: Array.from(output.dataSync() as ArrayLike<number | string>),
  }));
  tf.dispose([tensors, outputs]);
  return values;
}

type Values = Awaited<ReturnType<typeof evaluate>>;

function assertClose(actual: Values, expected: Values, tolerance: number): void {
  assertEquals(actual.length, expected.length);
  actual.forEach((output, index) => {
    const other = expected[index]!;
    assertEquals([output.shape, output.dtype], [other.shape, other.dtype]);
    output.values.forEach((value, at) => {
      const target = other.values[at]!;
      if (Object.is(value, target) || value === target) return;
      const difference = Math.abs(Number(value) - Number(target));
      const limit = tolerance * Math.max(1, Math.abs(Number(target)));
      assert(difference <= limit, `result ${index}, element ${at}: ${value}, expected ${target}`);
    });
  });
}

/** Whether the gradients of a case are compared. */
function hasGradient(test: KernelCase): boolean {
  return test.noGradient === undefined && test.inputs.some(({ dtype }) => dtype === "float32");
}

cases.forEach((test, index) => {
  testWithTensorFlow(`kernel ${index}: ${test.kernels.join(", ")}`, async () => {
    if (index === 0) watchKernels();
    const tolerance = test.tolerance ?? 1e-4;
    executed.clear();
    try {
      for (const run of hasGradient(test) ? [results(test), gradients(test)] : [results(test)]) {
        const expected = await evaluate("cpu", run, test);
        assertClose(await evaluate("tensorflow", run, test), expected, tolerance);
        if (test.notCompiled !== undefined) continue;
        assertClose(await evaluate("tensorflow", run, test, true), expected, tolerance);
      }
      for (const kernel of test.kernels) assert(executed.has(kernel), `${kernel} did not run`);
    } finally {
      await tf.setBackend("tensorflow");
    }
  });
});

testWithTensorFlow("every registered kernel has a case or a reason", () => {
  const covered = new Set([
    ...cases.flatMap(({ kernels }) => kernels),
    ...Object.keys(notCompared),
  ]);
  const registered = tf.getKernelsForBackend("tensorflow").map(({ kernelName }) => kernelName);
  assertEquals(registered.filter((name) => !covered.has(name)), []);
  assertEquals([...covered].filter((name) => !registered.includes(name)), []);
});

testWithTensorFlow("Multinomial draws every class about as often as its probability", () => {
  const counts = tf.tidy(() => {
    const draws = tf.multinomial(tf.log([0.2, 0.3, 0.5]) as tf.Tensor1D, 2000, 7);
    return tf.bincount(draws as tf.Tensor1D, tf.tensor1d([]), 3).dataSync();
  });
  [400, 600, 1000].forEach((expected, index) => {
    assert(Math.abs(counts[index]! - expected) < 100, `class ${index}: ${counts[index]}`);
  });
});
