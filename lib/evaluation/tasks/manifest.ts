/** What says where the images of an evaluation task lie: a small JSON file for each. */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { UserError } from "../../errors/user_error.ts";
import type { MaskFolders } from "../../images/sources/mask_pairs.ts";
import { packageData } from "../../io/package_data.ts";

const part = z.strictObject({
  path: z.string().min(1),
  folder: z.exactOptional(z.string().min(1)),
});

/** Schema of the manifest of a classification task. */
const classificationTaskSchema = z.strictObject({
  kind: z.literal("classification"),
  description: z.string().max(200),
  from: z.exactOptional(z.enum(["package", "data"])),
  train: part,
  test: z.exactOptional(part),
  licence: z.exactOptional(z.string()),
  source: z.exactOptional(z.string()),
});

/** Labelled images of a task's part: a folder or zip, and the folder in it that holds the classes. */
export interface TaskPart {
  /** Folder or zip file. */
  readonly path: string;
  /** Such as "train" or "images/train". Default: the classes lie at the top. */
  readonly folder?: string;
}

/** A task that says where its images lie, with paths that can be opened. */
export interface TaskManifest {
  /** What tables call it. */
  readonly name: string;
  /** One line. */
  readonly description: string;
  /** Images that are learnt from. */
  readonly train: TaskPart;
  /** Images that are classified. Default: a quarter of `train`, drawn by the seed. */
  readonly test?: TaskPart;
}

/** A manifest is a page at most. */
const maximumBytes = 64 * 1024;

const tasksFolder = () => packageData("tasks/");

/**
 * The folder of image sets that the package may not contain: `HASHIGO_DATA`, else `shared/data`
 * beside the checkout.
 */
export function dataFolder(): string {
  return resolve(Deno.env.get("HASHIGO_DATA") ?? "../shared/data");
}

/**
 * Names of the tasks whose manifests come with the package, sorted. The images of most do not.
 *
 * @example
 * ```ts
 * import { describedTasks } from "@hashigo/hashigo";
 * if (!describedTasks().includes("cifar10")) throw new Error("Expected cifar10");
 * ```
 */
export function describedTasks(): string[] {
  return [...Deno.readDirSync(tasksFolder())].map(({ name }) => name)
    .filter((name) => name.endsWith(".json")).map((name) => name.replace(/\.json$/, "")).sort();
}

/**
 * Finds the manifest of a task: a name of {@linkcode describedTasks}, or the path of a JSON file, whose
 * paths are relative to its own folder. `kind` and the other fields are those of the files in
 * `data/tasks`.
 *
 * @returns undefined where `what` is neither.
 * @throws {UserError} where the file is too large or is no manifest of a classification task, or its
 * images are not there.
 *
 * @example
 * ```ts
 * import { readTaskManifest } from "@hashigo/hashigo";
 * const manifest = await readTaskManifest("mnist_t10k");
 * if (manifest?.train.folder !== "train") throw new Error("Comes with the package");
 * ```
 */
export async function readTaskManifest(what: string): Promise<TaskManifest | undefined> {
  const described = describedTasks().includes(what);
  if (!described && !what.endsWith(".json")) return undefined;
  const path = described ? fileURLToPath(new URL(`${what}.json`, tasksFolder())) : what;
  const { from, description, train, test } = await parseManifest(path);
  const root = from === "data"
    ? dataFolder()
    : from === "package"
    ? fileURLToPath(packageData("images"))
    : dirname(path);
  const located = { ...train, path: resolve(root, train.path) };
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/\.json$/, "");
  for (const { path: images } of [located, ...(test ? [{ path: resolve(root, test.path) }] : [])]) {
    if (await Deno.stat(images).then(() => true, () => false)) continue;
    throw new UserError(
      `Cannot open the task "${name}" (${description}): there is no "${images}". ` +
        (from === "data"
          ? "The package may not contain these images: name the folder that holds them by HASHIGO_DATA."
          : "Correct the path in the manifest; it counts from the manifest's own folder."),
    );
  }
  return {
    name,
    description,
    train: located,
    ...(test === undefined ? {} : { test: { ...test, path: resolve(root, test.path) } }),
  };
}

async function parseManifest(path: string): Promise<z.infer<typeof classificationTaskSchema>> {
  const refuse = (found: string, cause?: unknown) =>
    new UserError(
      `Cannot read the task "${path}": ${found}. Expected a JSON file like those in data/tasks, with ` +
        "kind, description and train; see the one of cifar10.",
      { cause },
    );
  const info = await Deno.stat(path).catch(() => undefined);
  if (!info?.isFile) throw refuse("found no such file");
  if (info.size > maximumBytes) throw refuse(`found ${info.size} bytes`);
  try {
    return classificationTaskSchema.parse(JSON.parse(await Deno.readTextFile(path)));
  } catch (error) {
    throw refuse(error instanceof z.ZodError ? z.prettifyError(error) : "found no JSON", error);
  }
}

const count = z.int().min(2).max(10_000);
const world = z.strictObject({ seed: z.int().min(0), train: count, test: count });
const places = z.strictObject({ images: z.string().min(1), masks: z.string().min(1) });
const shown = {
  description: z.string().max(200),
  /** Side in pixels at which images are kept. */
  canvas: z.int().min(8).max(1024),
  /** Into so many by so many squares an image is cut, each of which a model sees as an image. */
  tiles: z.int().min(1).max(16),
};

