/** Manifests of evaluation tasks: small JSON files that say where images lie and what is known of them. */
import { basename, dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { UserError } from "../../errors/user_error.ts";
import { readJson } from "../../io/text_file.ts";
import { packageData } from "../../io/package_data.ts";

const part = z.strictObject({
  /** Folder or zip file. */
  path: z.string().min(1),
  /**
   * The folder in it that holds the classes, such as "images/train", or what that is for, such as
   * "val". Default: they lie at the top.
   */
  folder: z.string().min(1).optional(),
});

const classification = z.strictObject({
  kind: z.literal("classification"),
  /** One line. */
  description: z.string().max(200),
  /** Where paths begin. Default: the manifest's own folder. */
  from: z.enum(["package", "data"]).optional(),
  /** Images to learn from. */
  train: part,
  /** Images to measure on. Default: a quarter of `train`, drawn by the seed. */
  test: part.optional(),
  licence: z.string().optional(),
  source: z.string().optional(),
});

const dense = {
  /** One line. */
  description: z.string().max(200),
  /** Side in pixels at which images are kept. */
  canvas: z.int().min(8).max(1024),
  /** An image is cut into this many by this many tiles, each of which a model sees as an image. */
  tiles: z.int().min(1).max(16),
};

/** Folders of images and their masks. */
const places = z.strictObject({ images: z.string().min(1), masks: z.string().min(1) });

const masked = z.strictObject({
  kind: z.literal("segmentation"),
  ...dense,
  /** Where the path begins. Default: the manifest's own folder. */
  from: z.enum(["data"]).optional(),
  /** Folder or zip file. */
  path: z.string().min(1),
  /** Images to learn from. */
  train: places,
  /** Images to measure on. */
  test: places,
  /** Names by number. */
  classes: z.array(z.string().min(1)).min(2).max(254),
  /** Value of the first class in a mask. */
  firstValue: z.int().min(0).max(254).default(0),
  /** Values that are left out of every score. */
  ignore: z.array(z.int().min(0).max(255)).max(255).default([]),
  licence: z.string().optional(),
  source: z.string().optional(),
});

const count = z.int().min(2).max(10_000);
/** Images of the generated world: its seed, and the numbers of images. */
const world = z.strictObject({ seed: z.int().min(0), train: count, test: count });
const generatedParts = z.strictObject({ kind: z.literal("segmentation"), ...dense, world });
const depth = z.strictObject({ kind: z.literal("depth"), ...dense, world });

const schema = z.discriminatedUnion("kind", [
  classification,
  z.looseObject({ kind: z.literal("segmentation") }).pipe(z.union([masked, generatedParts])),
  depth,
]).superRefine((manifest, context) => {
  if (manifest.kind === "classification" || manifest.canvas % manifest.tiles === 0) return;
  const { canvas, tiles } = manifest, nearest = tiles * Math.max(1, Math.round(canvas / tiles));
  context.addIssue({
    code: "custom",
    path: ["canvas"],
    message:
      `${canvas} px cannot be cut into ${tiles} x ${tiles} equal tiles, whose tokens would lie ` +
      `beside the pixels that they are of; expected a multiple of ${tiles}, such as ${nearest}`,
  });
});

/** Images of one part of a classification task. */
export type TaskPart = z.infer<typeof part>;

/** A task whose images have one class each; its paths can be opened. */
export type ClassificationManifest = Named<z.infer<typeof classification>>;

/** A task whose pixels have a class, generated or masked, or a depth; its path can be opened. */
export type DenseManifest = Named<
  z.infer<typeof masked> | z.infer<typeof generatedParts> | z.infer<typeof depth>
>;

/** A manifest with what tables call its task: the name of its file. */
export type TaskManifest = ClassificationManifest | DenseManifest;

type Named<Manifest> = Manifest & { readonly name: string };

/** A manifest is a page at most. */
const maximumBytes = 64 * 1024;

/**
 * The folder of image sets that the package may not contain: `HASHIGO_DATA`, else `shared/data`
 * beside the checkout.
 */
export function dataFolder(): string {
  return resolve(Deno.env.get("HASHIGO_DATA") ?? "../shared/data");
}

/**
 * Names of the tasks whose manifests come with the package: classification tasks first, then dense
 * ones, each sorted. The images of most do not come with it.
 *
 * @example
 * ```ts
 * import { describedTasks } from "@hashigo/hashigo/evaluation";
 * const names = describedTasks();
 * if (!names.includes("cifar10") || !names.includes("world_depth")) throw new Error("Both kinds");
 * ```
 */
export function describedTasks(): string[] {
  return [...describedFiles().keys()];
}

interface ManifestFile {
  readonly path: string;
  /** Whether it describes a task of pixels. */
  readonly isDense: boolean;
}

/** Manifests that come with the package, by the name of their task. */
function describedFiles(): Map<string, ManifestFile> {
  const below = (folder: URL, isDense: boolean) =>
    [...Deno.readDirSync(folder)]
      .filter(({ name }) => name.endsWith(".json"))
      .map(({ name }) => basename(name, ".json"))
      .sort()
      .map((name) => {
        const path = fileURLToPath(new URL(`${name}.json`, folder));
        return [name, { path, isDense }] as const;
      });
  return new Map([
    ...below(packageData("tasks/"), false),
    ...below(packageData("tasks/dense/"), true),
  ]);
}

/**
 * Reads the manifest of a task: a name of {@linkcode describedTasks}, or the path of a JSON file like
 * those in `data/tasks` or, where it ends in `.dense.json`, in `data/tasks/dense`. Paths in a file are
 * relative to its own folder.
 *
 * @returns undefined where `source` is neither.
 * @throws {UserError} where the file is too large or no such manifest, or its images are not there.
 *
 * @example
 * ```ts
 * import { readManifest } from "@hashigo/hashigo/evaluation";
 * const manifest = await readManifest("world_depth");
 * if (manifest?.kind !== "depth") throw new Error("Known distances");
 * ```
 */
export async function readManifest(source: string): Promise<TaskManifest | undefined> {
  const file = describedFiles().get(source) ??
    { path: source, isDense: source.endsWith(".dense.json") };
  const { path } = file;
  if (!path.endsWith(".json")) return undefined;
  const manifest = await parseManifest(file);
  const name = basename(path).replace(/(\.dense)?\.json$/, "");
  if ("world" in manifest) return { ...manifest, name };
  const root = rootOf(path, manifest.from);
  const locate = async (images: string) => {
    const located = resolve(root, images);
    if (await Deno.stat(located).then(() => true, () => false)) return located;
    throw absent({ ...manifest, name }, located);
  };
  if (manifest.kind === "segmentation") {
    return { ...manifest, name, path: await locate(manifest.path) };
  }
  const { train, test } = manifest;
  return {
    ...manifest,
    name,
    train: { ...train, path: await locate(train.path) },
    test: test && { ...test, path: await locate(test.path) },
  };
}

/** The folder at which the paths of a manifest begin. */
function rootOf(path: string, from: "package" | "data" | undefined): string {
  if (from === "data") return dataFolder();
  if (from === undefined) return dirname(path);
  return fileURLToPath(packageData("images"));
}

function absent(
  { name, description, from }: { name: string; description: string; from?: string | undefined },
  images: string,
): UserError {
  return new UserError(
    `Cannot open the task "${name}" (${description}): there is no "${images}". ` +
      (from === "data"
        ? "The package may not contain these images: name the folder that holds them by HASHIGO_DATA."
        : "Correct the path in the manifest; it counts from the manifest's own folder."),
  );
}

async function parseManifest({ path, isDense }: ManifestFile): Promise<z.infer<typeof schema>> {
  const [noun, like] = isDense
    ? ["dense task", "data/tasks/dense; see the one of camvid11"]
    : ["task", "data/tasks, with kind, description and train; see the one of cifar10"];
  const advice = `Expected a JSON file like those in ${like}`;
  const refuse = (found: string, cause?: unknown) =>
    new UserError(`Cannot read the ${noun} "${path}": ${found}. ${advice}.`, { cause });
  const json = await readJson(path, { noun: `the ${noun}`, advice, maximumBytes });
  const { data: manifest, error } = schema.safeParse(json);
  if (manifest === undefined) throw refuse(z.prettifyError(error), error);
  if ((manifest.kind !== "classification") === isDense) return manifest;
  throw refuse(`found the kind "${manifest.kind}"`);
}
