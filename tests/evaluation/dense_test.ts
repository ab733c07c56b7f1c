import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { dirname } from "node:path";
import sharp from "sharp";
import { readManifest } from "../../lib/evaluation/tasks/manifest.ts";
import { openDenseTask } from "../../lib/evaluation/tasks/dense_task.ts";
import { openModel } from "../../lib/evaluation/models/open_model.ts";
import { evaluateModels } from "../../lib/evaluation/evaluate_models.ts";
import { patchExtractor } from "../../lib/evaluation/features/patches.ts";
import { startEngine } from "../../lib/engine/backend.ts";
import { UserError } from "../../lib/errors/user_error.ts";

await startEngine();

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "hashigo" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Images whose left half is red and of class 1, the right half blue and of class 0. */
async function paint(
  folder: string,
  mask: { readonly width?: number; readonly value?: number } = {},
): Promise<string> {
  for (const part of ["train", "test"]) {
    for (let i = 0; i < 4; i++) {
      const size = 16, width = mask.width ?? size;
      const left = (at: number) => at % size < 6 + i;
      const pixels = Uint8Array.from(
        { length: size * size * 3 },
        (_, at) => at % 3 === (left(Math.floor(at / 3)) ? 0 : 2) ? 200 : 20,
      );
      const classes = Uint8Array.from(
        { length: width * size },
        (_, at) => at === 0 && mask.value !== undefined ? mask.value : left(at) ? 1 : 0,
      );
      await save(`${folder}/images/${part}/${i}.png`, pixels, {
        width: size,
        height: size,
        channels: 3,
      });
      await save(`${folder}/masks/${part}/${i}.png`, classes, { width, height: size, channels: 1 });
    }
  }
  const path = `${folder}/halves.dense.json`;
  const places = (part: string) => ({ images: `images/${part}`, masks: `masks/${part}` });
  await Deno.writeTextFile(
    path,
    JSON.stringify({
      kind: "segmentation",
      description: "Red before blue",
      path: ".",
      train: places("train"),
      test: places("test"),
      classes: ["blue", "red"],
      ignore: [255],
      canvas: 16,
      tiles: 2,
    }),
  );
  return path;
}

async function save(
  path: string,
  data: Uint8Array,
  raw: { readonly width: number; readonly height: number; readonly channels: 1 | 3 },
): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const picture = sharp(data, { raw });
  await (raw.channels === 1 ? picture.toColourspace("b-w") : picture).png().toFile(path);
}

Deno.test("a folder of images and masks is a task, and colours tell its classes apart", () =>
  inFolder(async (folder) => {
    const path = await paint(folder, { value: 255 });
    const task = await openDenseTask(path, { cache: `${folder}/cache` });
    assert(task.kind === "segmentation");
    assertEquals([task.name, task.train.count, task.classes.length], ["halves", 4, 2]);
    assertEquals(task.train.truth.subarray(0, 8).join(), "255,1,1,1,1,1,0,0");
    task.close();
    const { rows } = await evaluateModels([{ source: "resnet20_cifar10" }, { source: "random" }], [
      path,
    ], {
      canvas: 16,
      cache: `${folder}/cache`,
      resume: `${folder}/measured.jsonl`,
    });
    assertEquals(rows.map(({ metric }) => metric), [
      "segmentation mIoU",
      "patch k-NN mIoU",
      "segmentation mIoU",
      "patch k-NN mIoU",
    ]);
    for (const { value, low, high } of rows) assert(value > 60 && low <= value && high >= value);
  }));

Deno.test("masks that do not fit are refused, with the file and what to do", () =>
  inFolder(async (folder) => {
    const refused = async (path: string, text: string) => {
      const open = () => openDenseTask(path, { cache: `${folder}/cache` });
      await assertRejects(open, UserError, text);
    };
    await refused(
      await paint(`${folder}/size`, { width: 12 }),
      "12 x 16 pixels and its image 16 x 16",
    );
    await refused(await paint(`${folder}/label`, { value: 7 }), "the mask holds the value 7");
    const path = await paint(`${folder}/lost`);
    await Deno.remove(`${folder}/lost/masks/train/2.png`);
    await refused(path, 'none for the image "2"');
    await Deno.writeTextFile(`${folder}/broken.dense.json`, '{"kind": "panoptic"}');
    await assertRejects(
      () => readManifest(`${folder}/broken.dense.json`),
      UserError,
      "data/tasks/dense",
    );
  }));

Deno.test("metrics that fit no task are refused, others go where they fit", async () => {
  const measure = (task: string, metric: "knn" | "depth") =>
    evaluateModels([{ source: "pixels" }], [task], { canvas: 32, limit: 20, metrics: [metric] });
  await assertRejects(
    () => measure("world_depth", "knn"),
    UserError,
    "expected at least one of depth",
  );
  await assertRejects(() => measure("digits", "depth"), UserError, "expected at least one of knn");
});

Deno.test("depth of generated images is told better by a network than by chance", async () => {
  const { rows } = await evaluateModels([{ source: "resnet20_cifar10" }], ["world_depth"], {
    canvas: 64,
    limit: 40,
  });
  assertStringIncludes(rows[0]?.metric ?? "", "depth RMSE");
  assert(rows[0]!.value > 1 && rows[0]!.value < 300, `${rows[0]!.value} cm`);
});

Deno.test("tokens of tiles lie in the grid of their image", async () => {
  const { backbone } = await openModel("resnet20_cifar10");
  const side = backbone.input.size, canvas = 2 * side;
  const images = (quarter: number) => ({
    count: 1,
    digest: "",
    truth: new Uint8Array(),
    pixels: () =>
      Uint8Array.from({ length: canvas * canvas * 3 }, (_, i) => {
        const [row, column] = [Math.floor(i / 3 / canvas), Math.floor(i / 3) % canvas];
        return 2 * Number(row >= side) + Number(column >= side) === quarter ? 250 : 0;
      }),
  });
  const extractor = patchExtractor(backbone, { canvas, tiles: 2 });
  const [rows, columns] = extractor.grid;
  const dark = await extractor.extract(images(-1));
  for (let quarter = 0; quarter < 4; quarter++) {
    const { tokens, width } = await extractor.extract(images(quarter));
    for (let token = 0; token < rows * columns; token++) {
      const values = tokens.subarray(token * width, (token + 1) * width);
      const differs = values.some((value, i) => value !== dark.tokens[token * width + i]);
      const [row, column] = [Math.floor(token / columns), token % columns];
      const within = 2 * Number(row >= rows / 2) + Number(column >= columns / 2);
      assertEquals(differs, within === quarter);
    }
  }
  extractor.dispose();
  backbone.dispose();
});
