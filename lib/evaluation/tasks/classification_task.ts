/** Labelled images to measure frozen features on. */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import embedded from "../../../data/images/manifest.json" with { type: "json" };
import { packImages } from "../../images/packs/pack.ts";
import type { ImagePack, QuarantinedImage } from "../../images/packs/pack_file.ts";
import { defaultQuarantine } from "../../images/packs/quarantine.ts";
import { readableImages, selectImages } from "../../images/packs/select_images.ts";
import { openSourceFiles } from "../../images/sources/source.ts";
import { randomStream } from "../../tensors/random.ts";
import { UserError } from "../../errors/user_error.ts";
import { suggestion } from "../../errors/did_you_mean.ts";
import { packageData } from "../../io/package_data.ts";
import { describedTasks, readTaskManifest, type TaskPart } from "./manifest.ts";
import { packWorld } from "../../world/pack.ts";
import { type WorldFactor, worldFactorNames } from "../../world/factors.ts";

/** A classification task; close it when done. */
export interface EvaluationTask {
  /** Name of the set, or of its folder or zip. */
  readonly name: string;
  /** Images that vote. */
  readonly train: ImagePack;
  /** Images that are classified. */
  readonly test: ImagePack;
  /** Images that could not be decoded and are in neither part. Default: none. */
  readonly excluded?: readonly QuarantinedImage[];
  /** Closes both. */
  close(): void;
}

/** Options of {@linkcode openEvaluationTask}. */
export interface EvaluationTaskOptions {
  /** Side in pixels at which all models see the images. */
  readonly canvas: number;
  /** At most so many train and so many test images, spread over the classes. Default: all. */
  readonly limit?: number;
  /** Draws the test images where the set has no test part. Default 0. */
  readonly seed?: number;
  /** Folder of decoded images. Default: the user's cache. */
  readonly cache?: string;
}

/** Names of the labelled image sets that come with the package. */
export const embeddedTasks: readonly string[] = Object.keys(embedded);

/**
 * Opens a task: the name of an embedded set, of a factor of the generated world ({@linkcode worldTasks}) or
 * of a manifest in `data/tasks`, or the path of a manifest, a folder or a zip. The parts of a folder or zip are `train` and `test` (or `val`); of a set without
 * parts a quarter of every class, drawn by the seed, is test. Up to a hundredth of the images may be
 * unreadable: these are left out, and listed in `excluded`.
 *
 * @throws {UserError} where there is no such set or path, its manifest says nothing that can be used, where there
 * is one class only, where train and test have different classes, or where a class is too small to be
 * parted; where more images are unreadable, with a list of them.
 *
 * @example
 * ```ts
 * import { openEvaluationTask } from "@hashigo/hashigo";
 * const task = await openEvaluationTask("digits", { canvas: 32, limit: 40 });
 * if (task.test.count !== 40 || task.test.classes.length !== 10) throw new Error("Ten digits");
 * task.close();
 * ```
 */
export async function openEvaluationTask(
  what: string,
  options: EvaluationTaskOptions,
): Promise<EvaluationTask> {
  const world = await openWorldTask(what, options);
  if (world !== undefined) return world;
  const manifest = await readTaskManifest(what);
  const path = manifest === undefined ? await locate(what) : manifest.train.path;
  const name = manifest?.name ?? basename(path).replace(/\.zip$/i, "");
  const parts = manifest ?? await partsOf(path);
  const { canvas, limit, cache } = options;
  const packOptions = {
    canvas,
    quarantine: defaultQuarantine,
    ...(limit === undefined ? {} : { limit }),
    ...(cache === undefined ? {} : { cache }),
  };
  const source = ({ path, folder }: TaskPart) =>
    folder === undefined ? { path } : { path, split: folder };
  if (parts.test === undefined) {
    // The limit counts after parting, so both parts are packed whole.
    const { limit: _, ...whole } = packOptions;
    const pack = await packImages(source(parts.train), whole);
    checkClasses(pack, what);
    const close = () => pack.close();
    return { name, ...partBySeed(readableImages(pack), what, options), ...excluded(pack), close };
  }
  const train = await packImages(source(parts.train), packOptions);
  const test = await packImages(source(parts.test), packOptions);
  const close = () => [train, test].forEach((pack) => pack.close());
  checkClasses(train, what);
  if (train.classes.join("\n") === test.classes.join("\n")) {
    const [learnt, measured] = [readableImages(train), readableImages(test)];
    return { name, train: learnt, test: measured, ...excluded(train, test), close };
  }
  close();
  const missing = train.classes.filter((one) => !test.classes.includes(one));
  const surplus = test.classes.filter((one) => !train.classes.includes(one));
  throw new UserError(
    `Cannot evaluate on "${what}": its parts have different classes (only in train: ` +
      `${missing.join(", ") || "none"}; only in test: ${surplus.join(", ") || "none"}). ` +
      "Expected the same folders in both.",
  );
}

