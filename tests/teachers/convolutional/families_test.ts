/**
 * Files of convolutional networks against tests/golden/teachers/efficientnet_lite.py and resnet.py, which compute
 * them in PyTorch with the same weights in double precision, batch norm unfolded. Tolerance: 1e-4 of the
 * root mean square, per number.
 */
import * as tf from "@tensorflow/tfjs";
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import type { CheckpointTensors } from "../../../lib/teachers/families/checkpoint_tensors.ts";
import type { FamilyName } from "../../../lib/teachers/family_names.ts";
import { loadFamily } from "../../../lib/teachers/load_family.ts";
import type { LoadFamilyOptions } from "../../../lib/teachers/families/load_options.ts";
import { openBackbone } from "../../../lib/teachers/open_backbone.ts";
import { encodeTorchCheckpoint } from "../../../lib/weights/torch/torch_writer.ts";
import lite from "../../golden/teachers/efficientnet_lite.json" with { type: "json" };
import resNets from "../../golden/teachers/resnet.json" with { type: "json" };
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";
import { familyCase, madeUpCheckpoint } from "../families/checkpoint_fixture.ts";
import { goldenImages } from "../golden_images_fixture.ts";
import { assertSummary } from "../summary_fixture.ts";
import { madeUpConvolutional } from "./made_up_fixture.ts";

await startEngine();

const [resNet18, , resNet50] = resNets;

/** What the refusal says; nothing is left behind by it. */
function refusal(family: FamilyName, file: CheckpointTensors, options: LoadFamilyOptions = {}) {
  const before = tf.memory().numTensors;
  const { message } = assertThrows(() => loadFamily(family, file, options), UserError);
  assertEquals(tf.memory().numTensors, before);
  return message;
}

Deno.test("EfficientNet-Lite0 of even and odd sizes equals the independent model", async () => {
  const file = madeUpConvolutional(lite.tensors);
  for (const one of lite.cases.filter(({ weights }) => weights === "made up")) {
    const before = tf.memory().numTensors;
    const teacher = loadFamily("efficientnet_lite", file, { inputSize: one.inputSize });
    assertEquals([teacher.width, teacher.grid()], [1280, one.grid]);
    assertEquals(teacher.parameterCount, 3_350_000);
    const images = goldenImages(one.batch, one.imageSize);
    const features = teacher.features(images);
    await assertSummary(features.cls, one.cls);
    await assertSummary(features.patch, one.patch);
    tf.dispose([images, features]);
    teacher.dispose();
    assertEquals(tf.memory().numTensors, before);
  }
});

for (const one of resNets) {
  Deno.test(`${one.name} is recognised, and equals the independent model`, async () => {
    const file = madeUpConvolutional(one.tensors);
    const teacher = loadFamily("resnet", file, { inputSize: one.inputSize });
    assertEquals([teacher.width, teacher.grid()], [one.patch.shape[2], one.grid]);
    assertEquals(teacher.input.mean, [0.485, 0.456, 0.406]);
    const images = goldenImages(2, one.inputSize), features = teacher.features(images);
    await assertSummary(features.cls, one.cls);
    await assertSummary(features.patch, one.patch);
    tf.dispose([images, features]);
    teacher.dispose();
  });
}

Deno.test("a recipe and a command line name such a file, whatever is around it", () =>
  inTemporaryFolder(async (folder) => {
    const { all } = madeUpConvolutional(resNet18!.tensors);
    const wrap = (prefix: string) =>
      Object.fromEntries([...all].map(([name, tensor]) => [prefix + name, tensor]));
    const counter = { "module.bn1.num_batches_tracked": { shape: [1], data: Float32Array.of(7) } };
    const classifier = { "module.fc.bias": { shape: [10], data: new Float32Array(10) } };
    const path = `${folder}/net.pth`, twice = `${folder}/twice.pth`;
    const network = { ...wrap("module."), ...counter, ...classifier };
    await Deno.writeFile(path, encodeTorchCheckpoint({ epoch: 3, state_dict: network }));
    const teacher = await openBackbone({ name: "mine", checkpoint: `resnet:${path}` });
    assertEquals([teacher.name, teacher.family, teacher.input.size], ["mine", "resnet", 224]);
    assertStringIncludes(teacher.notes?.join() ?? "", 'the network "state_dict.module." was read');
    const plain = loadFamily("resnet", madeUpConvolutional(resNet18!.tensors));
    assertEquals(teacher.digest, plain.digest, "equal weights, equal features");
    const other = loadFamily("resnet", madeUpConvolutional(resNet18!.tensors), { inputSize: 64 });
    assertNotEquals(other.digest, plain.digest);
    for (const one of [teacher, plain, other]) one.dispose();

    await Deno.writeFile(twice, encodeTorchCheckpoint({ net: wrap(""), ema: wrap("") }));
    const open = (key?: string) => openBackbone({ name: "a", checkpoint: `resnet:${twice}`, key });
    const refused = await open().then(() => "", String);
    assertStringIncludes(
      refused,
      'found 2 networks that fit, "net" and "ema". Choose one by its key',
    );
    (await open("ema")).dispose();
  }));

Deno.test("one error names every missing, surplus and mis-shaped tensor", () => {
  const zeros = { shape: [5], data: new Float32Array(5) };
  const changes = {
    "layer1.0.bn1.bias": undefined,
    "layer2.0.downsample.1.running_var": zeros,
    "extra.weight": zeros,
  };
  const message = refusal("resnet", madeUpConvolutional(resNet18!.tensors, changes));
  assertStringIncludes(message, 'Cannot load "made_up.pth" as "resnet": found 3 differences');
  assertStringIncludes(message, '"layer1.0.bn1.bias" is missing, expected [8]');
  assertStringIncludes(message, '"layer2.0.downsample.1.running_var" is [5], expected [16]');
  assertStringIncludes(message, '"extra.weight" [5] is unknown');
  const without = madeUpConvolutional(resNet50!.tensors, { "layer1.0.conv1.weight": undefined });
  assertStringIncludes(refusal("resnet", without), '"layer1.0.conv1.weight" is missing');
});

Deno.test("the family that fits is named, among transformers and convolutional networks", () => {
  const files: readonly (readonly [FamilyName, CheckpointTensors])[] = [
    ["resnet", madeUpConvolutional(resNet50!.tensors)],
    ["efficientnet_lite", madeUpConvolutional(lite.tensors)],
    ["deit3", madeUpCheckpoint(familyCase("deit3"))],
  ];
  for (const [family, file] of files) {
    for (const wrong of ["dino", "resnet", "efficientnet_lite"] as const) {
      if (wrong === family) continue;
      assertStringIncludes(refusal(wrong, file), `It fits the family "${family}": load it as that`);
    }
  }
});

Deno.test("numbers that are not finite, negative variances and options of transformers are refused", () => {
  const shape = [8];
  for (const [value, tensor] of [[NaN, "bn1.bias"], [-1, "bn1.running_var"]] as const) {
    const data = new Float32Array(8).fill(value);
    const file = madeUpConvolutional(resNet18!.tensors, { [tensor]: { shape, data } });
    assertStringIncludes(refusal("resnet", file), `8 of 8 numbers of "${tensor}"`);
  }
  const file = madeUpConvolutional(resNet18!.tensors);
  const options = { heads: 4, activation: "gelu" } as const;
  assertStringIncludes(refusal("resnet", file, options), "with heads and activation: it is a");
  assertStringIncludes(refusal("resnet", file, { inputSize: 31 }), "at least 32 pixels");
  assert(refusal("resnet", { ...file, tensors: new Map() }).includes("missing"));
});
