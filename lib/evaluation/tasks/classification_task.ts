/** Classification tasks: sets of labelled images in two parts, one to learn from and one to measure on. */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import embedded from "../../../data/images/manifest.json" with { type: "json" };
import { packImages } from "../../images/packs/pack.ts";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import { defaultQuarantine } from "../../images/packs/quarantine.ts";
import { readableImages, selectImages } from "../../images/packs/select_images.ts";
import { spreadOverClasses } from "../../images/packs/spread_over_classes.ts";
import { openSourceFiles } from "../../images/sources/source.ts";
import { packageData } from "../../io/package_data.ts";
import { randomStream } from "../../tensors/random.ts";
import { UserError } from "../../errors/user_error.ts";
import { suggestion } from "../../errors/did_you_mean.ts";
import {
  type ClassificationManifest,
  describedTasks,
  readManifest,
  type TaskPart,
} from "./manifest.ts";
import type { ClassificationTask, OpenTaskOptions } from "./task.ts";
import { openWorldTask, worldTasks } from "./world_task.ts";

/** Names of the labelled image sets that come with the package. */
export const embeddedTasks: readonly string[] = Object.keys(embedded);

/** The two parts of a set; without a test part, the seed draws one. */
interface TaskParts {
  readonly train: TaskPart;
  readonly test?: TaskPart | undefined;
}

/**
 * Opens a classification task: the name of an embedded set, of a factor of the generated world
 * ({@linkcode worldTasks}) or of a manifest in `data/tasks`, or the path of a manifest, a folder or a
 * zip. The parts of a folder or zip are `train` and `test` (or `val`); of a set without parts a quarter
 * of every class, drawn by the seed, is test. Up to a hundredth of the images may be unreadable: these
 * are left out, and listed in `excluded`.
 *
 * @throws {UserError} where there is no such set or path, its manifest cannot be used, there is one
 * class only, train and test have different classes, or a class is too small to be parted; where more
 * images are unreadable, with a list of them.
 *
 * @example
 * ```ts
 * import { openClassificationTask } from "./classification_task.ts";
 * const task = await openClassificationTask("digits", { canvas: 32, limit: 40 });
 * if (task.test.count !== 40 || task.test.classes.length !== 10) throw new Error("Ten digits");
 * task.close();
 * ```
 */
export async function openClassificationTask(
  source: string,
  options: OpenTaskOptions,
): Promise<ClassificationTask> {
  const world = await openWorldTask(source, options);
  if (world !== undefined) return world;
  const manifest = await readClassificationManifest(source);
  const path = manifest?.train.path ?? await locateImages(source);
  const name = manifest?.name ?? basename(path).replace(/\.zip$/i, "");
  const { train, test }: TaskParts = manifest ?? await partsOf(path);
  const pack = ({ path, folder }: TaskPart, limit?: number) => {
    const { canvas, cache, onProgress } = options;
    return packImages({ path, split: folder }, {
      canvas,
      cache,
      onProgress,
      limit,
      quarantine: defaultQuarantine,
    });
  };
  if (test === undefined) {
    // The limit counts after parting, so both parts are packed whole.
    const whole = await pack(train);
    checkClasses(whole, source);
    const parts = partBySeed(readableImages(whole), source, options);
    return { kind: "classification", name, ...parts, ...closing(whole) };
  }
  const packs = [await pack(train, options.limit), await pack(test, options.limit)] as const;
  checkClasses(packs[0], source);
  checkSameClasses(packs, source);
  const [learnt, measured] = packs.map(readableImages);
  return { kind: "classification", name, train: learnt!, test: measured!, ...closing(...packs) };
}

async function readClassificationManifest(
  source: string,
): Promise<ClassificationManifest | undefined> {
  const manifest = await readManifest(source);
  if (manifest === undefined || manifest.kind === "classification") return manifest;
  throw new UserError(
    `Cannot classify the images of "${source}": found a task of ${manifest.kind}, expected one whose ` +
      "images have one class each, such as digits.",
  );
}

