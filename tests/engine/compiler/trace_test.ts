import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { compile, type TensorTree } from "../../../lib/engine/compiler/compile.ts";
import { EngineError } from "../../../lib/engine/ffi/runtime.ts";
import { type RunningTensorFlow, testWithTensorFlow } from "../with_tensorflow_fixture.ts";

/** Runs `body`, which must leave as many tensors as it found, in tfjs and in TensorFlow. */
async function leavesNothing(
  t: RunningTensorFlow,
  body: () => void | Promise<void>,
): Promise<void> {
  const tensors = tf.memory().numTensors, buffers = tf.memory().numDataBuffers;
  const handles = t.liveHandles();
  await body();
  assertEquals(tf.memory().numTensors, tensors, "tensors of tfjs");
  assertEquals(tf.memory().numDataBuffers, buffers, "data buffers of tfjs");
  assertEquals(t.liveHandles(), handles, "handles of TensorFlow");
}

/** Compiling `fn` must fail, leave nothing behind, and name this file; returns the message. */
async function refusal(t: RunningTensorFlow, fn: (x: tf.Tensor) => TensorTree): Promise<string> {
  const x = tf.tensor1d([1, 2, 3]);
  x.neg().dispose(); // hands the values over to TensorFlow
  let message = "";
  await leavesNothing(t, () => {
    message = assertThrows(() => compile(fn, [x]), EngineError).message;
  });
  x.dispose();
  return message;
}

testWithTensorFlow("reading a traced tensor is an error that names this file's line", async (t) => {
  const reads: ((x: tf.Tensor) => TensorTree)[] = [
    (x) => tf.scalar(x.square().dataSync()[0]!),
    (x) => tf.tidy(() => tf.scalar(x.arraySync() as number)),
    (x) => tf.grad((x) => x.mul(x.sum().dataSync()[0]!).sum())(x),
  ];
  for (const read of reads) {
    const message = await refusal(t, read);
    assertMatch(
      message,
      /Cannot read .*float32 \[3?\].*tests\/engine\/compiler\/trace_test\.ts:\d+/,
    );
  }
  const line = Number(/trace_test\.ts:(\d+)/.exec(await refusal(t, reads[0]!))?.[1]);
  const source = Deno.readTextFileSync(new URL(import.meta.url)).split("\n");
  assertStringIncludes(source[line - 1]!, "x.square().dataSync()");
});

testWithTensorFlow("random numbers and variables are errors while tracing", async (t) => {
  const outside = tf.variable(tf.scalar(1));
  await leavesNothing(t, async () => {
    for (
      const [fn, expected] of [
        [(x: tf.Tensor) => x.add(tf.randomUniform([3])), "draw a random number"],
        [(x: tf.Tensor) => tf.dropout(x, 0.5), "draw a random number"],
        [(x: tf.Tensor) => tf.multinomial(x as tf.Tensor1D, 2), "random number"],
        [(x: tf.Tensor) => tf.multinomial(x as tf.Tensor1D, 2, 7), "Multinomial"],
        [(x: tf.Tensor) => x.add(tf.variable(tf.scalar(1))), "make a variable"],
        [(x: tf.Tensor) => (outside.assign(tf.scalar(2)), x), "assign to a variable"],
      ] as const
    ) {
      const message = await refusal(t, fn);
      assertStringIncludes(message, expected);
      assertMatch(message, /trace_test\.ts:\d+/);
    }
  });
  assertEquals(outside.dataSync()[0], 1);
  outside.assign(tf.scalar(3)); // allowed again
  assert(Math.random() !== Math.random());
  outside.dispose();
});

testWithTensorFlow(
  "an op that fails while traced names itself, its shapes and the line",
  async (t) => {
    const { binding } = t;
    const message = await refusal(t, (x) => {
      const [id] = [binding.createTensor([2, 2], 1, new Float32Array(4))];
      const other = binding.createTensor([3, 3], 1, new Float32Array(9));
      binding.executeOp("MatMul", [{ name: "T", type: 4, value: 1 }], [id!, other], 1);
      return x;
    });
    assertStringIncludes(message, "MatMul(float32 [2, 2], float32 [3, 3])");
    assertMatch(message, /trace_test\.ts:\d+/);
  },
);

testWithTensorFlow("an exception of the function passes through and leaves nothing", async (t) => {
  const x = tf.tensor1d([1, 2]);
  await leavesNothing(t, () => {
    for (
      const fn of [
        (x: tf.Tensor) => {
          tf.keep(x.square());
          throw new RangeError("mine");
        },
        (x: tf.Tensor) =>
          tf.grad((y) => {
            y.square().mul(y);
            throw new RangeError("mine");
          })(x),
      ]
    ) {
      assertEquals(assertThrows(() => compile(fn, [x]), RangeError).message, "mine");
    }
  });
  assertEquals(tf.grad((y) => y.square().sum())(x).dataSync(), new Float32Array([2, 4]));
  x.dispose();
});

testWithTensorFlow("tensors from outside are held with their values until dispose", async (t) => {
  const x = tf.tensor1d([1, 2]);
  const used = tf.tensor1d([10, 20]);
  used.neg().dispose();
  const unused = tf.tensor1d([100, 200]); // its values have not been handed over yet
  const handles = t.liveHandles();
  const compiled = compile((x: tf.Tensor) => x.add(used).add(unused), [x]);
  const later = unused.add(1); // and can be used outside as ever
  assertEquals(later.dataSync(), new Float32Array([101, 201]));
  tf.dispose([used, unused, later]);
  const result = await compiled(x);
  assertEquals(result.dataSync(), new Float32Array([111, 222]));
  result.dispose();
  compiled.dispose();
  compiled.dispose();
  await assertRejects(() => compiled(x), Error, "disposed");
  assert(t.liveHandles() <= handles);
  x.dispose();
});

testWithTensorFlow(
  "constants may be read while tracing, and kept tensors are released",
  async (t) => {
    const x = tf.tensor1d([1, 2, 3]);
    x.neg().dispose(); // hands the values over to TensorFlow
    await leavesNothing(t, async () => {
      const compiled = compile((x: tf.Tensor) => {
        const indices = tf.tensor1d([2, 0], "int32");
        tf.keep(x.square());
        return x.gather(indices).mul(
          indices.sum().cast("float32").mul(0).add(indices.dataSync()[0]!),
        );
      }, [x]);
      const result = await compiled(x);
      assertEquals(result.dataSync(), new Float32Array([6, 2]));
      result.dispose();
      compiled.dispose();
    });
    x.dispose();
  },
);

testWithTensorFlow(
  "a compiled function within another or within a gradient is refused",
  async (t) => {
    const x = tf.tensor1d([1, 2]);
    const inner = compile((x: tf.Tensor) => x.square(), [x]);
    let calls: Promise<unknown>[] = [];
    await leavesNothing(t, () => {
      const message = assertThrows(
        () => compile((x: tf.Tensor) => compile((x: tf.Tensor) => x, [x]) && x, [x]),
        EngineError,
      ).message;
      assertStringIncludes(message, "inside");
      const outer = compile((x: tf.Tensor) => (calls = [inner(x)], x), [x]);
      outer.dispose();
    });
    await assertRejects(() => calls[0]!, EngineError, "inside");
    inner.dispose();
    x.dispose();
  },
);

testWithTensorFlow("a result whose shape depends on values is refused", async (t) => {
  const message = await refusal(t, (x) => tf.unique(x).indices);
  assertMatch(message, /UniqueV2\(float32 \[3\].*trace_test\.ts:\d+.*depends on values/);
});
