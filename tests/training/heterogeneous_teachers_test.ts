/**
 * Teachers of every width, patch, stride and input size in one distillation, without CLS and without
 * patches among them: each runs at its own size, in its own colours, and compared on a grid that
 * both have.
 */
import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { drawBatch } from "../../lib/training/batch.ts";
import { setUpTraining } from "../../lib/training/setup.ts";
import { applyOverrides } from "../../lib/recipe/overrides.ts";
import { distill } from "../../lib/training/distill.ts";
import { openTargets } from "../../lib/training/targets.ts";
import { stateDigest } from "../../lib/method/state_digest.ts";
import { startEngine } from "../../lib/engine/backend.ts";
import { initVisionTransformer } from "../../lib/nn/vision_transformer.ts";
import { namedTensors, type Parameters } from "../../lib/tensors/parameters.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { type Backbone, convolutionalBackbone } from "../../lib/teachers/backbone.ts";
import { encoderBackbone } from "../../lib/teachers/encoder_backbone.ts";
import { loadTeacher } from "../../lib/teachers/zoo/zoo.ts";
import tinyTest from "../../recipes/tiny_test.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";

await startEngine();

/** The student has 8 x 8 patches. */
const recipe = applyOverrides(tinyTest, [
  'images.sources=[{"path": "data/images/land_use.zip", "split": "train", "limit": 16}]',
  "images.size=64",
  "images.canvas=64",
  ...["student.width=16", "student.depth=1", "student.heads=2", "student.patchSize=8"],
  ...["optimization.batchSize=2", "optimization.steps=2", "optimization.warmupSteps=1"],
]);

const colours = { mean: [0.1, 0.5, 0.9], std: [0.5, 0.25, 2] } as const;

/** Parameters of every transformer that was made. */
const made: Parameters[] = [];

/** SHA-256 over all of them. */
function weightsDigest(): string {
  const tensors = made.flatMap((tree, i) =>
    namedTensors(tree).map(([name, tensor]) => {
      return [`${i}.${name}`, { shape: tensor.shape, data: tensor.dataSync<"float32">() }] as const;
    })
  );
  return stateDigest(new Map(tensors));
}

function transformer(name: string, width: number, patchSize: number, size: number): Backbone {
  const shape = { imageSize: size, patchSize, width, depth: 1, heads: width / 64 };
  const config = { ...shape, mlpRatio: 0.125 };
  const parameters = initVisionTransformer(config, randomStream(1).at(name));
  made.push(parameters);
  const identity = { name, family: "vision_transformer", licence: "CC0-1.0", digest: name };
  return encoderBackbone({
    ...identity,
    config,
    parameters,
    input: { size, ...colours },
  });
}

/** The mean colours of areas of 8 px: its features tell what it was given. */
function averages(seen: number[]): Backbone {
  return convolutionalBackbone({
    ...{ name: "cnn_8", family: "mean", licence: "CC0-1.0", digest: "cnn_8" },
    ...{ input: { size: 96, ...colours }, width: 3, stride: 8, parameters: {} },
    featureMap(_, images) {
      seen.push(...images.shape);
      return tf.avgPool(images, 8, 8, "same");
    },
  });
}

function without(teacher: Backbone, token: "cls" | "patch"): Backbone {
  return {
    ...teacher,
    tokens: teacher.tokens.filter((type) => type !== token),
    features(images) {
      const { [token]: left, ...rest } = teacher.features(images);
      left?.dispose();
      return rest;
    },
  };
}

async function allTeachers(seen: number[]): Promise<Backbone[]> {
  return [
    averages(seen),
    await loadTeacher("deeplab_v3_voc", { inputSize: 96 }),
    await loadTeacher("mobilenet_v1_imagenet", { inputSize: 224 }),
    transformer("vit_192_14", 192, 14, 518),
    transformer("vit_384_16", 384, 16, 96),
    transformer("vit_768_8", 768, 8, 96),
    without(transformer("vit_1280_14", 1280, 14, 224), "patch"),
    without(transformer("vit_1536_16", 1536, 16, 224), "cls"),
  ];
}