/** What a task says of the packs below it. */
function closing(...packs: readonly ImagePack[]): Pick<ClassificationTask, "excluded" | "close"> {
  const broken = packs.flatMap(({ quarantined = [] }) => quarantined);
  return {
    excluded: broken.length === 0 ? undefined : broken,
    close: () => packs.forEach((pack) => pack.close()),
  };
}

function checkSameClasses(packs: readonly [train: ImagePack, test: ImagePack], source: string) {
  const [train, test] = packs.map(({ classes }) => classes);
  if (train!.join("\n") === test!.join("\n")) return;
  for (const pack of packs) pack.close();
  const missing = train!.filter((name) => !test!.includes(name));
  const surplus = test!.filter((name) => !train!.includes(name));
  throw new UserError(
    `Cannot evaluate on "${source}": its parts have different classes (only in train: ` +
      `${missing.join(", ") || "none"}; only in test: ${surplus.join(", ") || "none"}). ` +
      "Expected the same folders in both.",
  );
}

function checkClasses(pack: ImagePack, source: string): void {
  if (pack.classes.length > 1) return;
  pack.close();
  throw new UserError(
    `Cannot evaluate on "${source}": found one class ("${
      pack.classes[0]
    }"), expected at least 2, each ` +
      "in a folder of its own. Of one class every answer is right.",
  );
}

/** Path of the images that a name of an embedded set, a folder or a zip stands for. */
export async function locateImages(source: string): Promise<string> {
  if (embeddedTasks.includes(source)) {
    return fileURLToPath(packageData(`images/${source}.zip`));
  }
  if (await Deno.stat(source).then(() => true, () => false)) return source.replace(/[/\\]+$/, "");
  const known = [...embeddedTasks, ...worldTasks, ...describedTasks()];
  throw new UserError(
    `Cannot evaluate on "${source}": there is no such folder or zip file, and no set of that name ` +
      `comes with the package (${embeddedTasks.join(", ")}). ` +
      (suggestion(source, known) || "Give one of these, or a path."),
  );
}

/** The two parts of a folder or zip, where there are two. */
async function partsOf(path: string): Promise<TaskParts> {
  const files = await openSourceFiles(path);
  try {
    const levels = new Set(
      files.files.flatMap(({ name }) => name.includes("/") ? [name.split("/")[0]] : []),
    );
    const test = ["test", "val"].find((part) => levels.has(part));
    return levels.has("train") && test !== undefined
      ? { train: { path, folder: "train" }, test: { path, folder: test } }
      : { train: { path } };
  } finally {
    files.close();
  }
}

function partBySeed(
  pack: ImagePack,
  source: string,
  { seed = 0, limit = Infinity }: OpenTaskOptions,
): { train: ImagePack; test: ImagePack } {
  const parts: { train: number[]; test: number[] } = { train: [], test: [] };
  pack.classes.forEach((name, label) => {
    const images = [...pack.labels.keys()].filter((i) => pack.labels[i] === label);
    if (images.length < 2) {
      throw new UserError(
        `Cannot evaluate on "${source}": the class "${name}" has ${images.length} image, expected ` +
          "at least 2, one to learn from and one to test. Add images, or folders train and test.",
      );
    }
    const order = randomStream(seed).at("test part", name).permutation(images.length);
    const held = Math.max(1, Math.round(images.length / 4));
    order.forEach((place, i) => parts[i < held ? "test" : "train"].push(images[place] ?? 0));
  });
  const take = (indices: readonly number[]) => {
    const { classes, labels, names } = pack;
    const images = indices.map((file) => ({ file, name: names[file]!, label: labels[file]! }));
    const kept = spreadOverClasses({ classes, images }, limit).images;
    return selectImages(pack, kept.map(({ file }) => file).sort((a, b) => a - b));
  };
  return { train: take(parts.train), test: take(parts.test) };
}
