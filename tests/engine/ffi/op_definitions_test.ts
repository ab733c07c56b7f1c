import { assert, assertEquals, assertThrows } from "@std/assert";
import { groupInputs } from "../../../lib/engine/compiler/graph.ts";
import {
  type InputDefinition,
  type OpDefinition,
  parseOpList,
} from "../../../lib/engine/ffi/op_definitions.ts";
import { fields } from "../../../lib/engine/ffi/protobuf.ts";
import { testWithTensorFlow } from "../with_tensorflow_fixture.ts";

const encoder = new TextEncoder();

/** A field of a message that holds bytes or text. */
function bytesField(number: number, content: string | readonly number[]): number[] {
  const bytes = typeof content === "string" ? [...encoder.encode(content)] : content;
  assert(bytes.length < 128, "the length must fit one byte");
  return [number * 8 + 2, bytes.length, ...bytes];
}

Deno.test("fields of every wire type are read or stepped over", () => {
  const message = Uint8Array.from([
    ...[1 * 8 + 0, 0xac, 0x02], // 300
    ...[2 * 8 + 1, 1, 2, 3, 4, 5, 6, 7, 8],
    ...[3 * 8 + 5, 1, 2, 3, 4],
    ...[0xa0, 0x01, 0xff, 0xff, 0xff, 0xff, 0x0f], // field 20: 2^32 - 1
  ]);
  const read = [...fields(message)];
  assertEquals(read.map(({ number }) => number), [1, 2, 3, 20]);
  assertEquals([read[0]!.value, read[3]!.value], [300, 2 ** 32 - 1]);
  assertEquals(read[2]!.value, Uint8Array.of(1, 2, 3, 4));
  assertThrows(() => [...fields(Uint8Array.of(8, 0x80))], Error, "ends inside");
  assertThrows(() => [...fields(Uint8Array.of(8 + 3))], Error, "wire type 3");
});

function input(name: string, lengthAttribute?: string, typesAttribute?: string): InputDefinition {
  return { name, lengthAttribute, typesAttribute };
}

Deno.test("an op definition holds inputs, attributes and state", () => {
  const list = bytesField(1, [
    ...bytesField(1, "Mix"),
    ...bytesField(2, [...bytesField(1, "values"), ...bytesField(4, "T"), ...bytesField(5, "N")]),
    ...bytesField(2, [...bytesField(1, "axis"), ...bytesField(4, "Tidx")]),
    ...bytesField(4, [...bytesField(1, "N"), ...bytesField(2, "int")]),
    ...[0x88, 0x01, 1], // is_stateful
  ]);
  assertEquals(parseOpList(Uint8Array.from(list)).get("Mix"), {
    inputs: [input("values", "N"), input("axis")],
    attributes: new Map([["N", "int"]]),
    stateful: true,
  });
});

Deno.test("a flat list of inputs is divided into single tensors and lists", () => {
  const single = { name: "x" }, list = { name: "xs", lengthAttribute: "N" };
  const types = { name: "ys", typesAttribute: "T" };
  function groups(inputs: OpDefinition["inputs"], total: number, n: unknown = 0, t: unknown = []) {
    const attributes = [{ name: "N", type: 1, value: n }, { name: "T", type: 4, value: t }];
    const definition = { inputs, attributes: new Map(), stateful: false };
    return groupInputs(definition, attributes, total).map(({ count, list }) => [count, list]);
  }
  assertEquals(groups([single, single], 2), [[1, false], [1, false]]);
  assertEquals(groups([list, single], 4), [[3, true], [1, false]]);
  assertEquals(groups([single, types], 3), [[1, false], [2, true]]);
  assertEquals(groups([list, types], 5, 2, [1, 1, 1]), [[2, true], [3, true]]);
});

testWithTensorFlow("TensorFlow's own definitions are read", ({ binding }) => {
  const definitions = binding.runtime.opDefinitions;
  assert(definitions.size > 1000);
  assertEquals(definitions.get("ConcatV2")!.inputs, [
    input("values", "N"),
    input("axis"),
  ]);
  assertEquals(definitions.get("MatMul")!.attributes.get("transpose_a"), "bool");
  assertEquals(definitions.get("IdentityN")!.inputs, [input("input", undefined, "T")]);
  assertEquals(definitions.get("RandomUniform")!.stateful, true);
  assertEquals(definitions.get("MatMul")!.stateful, false);
});
