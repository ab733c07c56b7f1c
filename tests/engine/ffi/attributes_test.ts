import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { AttributeType } from "../../../lib/engine/ffi/attributes.ts";
import { DataType } from "../../../lib/engine/ffi/data_types.ts";
import { EngineError } from "../../../lib/engine/ffi/runtime.ts";
import { type RunningTensorFlow, testWithTensorFlow } from "../with_tensorflow_fixture.ts";

const { float32, int32, string, bool } = DataType;

/** Runs an op on fresh inputs and reads its first output. */
function run(
  { binding }: RunningTensorFlow,
  op: string,
  attributes: { name: string; type: number; value: unknown }[],
  inputs: { shape: number[]; dtype: number; values: unknown }[],
  outputs = 1,
) {
  const ids = inputs.map(({ shape, dtype, values }) => binding.createTensor(shape, dtype, values));
  try {
    const results = binding.executeOp(op, attributes, ids, outputs);
    const values = results.map(({ id }) => binding.tensorDataSync(id));
    results.forEach(({ id }) => binding.deleteTensor(id));
    return { shape: results[0]?.shape, values: values[0], all: values };
  } finally {
    ids.forEach((id) => binding.deleteTensor(id));
  }
}

const vector = { shape: [4], dtype: float32, values: [1, 2, 3, 4] };

testWithTensorFlow("int, bool and type attributes reach the op", (t) => {
  const attributes = [
    { name: "T", type: AttributeType.type, value: float32 },
    { name: "exclusive", type: AttributeType.bool, value: true },
    { name: "reverse", type: AttributeType.bool, value: true },
    { name: "Tidx", type: AttributeType.type, value: int32 },
  ];
  const axis = { shape: [], dtype: int32, values: [0] };
  assertEquals(run(t, "Cumsum", attributes, [vector, axis]).values, new Float32Array([9, 7, 4, 0]));
  const picked = run(t, "OneHot", [
    { name: "axis", type: AttributeType.int, value: 0 },
    { name: "T", type: AttributeType.type, value: float32 },
    { name: "TI", type: AttributeType.type, value: int32 },
  ], [
    { shape: [1], dtype: int32, values: [1] },
    { shape: [], dtype: int32, values: [3] },
    { shape: [], dtype: float32, values: [5] },
    { shape: [], dtype: float32, values: [-5] },
  ]);
  assertEquals(picked.shape, [3, 1]);
  assertEquals(picked.values, new Float32Array([-5, 5, -5]));
});

testWithTensorFlow("float, string and int-list attributes reach the op", (t) => {
  const type = { name: "T", type: AttributeType.type, value: float32 };
  const alpha = { name: "alpha", type: AttributeType.float, value: 0.25 };
  const negative = { shape: [1], dtype: float32, values: [-2] };
  assertEquals(run(t, "LeakyRelu", [type, alpha], [negative]).values, new Float32Array([-0.5]));
  const pooled = run(t, "MaxPool", [
    type,
    { name: "ksize", type: AttributeType.int, value: [1, 1, 2, 1] },
    { name: "strides", type: AttributeType.int, value: [1, 1, 2, 1] },
    { name: "padding", type: AttributeType.string, value: "VALID" },
  ], [{ shape: [1, 1, 4, 1], dtype: float32, values: [1, 5, 3, 2] }]);
  assertEquals(pooled.shape, [1, 1, 2, 1]);
  assertEquals(pooled.values, new Float32Array([5, 3]));
});

testWithTensorFlow("shape, float-list, type-list and string-list attributes reach the op", (t) => {
  const unfilled = run(t, "_ParallelConcatStart", [
    { name: "dtype", type: AttributeType.type, value: float32 },
    { name: "shape", type: AttributeType.shape, value: [2, 3] },
  ], []);
  assertEquals(unfilled.shape, [2, 3]);
  const boundaries = { name: "boundaries", type: AttributeType.float, value: [0.5, 2.5] };
  const type = { name: "T", type: AttributeType.type, value: float32 };
  assertEquals(
    run(t, "Bucketize", [type, boundaries], [vector]).values,
    new Int32Array([1, 1, 2, 2]),
  );
  const identity = [{ name: "T", type: AttributeType.type, value: [float32, bool] }];
  const flags = { shape: [1], dtype: bool, values: [1] };
  const both = run(t, "IdentityN", identity, [vector, flags], 2).all;
  assertEquals(both, [new Float32Array([1, 2, 3, 4]), new Uint8Array([1])]);
  // DecodeCSV reads its columns' types from a list; select_cols is a list of ints.
  const csv = run(t, "DecodeCSV", [
    { name: "OUT_TYPE", type: AttributeType.type, value: [float32, int32] },
    { name: "select_cols", type: AttributeType.int, value: [0, 2] },
  ], [
    { shape: [1], dtype: string, values: [new TextEncoder().encode("1.5,x,7")] },
    { shape: [1], dtype: float32, values: [0] },
    { shape: [1], dtype: int32, values: [0] },
  ], 2).all;
  assertEquals(csv, [new Float32Array([1.5]), new Int32Array([7])]);
  // TensorShapeProto { bool unknown_rank = 3 }
  const decoded = run(
    t,
    "DecodeProtoV2",
    [
      { name: "message_type", type: AttributeType.string, value: "tensorflow.TensorShapeProto" },
      { name: "field_names", type: AttributeType.string, value: ["unknown_rank"] },
      { name: "output_types", type: AttributeType.type, value: [bool] },
    ],
    [{ shape: [1], dtype: string, values: [Uint8Array.of(0x18, 1)] }],
    2,
  ).all;
  assertEquals(decoded[1], new Uint8Array([1]));
});

testWithTensorFlow("an error names the op and the types and shapes of its inputs", (t) => {
  const handles = t.liveHandles();
  const type = { name: "T", type: AttributeType.type, value: float32 };
  const matrix = (rows: number, columns: number) => ({
    shape: [rows, columns],
    dtype: float32,
    values: new Float32Array(rows * columns),
  });
  const mismatch = assertThrows(
    () => run(t, "MatMul", [type], [matrix(2, 3), matrix(4, 5)]),
    EngineError,
  );
  assertStringIncludes(mismatch.message, "MatMul(float32 [2, 3], float32 [4, 5])");
  const unknown = assertThrows(() => run(t, "NoSuchOp", [], [matrix(1, 1)]), EngineError);
  assertStringIncludes(unknown.message, "NoSuchOp(float32 [1, 1])");
  const kind = { name: "T", type: 99, value: 1 };
  assertStringIncludes(
    assertThrows(() => run(t, "Neg", [kind], [matrix(1, 1)]), Error).message,
    '"T"',
  );
  assertEquals(t.liveHandles(), handles);
});

testWithTensorFlow("SavedModels and disposed tensors are refused in clear words", ({ binding }) => {
  assertStringIncludes(
    assertThrows(() => binding.loadSavedModel("folder"), EngineError).message,
    '"folder"',
  );
  assertThrows(() => binding.runSavedModel(), EngineError);
  const id = binding.createTensor([], float32, [1]);
  binding.deleteTensor(id);
  assertStringIncludes(
    assertThrows(() => binding.tensorDataSync(id), EngineError).message,
    "disposed",
  );
});