const notes = [
  "teacher cnn_8: width 3, grid 12 x 12 compared on 8 x 8, input 96 px",
  "teacher deeplab_v3_voc: width 320, grid 6 x 6 compared on 6 x 6, input 96 px",
  "teacher mobilenet_v1_imagenet: width 256, grid 7 x 7 compared on 7 x 7, input 224 px",
  "teacher vit_1280_14: width 1280, no patches, input 224 px",
  "teacher vit_1536_16: width 1536, grid 14 x 14 compared on 8 x 8, no CLS, input 224 px",
  "teacher vit_192_14: width 192, grid 37 x 37 compared on 8 x 8, input 518 px",
  "teacher vit_384_16: width 384, grid 6 x 6 compared on 6 x 6, input 96 px",
  "teacher vit_768_8: width 768, grid 12 x 12 compared on 8 x 8, input 96 px",
];

Deno.test("unlike teachers in one distillation, frozen, each at its own size (items 33, 63)", () =>
  inTemporaryFolder(async (folder) => {
    const seen: number[] = [];
    const teachers = await allTeachers(seen);
    const before = weightsDigest();
    const lines: string[] = [];
    const options = {
      folder: `${folder}/run`,
      teachers,
      onNote: (line: string) => lines.push(line),
    };
    let steps = 0;
    for await (const { losses, gradientNorm, shares } of distill(recipe, options)) {
      steps++;
      assertEquals(Object.keys(losses), notes.map((note) => note.slice(8, note.indexOf(":"))));
      for (const { name, tokens } of teachers) {
        const { total = NaN, ...perType } = losses[name] ?? {};
        assertEquals(Object.keys(perType).sort(), [...tokens].sort(), name);
        assert(Number.isFinite(total) && total > 0, `${name}: ${total}`);
      }
      assert(gradientNorm > 0 && Number.isFinite(gradientNorm));
      assertAlmostEquals(Object.values(shares).reduce((sum, share) => sum + share, 0), 1, 1e-5);
    }
    assertEquals(steps, 2);
    assertEquals(weightsDigest(), before);
    assertEquals(lines.filter((line) => line.includes("width")), notes);
    // Traced once for the steps, and once more, on one image, for the account of the run.
    assertEquals(seen, [...[2, 96, 96, 3], ...[1, 96, 96, 3]]);
    teachers.forEach((teacher) => teacher.dispose());
    made.length = 0;
  }));

Deno.test("every teacher's targets have its width and the common grid, in its own colours", async () => {
  const teachers = await allTeachers([]);
  const setup = await setUpTraining(recipe, { teachers });
  const targets = await openTargets(setup);
  const images = tf.fill<tf.Rank.R4>([2, 64, 64, 3], 0.25);
  const features = await targets.compute(() => Promise.resolve(images), drawBatch(setup, 0));
  const shapes = Object.entries(features).map(([name, { cls, patch }]) => {
    return [name, cls?.shape ?? null, patch?.shape ?? null];
  });
  assertEquals(shapes, [
    ["cnn_8", [2, 3], [2, 64, 3]],
    ["deeplab_v3_voc", [2, 320], [2, 36, 320]],
    ["mobilenet_v1_imagenet", [2, 256], [2, 49, 256]],
    ["vit_1280_14", [2, 1280], null],
    ["vit_1536_16", null, [2, 64, 1536]],
    ["vit_192_14", [2, 192], [2, 64, 192]],
    ["vit_384_16", [2, 384], [2, 36, 384]],
    ["vit_768_8", [2, 768], [2, 64, 768]],
  ]);
  const [red, green, blue] = await features.cnn_8!.cls!.data();
  const { mean, std } = colours;
  [red, green, blue].forEach((value, i) => {
    assertAlmostEquals(value ?? NaN, (0.25 - mean[i]!) / std[i]!, 1e-5);
  });
  tf.dispose([images, features]);
  targets.dispose();
  setup.images.close();
  teachers.forEach((teacher) => teacher.dispose());
});
