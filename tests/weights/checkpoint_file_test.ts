/** Files that PyTorch and the safetensors package wrote, against the numbers that PyTorch reads. */
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { UserError } from "../../lib/errors/user_error.ts";
import { bytesSource } from "../../lib/weights/byte_source.ts";
import {
  type CheckpointFile,
  checkpointFrom,
  openCheckpoint,
} from "../../lib/weights/checkpoint_file.ts";
import { assertFiniteWeights } from "../../lib/weights/assert_finite_weights.ts";
import { encodeSafetensors } from "../../lib/weights/safetensors/safetensors.ts";
import { encodeTorchCheckpoint } from "../../lib/weights/torch/torch_writer.ts";
import { readTorchTensors } from "../../lib/weights/torch/torch_tensors.ts";
import { golden } from "../golden_values_fixture.ts";
import { tree } from "./written_tree_fixture.ts";

interface GoldenTensor {
  readonly dtype: string;
  readonly shape: number[];
  readonly data: number[];
}
type GoldenTensors = { readonly [name: string]: GoldenTensor };
const { seen, ...expected } = golden<
  { readonly seen: { readonly repr: string } } & { readonly [file: string]: GoldenTensors }
>("weights/checkpoints");

const pathOf = (name: string) =>
  fileURLToPath(new URL(`../golden/weights/checkpoints/${name}`, import.meta.url));

/** Everything in the file as the golden values have it. */
function contentOf(file: CheckpointFile) {
  return Object.fromEntries(
    [...file.tensors].map(([name, { dtype, shape }]) => {
      return [name, { dtype, shape: [...shape], data: [...file.read(name)] }];
    }),
  );
}

assertEquals(Object.keys(expected).length, 9);
for (const [name, tensors] of Object.entries(expected)) {
  Deno.test(`as PyTorch reads it: ${name}`, async () => {
    using file = await openCheckpoint(pathOf(name));
    const withoutPrefix = Object.entries(tensors).map(([key, value]) =>
      [key.replace(/^module\./, ""), value] as const
    );
    const content = contentOf(file);
    assertEquals(content, Object.fromEntries(withoutPrefix));
    if (file.format === "torch") assertEquals(Object.keys(content), withoutPrefix.map(([k]) => k));
    assertEquals(file.format, name.endsWith(".safetensors") ? "safetensors" : "torch");
    assertEquals(file.source, pathOf(name));
    const texts = name === "written.pth" ? { name: "ViT-µ" } : {};
    assertEquals(file.metadata, file.format === "torch" ? texts : { format: "pt" });
  });
}

Deno.test("the tensors of a checkpoint equal those that its side file locates", async () => {
  const folder = new URL("../../data/teachers/resnet20_cifar10/", import.meta.url);
  const bytes = await Deno.readFile(new URL("resnet20-12fca82f.th", folder));
  const index = await Deno.readTextFile(new URL("resnet20-12fca82f.tensors.json", folder));
  const bySideFile = readTorchTensors(bytes, JSON.parse(index));
  using file = checkpointFrom(bytesSource(bytes));
  let compared = 0;
  for (const [name, { shape, data }] of bySideFile) {
    const short = name.replace(/^module\./, "");
    assertEquals(file.tensors.get(short)?.shape, shape);
    assertEquals(file.read(short), data);
    compared++;
  }
  assertEquals(compared > 90, true);
});

Deno.test("the writer's bytes are those that PyTorch has read", async () => {
  assertEquals(encodeTorchCheckpoint(tree), await Deno.readFile(pathOf("written.pth")));
  assertStringIncludes(seen.repr, "'steps': 1099511627776, 'negative': -7, 'rate': 0.1");
  using file = await openCheckpoint(pathOf("written.pth"));
  for (const [name, { shape, data }] of Object.entries(expected["written.pth"]!)) {
    const part = tree.model;
    const written = typeof part === "object" && !("data" in part) ? part[name] : undefined;
    assertEquals(written, { shape, data: Float32Array.from(data) });
    assertEquals(file.read(name.replace("module.", "")), Float32Array.from(data));
  }
});

Deno.test("one of several networks is chosen by its key", async () => {
  const names = async (key: string) => {
    using file = await openCheckpoint(pathOf("several.pth"), { key });
    return [...file.tensors.keys()];
  };
  assertEquals(await names("student"), ["module.a", "head"]);
  assertEquals(await names("ema"), ["nested.a", "b"]);
  assertEquals(await names("ema.nested"), ["a"]);
  const error = await assertRejects(() => names("emma"), UserError, 'no dictionary under "emma"');
  assertStringIncludes(error.message, 'Choose one of "teacher", "student", "ema"');
});

