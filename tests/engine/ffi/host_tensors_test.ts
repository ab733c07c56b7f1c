import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { DataType } from "../../../lib/engine/ffi/data_types.ts";
import { type RunningTensorFlow, testWithTensorFlow } from "../with_tensorflow_fixture.ts";

/** Writes values to TensorFlow and reads them back, below tfjs. */
function roundTrip(
  { binding }: RunningTensorFlow,
  shape: number[],
  dtype: number,
  values: unknown,
) {
  const id = binding.createTensor(shape, dtype, values);
  const result = binding.tensorDataSync(id);
  binding.deleteTensor(id);
  return result;
}

testWithTensorFlow("every numeric type survives a round trip to TensorFlow", (t) => {
  const handles = t.liveHandles();
  const { float32, float64, int32, int64, uint8, bool, complex64 } = DataType;
  const floats = new Float32Array([1.5, -0, NaN, Infinity]);
  assertEquals(roundTrip(t, [2, 2], float32, floats), floats);
  assertEquals(roundTrip(t, [2], float64, [0.1, 1e300]), new Float64Array([0.1, 1e300]));
  assertEquals(roundTrip(t, [3], int32, [-1, 0, 2 ** 31 - 1]), new Int32Array([-1, 0, 2147483647]));
  assertEquals(roundTrip(t, [2], int64, [-1, 2 ** 40]), new BigInt64Array([-1n, 2n ** 40n]));
  // tfjs passes int64 as pairs of int32, low word first.
  assertEquals(
    roundTrip(t, [1], int64, new Int32Array([5, -1])),
    new BigInt64Array([5n - 2n ** 32n]),
  );
  assertEquals(
    roundTrip(t, [3], uint8, new Uint8Array([0, 128, 255])),
    new Uint8Array([0, 128, 255]),
  );
  assertEquals(roundTrip(t, [3], bool, [true, false, 1]), new Uint8Array([1, 0, 1]));
  const complex = new Float32Array([1, 2, 3, 4]);
  assertEquals(roundTrip(t, [2], complex64, complex), complex);
  assertEquals(roundTrip(t, [0, 3], float32, []), new Float32Array());
  assertEquals(roundTrip(t, [], float32, [7]), new Float32Array([7]));
  assertEquals(t.liveHandles(), handles);
});

testWithTensorFlow("byte strings of every length survive a round trip", (t) => {
  const handles = t.liveHandles();
  // Up to 22 bytes lie inside TensorFlow's string, longer ones elsewhere; any byte may occur.
  const strings = [0, 1, 22, 23, 1000].map((length) => new Uint8Array(length).fill(length % 251));
  assertEquals(roundTrip(t, [5], DataType.string, strings), strings);
  const long = "x".repeat(50);
  const text = tf.tensor2d([["ä", "梯子"], ["", long]]);
  const twice = tf.concat([text, text], 1);
  assertEquals(twice.shape, [2, 4]);
  const row = ["ä", "梯子", "ä", "梯子"];
  assertEquals(Array.from(twice.dataSync(), String), [...row, "", long, "", long]);
  tf.dispose([text, twice]);
  assertEquals(t.liveHandles(), handles);
});

testWithTensorFlow("string tensors are freed by TensorFlow", ({ binding }) => {
  const megabyte = [new Uint8Array(1 << 20)];
  function resident() {
    return Number(/VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))?.[1]) / 1024;
  }
  for (let i = 0; i < 100; i++) {
    binding.deleteTensor(binding.createTensor([1], DataType.string, megabyte));
  }
  const before = resident();
  for (let i = 0; i < 400; i++) {
    binding.deleteTensor(binding.createTensor([1], DataType.string, megabyte));
  }
  // 400 MiB were written; the garbage collector may keep some of the host's copies.
  assert(resident() - before < 250, `grew by ${resident() - before} MiB`);
});

testWithTensorFlow("tfjs reads bool, int32, complex64 and float32 tensors as its own types", () => {
  tf.tidy(() => {
    assertEquals(tf.tensor1d([1, 0], "bool").logicalNot().dataSync(), new Uint8Array([0, 1]));
    assertEquals(
      tf.tensor1d([3, 4], "int32").mul(tf.scalar(2, "int32")).dataSync(),
      new Int32Array([6, 8]),
    );
    const complex = tf.complex([1, 2], [3, 4]);
    assertEquals(tf.imag(complex).dataSync(), new Float32Array([3, 4]));
    assertEquals(complex.dataSync(), new Float32Array([1, 3, 2, 4]));
    assertEquals(tf.cast([1.7, -1.7], "int32").dataSync(), new Int32Array([1, -1]));
  });
});

testWithTensorFlow("a resource handle can be made, read as bytes, and deleted", ({ binding }) => {
  const attributes = [{ name: "shared_name", type: binding.TF_ATTR_STRING, value: "test" }];
  const [writer] = binding.executeOp("SummaryWriter", attributes, [], 1);
  assertEquals(writer!.dtype, DataType.resource);
  assert((binding.tensorDataSync(writer!.id) as Uint8Array).length > 0);
  binding.deleteTensor(writer!.id);
});

testWithTensorFlow("values that do not fill the shape are refused", (t) => {
  const handles = t.liveHandles();
  const error = assertThrows(
    () => t.binding.createTensor([2, 2], DataType.float32, new Float32Array(3)),
    Error,
  );
  assertStringIncludes(error.message, "float32 [2, 2]");
  assertStringIncludes(error.message, "found 3 values, expected 4");
  assertThrows(() => t.binding.createTensor([2], DataType.string, [new Uint8Array()]), Error);
  assertEquals(t.liveHandles(), handles);
});
