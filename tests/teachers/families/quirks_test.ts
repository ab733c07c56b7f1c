/** What distinguishes the families, apart from the numbers of tests/teachers/families/families_test.ts. */
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { layerNorm } from "../../../lib/nn/layer_norm.ts";
import { loadFamily } from "../../../lib/teachers/load_family.ts";
import type { LoadFamilyOptions } from "../../../lib/teachers/families/load_options.ts";
import type { FamilyName } from "../../../lib/teachers/family_names.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import type { FloatTensor } from "../../../lib/weights/host_tensor.ts";
import { assertClose } from "../../golden_values_fixture.ts";
import { goldenImages } from "../golden_images_fixture.ts";
import { familyCase, madeUpCheckpoint } from "./checkpoint_fixture.ts";

await startEngine();

/** Features of a case, some of whose tensors were changed. */
function features(
  name: string,
  changes: Readonly<Record<string, FloatTensor>> = {},
  options: LoadFamilyOptions = {},
) {
  const one = familyCase(name), checkpoint = madeUpCheckpoint(one, changes);
  const teacher = loadFamily(one.family as FamilyName, checkpoint, options);
  const { cls, patch } = teacher.features(goldenImages(2, teacher.input.size));
  teacher.dispose();
  assert(cls !== undefined && patch !== undefined);
  return { cls, patch, teacher };
}

/** A tensor of a case plus a vector along its last axis, which no norm takes back out. */
function shifted(name: string, tensor: string, by: number): FloatTensor {
  const checkpoint = madeUpCheckpoint(familyCase(name));
  const shape = checkpoint.tensors.get(tensor)?.shape ?? [], width = shape.at(-1) ?? 1;
  const data = checkpoint.read(tensor).map((value, i) => value + by * Math.sin(i % width));
  return { shape, data };
}

Deno.test("DeiT III: positions reach the patches and not CLS (item 32)", () => {
  // So a vector in all positions is the same as it is in the bias of the patches.
  const plain = features("deit3");
  const positions = features("deit3", { pos_embed: shifted("deit3", "pos_embed", 0.5) });
  const bias = "patch_embed.proj.bias";
  const patches = features("deit3", { [bias]: shifted("deit3", bias, 0.5) });
  assertClose(positions.cls, patches.cls.dataSync(), 1e-5);
  assertClose(positions.patch, patches.patch.dataSync(), 1e-5);
  assertThrows(() => assertClose(positions.cls, plain.cls.dataSync(), 1e-3));
  // In DINO, where CLS has a position, it is not.
  const dino = features("dino", { pos_embed: shifted("dino", "pos_embed", 0.5) });
  const dinoPatches = features("dino", { [bias]: shifted("dino", bias, 0.5) });
  assertThrows(() => assertClose(dino.cls, dinoPatches.cls.dataSync(), 1e-3));
});

Deno.test("dBOT: CLS is the norm of the mean of patches, which have no norm (item 32)", () => {
  const { cls, patch } = features("dbot_ft");
  const checkpoint = madeUpCheckpoint(familyCase("dbot_ft"));
  const norm = {
    weight: tf.tensor1d(checkpoint.read("fc_norm.weight")),
    bias: tf.tensor1d(checkpoint.read("fc_norm.bias")),
  };
  assertClose(cls, layerNorm(norm, tf.mean(patch, 1)).dataSync<"float32">(), 1e-5);
  const changed = features("dbot_ft", {
    "fc_norm.weight": shifted("dbot_ft", "fc_norm.weight", 1),
  });
  assertEquals(changed.patch.dataSync(), patch.dataSync());
  assertNotEquals(changed.cls.dataSync(), cls.dataSync());
});

Deno.test("registers take part, and are not among the patches", () => {
  const name = "dinov2 with registers";
  const { patch, teacher } = features(name);
  assertEquals(patch.shape[1], 16);
  assertEquals(teacher.grid(), [4, 4]);
  const changed = features(name, { register_tokens: shifted(name, "register_tokens", 1) });
  assertNotEquals(changed.patch.dataSync(), patch.dataSync());
});

Deno.test("a projection gives CLIP's shared width to both kinds of tokens", () => {
  const plain = features("clip"), projected = features("clip", {}, { projection: true });
  assertEquals([plain.teacher.width, projected.teacher.width], [128, 48]);
  const matrix = tf.tensor2d(madeUpCheckpoint(familyCase("clip")).read("visual.proj"), [128, 48]);
  assertClose(projected.cls, tf.matMul(plain.cls, matrix).dataSync<"float32">(), 1e-5);
  assertEquals(projected.patch.shape, [2, 16, 48]);
  assertThrows(() => features("dino", {}, { projection: true }), UserError, 'expected "clip"');
});

Deno.test("what a teacher says of itself comes from file and family", () => {
  const { teacher } = features("dinov2");
  assertEquals([teacher.name, teacher.family, teacher.licence], ["dinov2", "dinov2", "Apache-2.0"]);
  assertEquals(teacher.input, {
    size: 56,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  });
  const own = features("clip", {}, {
    name: "metaclip",
    licence: "CC-BY-NC-4.0",
    mean: [0, 0, 0],
    inputSize: 48,
  });
  assertEquals([own.teacher.name, own.teacher.licence], ["metaclip", "CC-BY-NC-4.0"]);
  assertEquals([own.teacher.input.size, own.teacher.input.mean], [48, [0, 0, 0]]);
  assertEquals(own.teacher.grid(), [6, 6]);
  assertEquals(own.teacher.notes, [
    "heads are supposed to be 2, which no file tells (option heads)",
    "the activation is supposed to be quick_gelu (option activation)",
    "positions of 4 x 4 patches were interpolated to 6 x 6",
  ]);
  const told = features("clip", {}, { heads: 2, activation: "gelu" });
  assertEquals(told.teacher.notes, []);
  const vit = features("timm_vit").teacher.notes?.at(-1);
  assertEquals(vit, "images are supposed to have the mean 0.5,0.5,0.5 (options mean and std)");
});

Deno.test("equal digests mean equal features: weights, input and options count", () => {
  const digest = (changes: Record<string, FloatTensor> = {}, options: LoadFamilyOptions = {}) =>
    features("clip", changes, options).teacher.digest;
  const digests = [
    digest(),
    digest({ "visual.ln_pre.bias": shifted("clip", "visual.ln_pre.bias", 1e-3) }),
    digest({}, { inputSize: 24 }),
    digest({}, { activation: "gelu" }),
    digest({}, { projection: true }),
    digest({}, { heads: 4 }),
  ];
  assertEquals(new Set(digests).size, digests.length);
  assertEquals(digest({}, { name: "other", licence: "MIT" }), digests[0]);
});
