import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  writeSafetensors,
} from "../../../lib/weights/safetensors/safetensors.ts";
import type { HostTensor } from "../../../lib/weights/host_tensor.ts";

/** A file of any header, valid or not, followed by `numbers`. */
function file(header: string | Uint8Array, numbers: Uint8Array = new Uint8Array()): Uint8Array {
  const json = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + json.length + numbers.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(numbers, 8 + json.length);
  return bytes;
}

const entry = (from: number, to: number, shape = [to - from], dtype = "U8") =>
  JSON.stringify({ dtype, shape, data_offsets: [from, to] });

Deno.test("what was written is read back, in every element type", () => {
  const tensors = new Map<string, HostTensor>([
    ["u8", { shape: [3], data: Uint8Array.of(1, 2, 255) }],
    ["f32", { shape: [1, 2], data: Float32Array.of(-0.1, 1e30) }],
    ["i64", { shape: [], data: BigInt64Array.of(-(2n ** 60n)) }],
    ["i32", { shape: [2], data: Int32Array.of(-5, 2 ** 30) }],
    ["f64", { shape: [1], data: Float64Array.of(Math.PI) }],
    ["empty", { shape: [0, 4], data: new Float32Array() }],
  ]);
  const { tensors: decoded, metadata } = decodeSafetensors(
    encodeSafetensors(tensors, { recipe: "{}", a: "ü" }),
  );
  assertEquals(metadata, { a: "ü", recipe: "{}" });
  assertEquals([...decoded.keys()], [...tensors.keys()].sort());
  for (const [name, { shape, data }] of tensors) {
    assertEquals(decoded.get(name)?.shape, shape);
    assertEquals(decoded.get(name)?.data, data);
  }
});

Deno.test("equal content gives equal bytes, whatever the order", () => {
  const a = { shape: [1], data: Float32Array.of(1) };
  const b = { shape: [2], data: Uint8Array.of(1, 2) };
  const c = { shape: [1], data: Float32Array.of(3) };
  const first = encodeSafetensors(new Map<string, HostTensor>([["c", c], ["b", b], ["a", a]]), {
    x: "1",
    y: "2",
  });
  const second = encodeSafetensors(new Map<string, HostTensor>([["a", a], ["b", b], ["c", c]]), {
    y: "2",
    x: "1",
  });
  assertEquals(first, second);
  assertEquals(new DataView(first.buffer).getBigUint64(0, true) % 8n, 0n);
});

Deno.test("half-precision numbers are widened", () => {
  // 1.5, -2 and the smallest subnormal in float16; 1.5 and -2 in bfloat16.
  const numbers = new Uint8Array(Uint16Array.of(0x3e00, 0xc000, 0x0001, 0x3fc0, 0xc000).buffer);
  const header = `{"h":${entry(0, 6, [3], "F16")},"b":${entry(6, 10, [2], "BF16")}}`;
  const { tensors } = decodeSafetensors(file(header, numbers));
  assertEquals(tensors.get("h")?.data, Float32Array.of(1.5, -2, 2 ** -24));
  assertEquals(tensors.get("b")?.data, Float32Array.of(1.5, -2));
});

Deno.test("short integers and truth values are widened, and a text may have any name", () => {
  const numbers = Uint8Array.of(0x00, 0x80, 0xff, 1, 0);
  const header = `{"__metadata__":{"__proto__":"a"},"s":${entry(0, 2, [1], "I16")},` +
    `"c":${entry(2, 3, [1], "I8")},"b":${entry(3, 5, [2], "BOOL")}}`;
  const { tensors, metadata } = decodeSafetensors(file(header, numbers));
  assertEquals(tensors.get("s")?.data, Int32Array.of(-(2 ** 15)));
  assertEquals(tensors.get("c")?.data, Int32Array.of(-1));
  assertEquals(tensors.get("b")?.data, Uint8Array.of(1, 0));
  assertEquals(Object.entries(metadata), [["__proto__", "a"]]);
});

Deno.test("a million faults in one shape are one short error", () => {
  const shape = `[${"-1,".repeat(1_000_000)}-1]`;
  const bytes = file(`{"a":{"dtype":"F32","shape":${shape},"data_offsets":[0,0]}}`);
  const error = assertThrows(() => decodeSafetensors(bytes), UserError, "at most 64 numbers");
  assertEquals(error.message.length < 500, true);
});