function excluded(...packs: readonly ImagePack[]): Pick<EvaluationTask, "excluded"> {
  const broken = packs.flatMap(({ quarantined = [] }) => quarantined);
  return broken.length === 0 ? {} : { excluded: broken };
}

function checkClasses(pack: ImagePack, what: string): void {
  if (pack.classes.length > 1) return;
  pack.close();
  throw new UserError(
    `Cannot evaluate on "${what}": found one class ("${
      pack.classes[0]
    }"), expected at least 2, each ` +
      "in a folder of its own. Of one class every answer is right.",
  );
}

async function locate(what: string): Promise<string> {
  if (embeddedTasks.includes(what)) {
    return fileURLToPath(packageData(`images/${what}.zip`));
  }
  if (await Deno.stat(what).then(() => true, () => false)) return what.replace(/[/\\]+$/, "");
  const known = [...embeddedTasks, ...worldTasks, ...describedTasks()];
  throw new UserError(
    `Cannot evaluate on "${what}": there is no such folder or zip file, and no set of that name ` +
      `comes with the package (${embeddedTasks.join(", ")}). ` +
      (suggestion(what, known) || "Give one of these, or a path."),
  );
}

/** The two parts of a folder or zip, where there are two. */
async function partsOf(path: string): Promise<{ train: TaskPart; test?: TaskPart }> {
  const place = await openSourceFiles(path);
  try {
    const levels = new Set(
      place.files.flatMap(({ name }) => name.includes("/") ? [name.split("/")[0]] : []),
    );
    const test = ["test", "val"].find((part) => levels.has(part));
    return levels.has("train") && test !== undefined
      ? { train: { path, folder: "train" }, test: { path, folder: test } }
      : { train: { path } };
  } finally {
    place.close();
  }
}

function partBySeed(
  pack: ImagePack,
  what: string,
  { seed = 0, limit }: EvaluationTaskOptions,
): { train: ImagePack; test: ImagePack } {
  const parts: { train: number[]; test: number[] } = { train: [], test: [] };
  pack.classes.forEach((name, label) => {
    const images = [...pack.labels.keys()].filter((i) => pack.labels[i] === label);
    if (images.length < 2) {
      throw new UserError(
        `Cannot evaluate on "${what}": the class "${name}" has ${images.length} image, expected ` +
          "at least 2, one to learn from and one to test. Add images, or folders train and test.",
      );
    }
    const order = randomStream(seed).at("test part", name).permutation(images.length);
    const held = Math.max(1, Math.round(images.length / 4));
    order.forEach((place, i) => parts[i < held ? "test" : "train"].push(images[place] ?? 0));
  });
  const take = (indices: number[]) => selectImages(pack, spread(indices, pack, limit));
  return { train: take(parts.train), test: take(parts.test) };
}

/** The first `limit` images when the classes take turns. */
function spread(indices: number[], pack: ImagePack, limit = Infinity): number[] {
  const seen = new Map<number, number>();
  const turns = indices.map((index) => {
    const label = pack.labels[index] ?? 0;
    const turn = seen.get(label) ?? 0;
    seen.set(label, turn + 1);
    return { index, turn, label };
  });
  turns.sort((a, b) => a.turn - b.turn || a.label - b.label);
  return turns.slice(0, limit).map(({ index }) => index).sort((a, b) => a - b);
}

/** The set whose images tasks are made of; teachers and students learn from others. */
const seed = 0;
const counts = { train: 2000, test: 1000 };

/**
 * Names of the tasks that ask for a factor of the generated world: `world_shape` and so on.
 *
 * @example
 * ```ts
 * import { worldTasks } from "@hashigo/hashigo";
 * if (!worldTasks.includes("world_texture")) throw new Error("Five factors, five tasks");
 * ```
 */
export const worldTasks: readonly string[] = worldFactorNames.map((factor) => `world_${factor}`);

/** Opens one of {@linkcode worldTasks}; undefined for every other name. */
export async function openWorldTask(
  name: string,
  { canvas, limit = Infinity, cache }: EvaluationTaskOptions,
): Promise<EvaluationTask | undefined> {
  const factor = worldFactorNames.find((one) => `world_${one}` === name);
  if (factor === undefined) return undefined;
  const open = (first: number, count: number, by: WorldFactor) =>
    packWorld({ seed, first, images: Math.min(limit, count), factor: by }, {
      canvas,
      ...(cache === undefined ? {} : { cache }),
    });
  const train = await open(0, counts.train, factor);
  const test = await open(counts.train, counts.test, factor);
  return { name, train, test, close: () => [train, test].forEach((pack) => pack.close()) };
}