const scalar = (value: number) => ({ shape: [1], data: Float32Array.of(value) });
const w = scalar(1), v = scalar(2);
const layouts: Record<string, [tree: Parameters<typeof encodeTorchCheckpoint>[0], string[]]> = {
  "the order of the usual keys": [{ student: { a: w }, teacher: { b: w }, model: { c: w } }, ["c"]],
  "a usual key without tensors": [{ model: { width: 3 }, teacher: { b: w } }, ["b"]],
  "usual keys within one another": [{ model: { state_dict: { b: w }, step: 1 } }, ["b"]],
  "a number beside a usual key": [{ model: { b: w }, best: v }, ["b"]],
  "an only dictionary": [{ net: { a: w, b: v }, epoch: 1 }, ["a", "b"]],
  "several dictionaries": [{ trunk: { a: w }, head: { b: v } }, ["trunk.a", "head.b"]],
  "nested names": [{ a: w, trunk: { deep: { b: v } } }, ["a", "trunk.deep.b"]],
  "both wrappers": [{ "module.backbone.a": w, "module.backbone.b": v }, ["a", "b"]],
  "the wrappers the other way": [{ "backbone.module.a": w }, ["a"]],
  "a wrapper of some": [{ "module.backbone.a": w, "module.head": v }, ["backbone.a", "head"]],
  "a name that is a wrapper": [{ "module.": w, "module.a": v }, ["module.", "module.a"]],
};
for (const [description, [layout, names]] of Object.entries(layouts)) {
  Deno.test(`names: ${description}`, () => {
    using file = checkpointFrom(bytesSource(encodeTorchCheckpoint(layout)));
    assertEquals([...file.tensors.keys()], names);
  });
}

Deno.test("safetensors: a key chooses by the beginning of names", () => {
  const tensors = new Map([["ema.module.a", w], ["net.a", v]]);
  const source = bytesSource(encodeSafetensors(tensors));
  using file = checkpointFrom(source, { key: "ema" });
  assertEquals(file.read("a"), w.data);
  assertThrows(() => checkpointFrom(source, { key: "em" }), UserError, 'begin with "em."');
});

Deno.test("safetensors: a header whose length begins like a pickle", () => {
  for (const length of [0x280, 0x480]) {
    const named = (name: string) => encodeSafetensors(new Map([[name, w]]));
    const bytes = named("n".repeat(length - named("").length + 8 + 4));
    assertEquals([bytes[0], bytes[1]], [0x80, length >> 8]);
    using file = checkpointFrom(bytesSource(bytes));
    assertEquals(file.format, "safetensors");
  }
});

Deno.test("the errors of a missing tensor, a missing file and an unknown format name them", async () => {
  using file = await openCheckpoint(pathOf("types.pth"));
  const error = assertThrows(() => file.read("int9"), UserError, 'no tensor "int9"');
  assertStringIncludes(error.message, 'It holds 13, such as "float64"');
  await assertRejects(() => openCheckpoint(pathOf("none.pth")), UserError, "no such file");
  await assertRejects(() => openCheckpoint(pathOf("")), UserError, "no regular file");
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/a`;
    for (
      const [bytes, fault] of [
        ["", "an empty file"],
        ["\x1f\x8b", "packed by gzip"],
        ["hello, world", "begin with 68656c6c6f2c20776f726c64"],
      ] as const
    ) {
      await Deno.writeFile(path, Uint8Array.from(bytes, (letter) => letter.charCodeAt(0)));
      await assertRejects(() => openCheckpoint(path), UserError, fault);
    }
    // A file that was refused is closed again: Deno's test runner fails a test that leaks one.
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("weights that are not finite are named and counted", () => {
  const where = { name: "head.bias", source: "vit.pth" };
  const data = Float32Array.of(1, -Infinity, 0, NaN);
  const error = assertThrows(() => assertFiniteWeights(data, where), UserError);
  assertStringIncludes(error.message, 'Cannot use "vit.pth": found 2 of 4 numbers of "head.bias"');
  assertStringIncludes(error.message, "the first one -Infinity at 1");
  assertEquals(assertFiniteWeights(data.subarray(2, 3), where).length, 1);
  using file = checkpointFrom(bytesSource(encodeTorchCheckpoint({ w: { shape: [4], data } })));
  assertEquals(file.read("w"), data);
});
