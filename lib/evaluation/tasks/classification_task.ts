/** Classification tasks: sets of labelled images in two parts, one to learn from and one to measure on. */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import embedded from "../../../data/images/manifest.json" with { type: "json" };
import { packLabelled } from "../../images/packs/pack.ts";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import { defaultQuarantine } from "../../images/packs/quarantine.ts";
import { readableImages } from "../../images/packs/select_images.ts";
import { sharedImages } from "../../images/packs/shared_images.ts";
import type { LabelledImages } from "../../images/sources/labels.ts";
import { plural } from "../../images/sources/summary.ts";
import { packageData } from "../../io/package_data.ts";
import { quote } from "../../errors/quote.ts";
import { UserError } from "../../errors/user_error.ts";
import { suggestion } from "../../errors/did_you_mean.ts";
import { type LabelledPart, openParts, type TaskParts } from "./labelled_parts.ts";
import { type ClassificationManifest, describedTasks, readManifest } from "./manifest.ts";
import { partBySeed, testPart, validationPart } from "./part_by_seed.ts";
import type { ClassificationTask, OpenTaskOptions } from "./task.ts";
import { openWorldTask, worldTasks } from "./world_task.ts";

/** Names of the labelled image sets that come with the package. */
export const embeddedTasks: readonly string[] = Object.keys(embedded);

/**
 * Opens a classification task: the name of an embedded set, of a factor of the generated world
 * ({@linkcode worldTasks}) or of a manifest in `data/tasks`, or the path of a manifest, a folder or a
 * zip. The parts of a folder or zip are `train` and `test` (or `val`); of a set without parts a quarter
 * of every class, drawn by the seed, is test. Up to a hundredth of the images may be unreadable: these
 * are left out, and listed in `excluded`. With `validation` a third of every class of the train part, drawn by
 * the seed, takes the place of the test part, whose images are not opened.
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
  if (options.validation && worldTasks.includes(source)) throw noValidation(source);
  const world = await openWorldTask(source, options);
  if (world !== undefined) return world;
  const { manifest, path } = await locateClassified(source);
  const name = manifest?.name ?? basename(path).replace(/\.zip$/i, "");
  const parts = await openParts(path, manifest, options.split);
  try {
    return { kind: "classification", name, ...await packParts(parts, source, options) };
  } finally {
    parts.close();
  }
}

/** The manifest of a name or path, where there is one, and where its train images lie. */
async function locateClassified(source: string) {
  const manifest = await readClassificationManifest(source);
  return { manifest, path: manifest?.train.path ?? await locateImages(source) };
}

/**
 * Looks whether the images of a set can be listed and have two classes or more; none is decoded.
 *
 * @returns where its train images lie; undefined of the generated world, which lies nowhere
 * @throws {UserError} as {@linkcode openClassificationTask}
 */
export async function checkClassificationTask(source: string): Promise<string | undefined> {
  if (worldTasks.includes(source)) return undefined;
  const { manifest, path } = await locateClassified(source);
  const parts = await openParts(path, manifest, undefined);
  try {
    checkClasses(parts.train, source);
    return path;
  } finally {
    parts.close();
  }
}

async function packParts(
  { train, test }: TaskParts,
  source: string,
  options: OpenTaskOptions,
): Promise<Omit<ClassificationTask, "kind" | "name">> {
  const { canvas, background, maximumPixels, cache, validation, onProgress, onListed } = options;
  const pack = ({ files, labelled }: LabelledPart, limit?: number) =>
    packLabelled(files, labelled, {
      ...{ canvas, background, maximumPixels, cache, limit, onProgress },
      quarantine: defaultQuarantine,
    });
  checkClasses(train, source);
  if (test !== undefined) checkSameClasses([train.labelled, test.labelled], source);
  if (test === undefined || validation) {
    onListed?.(train.labelled.read ?? "");
    // The limit counts after parting, so both parts are packed whole.
    const whole = await pack(train);
    const drawn = [
      ...test === undefined ? [testPart] : [],
      ...validation ? [validationPart] : [],
    ];
    const parts = partBySeed(readableImages(whole), drawn, { source, ...options });
    const held = `${whole.listed}; ${plural(parts.test.count, "image")} held out by the seed`;
    return { ...parts, ...closing(whole), listed: withShared(held, parts, onListed) };
  }
  const lines = [train, test].map(({ name, labelled }) => `${name}: ${labelled.read}`);
  const listed = lines.join(" | ");
  onListed?.(listed);
  const packs = [await pack(train, options.limit), await pack(test, options.limit)] as const;
  const parts = { train: readableImages(packs[0]), test: readableImages(packs[1]) };
  return { ...parts, ...closing(...packs), listed: withShared(listed, parts, onListed) };
}

/** What was listed, with the images that are in both parts, which make every model look better. */
function withShared(
  listed: string,
  { train, test }: Pick<ClassificationTask, "train" | "test">,
  onListed: ((line: string) => void) | undefined,
): string {
  const shared = sharedImages(train, test);
  if (shared.length === 0) return listed;
  const found = `${shared.length.toLocaleString("en")} of the ${plural(test.count, "image")} to ` +
    `measure on ${shared.length === 1 ? "is" : "are"} also among those to learn from, such as ` +
    quote(shared[0]!);
  onListed?.(`warning: ${found}`);
  return `${listed}; ${found}`;
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

/** Refuses to hold out train images where there are none with one class each in files. */
export function noValidation(source: string): UserError {
  return new UserError(
    `Cannot hold out a part of the train images of "${source}": found a task of the generated world or of ` +
      "pixels, expected one whose images have one class each, such as digits",
  );
}

function checkSameClasses(
  parts: readonly [train: LabelledImages, test: LabelledImages],
  source: string,
): void {
  const [train, test] = parts.map(({ classes }) => classes);
  if (train!.join("\n") === test!.join("\n")) return;
  const missing = train!.filter((name) => !test!.includes(name));
  const surplus = test!.filter((name) => !train!.includes(name));
  throw new UserError(
    `Cannot evaluate on "${source}": its parts have different classes (only in train: ` +
      `${missing.join(", ") || "none"}; only in test: ${surplus.join(", ") || "none"}). ` +
      "Expected the same folders, or labels, in both.",
  );
}

function checkClasses({ labelled: { classes }, files }: LabelledPart, source: string): void {
  if (classes.length > 1) return;
  const found = classes[0] === "" ? "no class folders" : `one class ("${classes[0]}")`;
  const json = files.files.find(({ name }) => /\.json$/i.test(name));
  throw new UserError(
    `Cannot evaluate on "${source}": found ${found}, expected at least 2, each ` +
      "in a folder of its own, or in a file labels.csv with columns image and label. Of one class " +
      "every answer is right." +
      (json === undefined ? "" : ` If "${json.name}" holds COCO annotations, write them as masks ` +
        "first: see docs/own_data.md."),
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
