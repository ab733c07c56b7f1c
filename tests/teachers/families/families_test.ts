/**
 * Every family against tests/golden/teachers/families.py, which runs timm's and OpenCLIP's models with the same
 * weights in double precision. Tolerance: 1e-4 of the root mean square, per number.
 */
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { compile } from "../../../lib/engine/compiler/compile.ts";
import { teacherFamilies } from "../../../lib/teachers/families/families.ts";
import type { FamilyName } from "../../../lib/teachers/family_names.ts";
import { loadFamily } from "../../../lib/teachers/load_family.ts";
import type { LoadFamilyOptions } from "../../../lib/teachers/families/load_options.ts";
import { openCheckpoint } from "../../../lib/weights/checkpoint_file.ts";
import { encodeTorchCheckpoint } from "../../../lib/weights/torch/torch_writer.ts";
import golden from "../../golden/teachers/families.json" with { type: "json" };
import { type FamilyCase, familyCase, madeUpCheckpoint } from "./checkpoint_fixture.ts";
import { goldenImages } from "../golden_images_fixture.ts";

await startEngine();

const load = (one: FamilyCase) =>
  loadFamily(one.family as FamilyName, madeUpCheckpoint(one), one.options as LoadFamilyOptions);

async function assertMatches(
  found: tf.Tensor | undefined,
  { shape, every, values }: FamilyCase["cls"],
): Promise<void> {
  assert(found !== undefined);
  assertEquals(found.shape, shape);
  const data = await found.data<"float32">();
  const scale = Math.hypot(...data) / Math.sqrt(data.length);
  const expected = values.split(" ").map(Number);
  assertEquals(expected.length, Math.ceil(data.length / every));
  const worst = Math.max(...expected.map((value, i) => Math.abs(value - data[i * every]!)));
  assert(worst <= 1e-4 * scale, `${worst} is more than 1e-4 of ${scale}`);
}

for (const one of golden) {
  Deno.test(`${one.name}: CLS and patches equal the independent model's (item 31)`, async () => {
    const before = tf.memory().numTensors;
    const teacher = load(one), images = goldenImages(2, one.size);
    assertEquals(teacher.input.size, one.size);
    assertEquals(teacher.width, one.cls.shape[1]);
    const [rows, columns] = teacher.grid();
    assertEquals(rows * columns, one.patch.shape[1]);
    const features = teacher.features(images);
    await assertMatches(features.cls, one.cls);
    await assertMatches(features.patch, one.patch);
    tf.dispose([features, images]);
    teacher.dispose();
    assertEquals(tf.memory().numTensors, before);
  });
}

Deno.test("a training's file of PyTorch gives the same teacher as the weights alone (item 31)", async () => {
  const one = familyCase("dino"), alone = madeUpCheckpoint(one);
  // The projection head stands beside the backbone.
  const tensors = [...alone.tensors].map(([name, { shape }]) => {
    const prefix = name.startsWith("head.") ? "module." : "module.backbone.";
    return [prefix + name, { shape, data: alone.read(name) }] as const;
  });
  const path = await Deno.makeTempFile({ suffix: ".pth" });
  try {
    const tree = { epoch: 3, teacher: Object.fromEntries(tensors) };
    await Deno.writeFile(path, encodeTorchCheckpoint(tree));
    using file = await openCheckpoint(path);
    assertEquals(file.format, "torch");
    const teacher = loadFamily("dino", file), expected = load(one);
    assertEquals(teacher.digest, expected.digest);
    teacher.dispose();
    expected.dispose();
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("every family has a case, and compiled features are the same", async () => {
  assertEquals(new Set(golden.map(({ family }) => family)), new Set(Object.keys(teacherFamilies)));
  const one = familyCase("dinov2 with registers");
  const teacher = load(one), images = goldenImages(2, one.size);
  const features = compile(teacher.features, [images], { mode: teacher.mode ?? "graph" });
  const found = await features(images);
  await assertMatches(found.cls, one.cls);
  await assertMatches(found.patch, one.patch);
  tf.dispose([found, images]);
  features.dispose();
  teacher.dispose();
});
