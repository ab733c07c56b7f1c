import {
  assert,
  assertEquals,
  assertGreater,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import sharp from "sharp";
import { startEngine } from "../../lib/engine/backend.ts";
import { openModel } from "../../lib/evaluation/models/open_model.ts";
import { classificationEvaluator } from "../../lib/evaluation/classification.ts";
import { measureModel } from "../../lib/evaluation/evaluate_models.ts";
import { openClassificationTask } from "../../lib/evaluation/tasks/classification_task.ts";
import { chooseFeature, featureExtractor } from "../../lib/evaluation/features/pooled.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import type { Backbone } from "../../lib/teachers/backbone.ts";
import { UserError } from "../../lib/errors/user_error.ts";

const engine = await startEngine();

async function withFolder(run: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Pictures of one colour each: class "red" or "blue", `count` of each in every part. */
async function paint(folder: string, parts: readonly string[], count = 8) {
  for (const part of parts) {
    for (const [name, strong] of [["red", 0], ["blue", 2]] as const) {
      await Deno.mkdir(`${folder}/${part}${name}`, { recursive: true });
      for (let i = 0; i < count; i++) {
        const levels = [10 + i, 10, 10];
        levels[strong] = 150 + 10 * i;
        const [r = 0, g = 0, b = 0] = levels;
        const create = { width: 8, height: 8, channels: 3, background: { r, g, b } } as const;
        await sharp({ create }).png().toFile(`${folder}/${part}${name}/${i}.png`);
      }
    }
  }
}

Deno.test("a folder with train and test is a task, and pixels tell red from blue", () =>
  withFolder(async (folder) => {
    await paint(`${folder}/colours`, ["train/", "test/"]);
    const task = await openClassificationTask(`${folder}/colours/`, { canvas: 8, cache: folder });
    assertEquals([task.name, task.train.count, task.test.count], ["colours", 16, 16]);
    const model = await openModel("pixels");
    const before = engine.liveTensors();
    const { rows, cost } = await measureModel(model, [classificationEvaluator(task, { k: 3 })]);
    assertEquals(engine.liveTensors(), before);
    const row = rows[0]?.row;
    assertEquals([row?.model, row?.task, row?.value], ["pixels", "colours", 100]);
    assertEquals([row?.low, row?.high, row?.images], [100, 100, 16]);
    assertEquals(cost.parameters, 0);
    assertGreater(cost.milliseconds ?? 0, 0);
    task.close();
  }));

Deno.test("a set without parts is parted by the seed, a quarter of each class being test", () =>
  withFolder(async (folder) => {
    await paint(`${folder}/flat`, [""]);
    const open = (seed: number, limit?: number) =>
      openClassificationTask(`${folder}/flat`, { canvas: 8, cache: folder, seed, limit });
    const task = await open(1);
    assertEquals([...task.test.labels], [0, 0, 1, 1]);
    assertEquals(task.train.count, 12);
    const names = [...task.train.names, ...task.test.names];
    assertEquals(new Set(names).size, 16);
    const first = task.test.read([3]);
    const place = task.test.names[3];
    assertStringIncludes(place ?? "", "red/");
    assertGreater(first[0] ?? 0, first[2] ?? 0);
    assertEquals((await open(1)).test.names, task.test.names);
    const others = await Promise.all([2, 3, 4].map((seed) => open(seed)));
    assert(others.some(({ test }) => test.names.join() !== task.test.names.join()));
    const few = await open(1, 3);
    assertEquals([[...few.train.labels], [...few.test.labels]], [[0, 0, 1], [0, 0, 1]]);
    for (const opened of [task, few, ...others]) opened.close();
  }));

Deno.test("sets that cannot be used are refused", () =>
  withFolder(async (folder) => {
    const options = { canvas: 8, cache: folder };
    await assertRejects(() => openClassificationTask("digit", options), UserError, "mean digits?");
    await paint(`${folder}/one`, [""], 1);
    await assertRejects(
      () => openClassificationTask(`${folder}/one`, options),
      UserError,
      'the class "blue" has 1 image',
    );
    await paint(`${folder}/apart`, ["train/", "test/"], 2);
    await Deno.rename(`${folder}/apart/test/red`, `${folder}/apart/test/rouge`);
    await assertRejects(
      () => openClassificationTask(`${folder}/apart`, options),
      UserError,
      "only in train: red; only in test: rouge",
    );
    await paint(`${folder}/plain`, [""], 4);
    await Deno.remove(`${folder}/plain/red`, { recursive: true });
    await assertRejects(
      () => openClassificationTask(`${folder}/plain`, options),
      UserError,
      'found one class ("blue")',
    );
  }));

/** A network whose features are the mean colours of halves of the image. */
function halves(tokens: Backbone["tokens"]): Backbone {
  const part = (images: tf.Tensor4D, from: number) => {
    const [batch, rows = 0, columns = 0] = images.shape;
    const half = tf.slice(images, [0, from * rows / 2, 0, 0], [batch, rows / 2, columns, 3]);
    return tf.mean<tf.Tensor2D>(half, [1, 2]);
  };
  return {
    name: "halves",
    family: "test",
    licence: "Apache-2.0",
    digest: "",
    input: { size: 8, mean: [0, 0, 0], std: [1, 1, 1] },
    width: 3,
    tokens,
    parameterCount: 0,
    grid: () => [2, 1],
    features(images) {
      const [top, bottom] = [part(images, 0), part(images, 1)];
      return {
        ...(tokens.includes("cls") ? { cls: top } : {}),
        ...(tokens.includes("patch") ? { patch: tf.stack([top, bottom], 1) as tf.Tensor3D } : {}),
      };
    },
    dispose: () => {},
  };
}

/** Three images: the upper half holds 255 in one channel, the lower half in another. */
function threeImages() {
  const image = (i: number) =>
    Uint8Array.from({ length: 4 * 4 * 3 }, (_, at) => {
      const channel = at < 24 ? i : (i + 1) % 3;
      return at % 3 === channel ? 255 : 0;
    });
  return {
    count: 3,
    canvas: 4,
    classes: ["a"],
    labels: Int32Array.of(0, 0, 0),
    names: ["0", "1", "2"],
    digest: "",
    read(places: ArrayLike<number>) {
      const bytes = Array.from(places, image);
      const all = new Uint8Array(bytes.length * 48);
      bytes.forEach((pixels, i) => all.set(pixels, i * 48));
      return all;
    },
    close: () => {},
  };
}

const root = Math.SQRT1_2;
for (
  const [kind, tokens, expected] of [
    ["cls", ["cls", "patch"], [1, 0, 0]],
    ["patch", ["cls", "patch"], [0.5, 0.5, 0]],
    ["cls+patch", ["cls", "patch"], [1, 0, 0, root, root, 0]],
    ["cls", ["patch"], [0.5, 0.5, 0]],
    ["cls+patch", ["cls"], [1, 0, 0]],
  ] as const
) {
  Deno.test(`the feature "${kind}" of a network with ${tokens.join(" and ")}`, async () => {
    const extractor = featureExtractor(halves(tokens), { batchSize: 2 });
    const pooled = await extractor.extract(threeImages());
    const { features, width } = chooseFeature(pooled, kind);
    assertEquals([width, features.length], [expected.length, 3 * expected.length]);
    expected.forEach((value, i) => assert(Math.abs((features[i] ?? NaN) - value) < 1e-6));
    // The third image begins a batch that is not full.
    assert(Math.abs((features[2 * width + 2] ?? NaN) - expected[0]) < 1e-6);
    extractor.dispose();
  });
}

Deno.test("features that are not finite are refused", async () => {
  const broken = {
    ...halves(["cls"]),
    features: (x: tf.Tensor4D) => ({ cls: tf.div<tf.Tensor2D>(tf.sum(x, [1, 2]), 0) }),
  };
  const extractor = featureExtractor(broken);
  await assertRejects(() => extractor.extract(threeImages()), UserError, "not all finite");
  extractor.dispose();
});

Deno.test("models are opened by name, and others refused with the nearest", () =>
  withFolder(async (folder) => {
    const teacher = await openModel("resnet20_cifar10@48", { name: "small" });
    assertEquals([teacher.name, teacher.role, teacher.backbone.input.size], [
      "small",
      "teacher",
      48,
    ]);
    teacher.backbone.dispose();

    const recipe = defineRecipe({
      name: "tiny",
      images: { sources: [{ path: "digits.zip" }], size: 16 },
      teachers: ["digits"],
      student: { width: 24, depth: 2, heads: 2, patchSize: 8 },
      optimization: { batchSize: 4, steps: 1 },
    });
    await Deno.writeTextFile(`${folder}/recipe.json`, JSON.stringify(recipe));
    const random = await openModel(`random:${folder}`);
    assertEquals([random.role, random.backbone.width, random.backbone.input.size], [
      "baseline",
      24,
      16,
    ]);
    const again = await openModel(`random:${folder}`);
    const images = tf.ones<tf.Rank.R4>([1, 16, 16, 3]);
    const [first, second] = [random, again].map(({ backbone }) =>
      backbone.features(images).cls?.dataSync()
    );
    assertEquals(first, second);
    random.backbone.dispose();
    again.backbone.dispose();

    await assertRejects(() => openModel(folder), UserError, "found no student.safetensors");
    await assertRejects(() => openModel("resnet20_cifar"), UserError, "mean resnet20_cifar10");
  }));