/** Schema of the manifest of a dense task: masked images of one's own, or generated ones. */
const denseTaskSchema = z.union([
  z.strictObject({
    kind: z.literal("segmentation"),
    ...shown,
    from: z.exactOptional(z.enum(["data"])),
    path: z.string().min(1),
    train: places,
    test: places,
    classes: z.array(z.string().min(1)).min(2).max(254),
    firstValue: z.int().min(0).max(254).default(0),
    ignore: z.array(z.int().min(0).max(255)).max(255).default([]),
    licence: z.exactOptional(z.string()),
    source: z.exactOptional(z.string()),
  }),
  z.strictObject({ kind: z.enum(["segmentation", "depth"]), ...shown, world }),
]);

/** Generated images. */
export interface GeneratedImages {
  /** Which endless set. */
  readonly seed: number;
  /** How many images are learnt from. */
  readonly train: number;
  /** How many are measured. */
  readonly test: number;
}

/** Masked images and what their masks say. */
export interface MaskedTaskImages {
  /** Folder or zip that can be opened. */
  readonly path: string;
  /** To fit on. */
  readonly train: MaskFolders;
  /** To measure on. */
  readonly test: MaskFolders;
  /** Names by number. */
  readonly classes: readonly string[];
  /** Value of the first class in a mask. */
  readonly firstValue: number;
  /** Values that are left out of every score. */
  readonly ignore: readonly number[];
}

/** A dense task that says where its images are. */
export interface DenseManifest {
  /** What tables call it. */
  readonly name: string;
  /** What is to be known of every pixel. */
  readonly kind: "segmentation" | "depth";
  /** Side in pixels at which images are kept. */
  readonly canvas: number;
  /** Into so many by so many squares an image is cut. */
  readonly tiles: number;
  /** Generated, or of a folder or zip. */
  readonly images: { readonly world: GeneratedImages } | { readonly masked: MaskedTaskImages };
}

const denseTasksFolder = () => packageData("tasks/dense/");

/**
 * Names of the dense tasks whose manifests come with the package, sorted. The images of some do not.
 *
 * @example
 * ```ts
 * import { describedDenseTasks } from "@hashigo/hashigo";
 * if (!describedDenseTasks().includes("world_depth")) throw new Error("Generated");
 * ```
 */
export function describedDenseTasks(): string[] {
  return [...Deno.readDirSync(denseTasksFolder())].map(({ name }) => name)
    .filter((name) => name.endsWith(".json")).map((name) => name.replace(/\.json$/, "")).sort();
}

/**
 * Finds the manifest of a dense task: a name of {@linkcode describedDenseTasks}, or the path of a file
 * like those in `data/tasks/dense`, whose paths are relative to its own folder; its name ends in
 * `.dense.json`.
 *
 * @returns undefined where `what` is neither.
 * @throws {UserError} where the file is no such manifest, or its images are not there.
 *
 * @example
 * ```ts
 * import { readDenseManifest } from "@hashigo/hashigo";
 * const manifest = await readDenseManifest("world_depth");
 * if (manifest?.kind !== "depth") throw new Error("Known distances");
 * ```
 */
export async function readDenseManifest(what: string): Promise<DenseManifest | undefined> {
  const described = describedDenseTasks().includes(what);
  if (!described && !what.endsWith(".dense.json")) return undefined;
  const path = described ? fileURLToPath(new URL(`${what}.json`, denseTasksFolder())) : what;
  const found = await parseDenseManifest(path);
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/(\.dense)?\.json$/, "");
  const { kind, canvas, tiles } = found;
  if ("world" in found) return { name, kind, canvas, tiles, images: { world: found.world } };
  const { train, test, classes, firstValue, ignore } = found;
  const images = resolve(found.from === "data" ? dataFolder() : dirname(path), found.path);
  if (!await Deno.stat(images).then(() => true, () => false)) {
    throw new UserError(
      `Cannot open the task "${name}" (${found.description}): there is no "${images}". ` +
        (found.from === "data"
          ? "The package may not contain these images: name the folder that holds them by HASHIGO_DATA."
          : "Correct the path in the manifest; it counts from the manifest's own folder."),
    );
  }
  const masked = { path: images, train, test, classes, firstValue, ignore };
  return { name, kind, canvas, tiles, images: { masked } };
}

async function parseDenseManifest(path: string): Promise<z.infer<typeof denseTaskSchema>> {
  const refuse = (found: string, cause?: unknown) =>
    new UserError(
      `Cannot read the dense task "${path}": ${found}. Expected a JSON file like those in ` +
        "data/tasks/dense; see the one of camvid11.",
      { cause },
    );
  const info = await Deno.stat(path).catch(() => undefined);
  if (!info?.isFile) throw refuse("found no such file");
  if (info.size > maximumBytes) throw refuse(`found ${info.size} bytes`);
  try {
    return denseTaskSchema.parse(JSON.parse(await Deno.readTextFile(path)));
  } catch (error) {
    throw refuse(error instanceof z.ZodError ? z.prettifyError(error) : "found no JSON", error);
  }
}