Deno.test("a shape that does not match its numbers is not written", () => {
  const tensors = new Map([["w", { shape: [2, 2], data: Float32Array.of(1, 2, 3) }]]);
  assertThrows(() => encodeSafetensors(tensors), RangeError, "expected 4");
});

const huge = file("{}");
new DataView(huge.buffer).setBigUint64(0, 100_000_001n, true);
const beyond = file("{}");
new DataView(beyond.buffer).setBigUint64(0, 3n, true);
const two = new Uint8Array(2);
const refused: Record<string, [bytes: Uint8Array, fault: string]> = {
  "too short for a length": [new Uint8Array(7), "7 bytes"],
  "a header beyond the limit": [huge, "at most 100000000"],
  "a header beyond the file": [beyond, "3 bytes in 10 bytes"],
  "no header": [file(""), "begin with {"],
  "a header that is no object": [file("[]"), "begin with {"],
  "leading space": [file(" {}"), "begin with {"],
  "broken JSON": [file("{"), "not JSON"],
  "broken UTF-8": [file(Uint8Array.of(0x7b, 0xff, 0x7d)), "not JSON"],
  "a repeated tensor": [file(`{"a":${entry(0, 2)},"a":${entry(0, 2)}}`, two), "named twice"],
  "a repeated tensor in disguise": [
    file(`{"a":${entry(0, 2)},"\\u0061":${entry(0, 2)}}`, two),
    "named twice",
  ],
  "a repeated key inside": [
    file(`{"a":{"dtype":"U8","shape":[2],"shape":[2],"data_offsets":[0,2]}}`, two),
    "named twice",
  ],
  "an unknown element type": [file(`{"a":${entry(0, 2, [2], "F8_E8M0")}}`, two), '"F8_E8M0"'],
  "a hole": [file(`{"a":${entry(1, 2)}}`, two), "at byte 1, expected byte 0"],
  "an overlap": [
    file(`{"a":${entry(0, 2)},"b":${entry(1, 2)}}`, two),
    "at byte 1, expected byte 2",
  ],
  "the same bytes twice": [file(`{"a":${entry(0, 2)},"b":${entry(0, 2)}}`, two), "expected byte 2"],
  "surplus bytes": [file(`{"a":${entry(0, 1)}}`, two), "2 bytes of numbers, expected 1"],
  "missing bytes": [file(`{"a":${entry(0, 3)}}`, two), "2 bytes of numbers, expected 3"],
  "backward offsets": [file(`{"a":${entry(0, -1, [1])}}`, two), "data_offsets"],
  "a fractional shape": [file(`{"a":${entry(0, 2, [0.5, 4])}}`, two), "shape"],
  "a shape too large": [file(`{"a":${entry(0, 2, [3])}}`, two), "expected 3"],
  "a shape beyond exact integers": [file(`{"a":${entry(0, 2, [2 ** 53, 2])}}`, two), "shape"],
  "metadata that are no texts": [file(`{"__metadata__":{"a":1}}`), "only strings"],
};
for (const [description, [bytes, fault]] of Object.entries(refused)) {
  Deno.test(`refused: ${description}`, () => {
    const error = assertThrows(() => decodeSafetensors(bytes, { source: '"a.file"' }), UserError);
    assertStringIncludes(error.message, 'Cannot read "a.file": found ');
    assertStringIncludes(error.message, fault);
  });
}

Deno.test("files: written whole, and a missing one is named", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/model.safetensors`;
    await writeSafetensors(path, new Map([["w", { shape: [1], data: Float32Array.of(7) }]]));
    assertEquals((await readSafetensors(path)).tensors.get("w")?.data, Float32Array.of(7));
    assertEquals([...Deno.readDirSync(folder)].map((entry) => entry.name), ["model.safetensors"]);
    await assertRejects(() => readSafetensors(`${folder}/none`), UserError, "no such file");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("wide numbers come first, so that all of them are aligned", () => {
  const bytes = encodeSafetensors(
    new Map<string, HostTensor>([
      ["a", { shape: [3], data: Uint8Array.of(1, 2, 3) }],
      ["b", { shape: [1], data: Float32Array.of(4) }],
      ["c", { shape: [1], data: Float64Array.of(5) }],
    ]),
  );
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const places = ["a", "b", "c"].map((name) => header[name].data_offsets);
  assertEquals(places, [[12, 15], [8, 12], [0, 8]]);
  assertEquals((8 + length) % 8, 0);
});
