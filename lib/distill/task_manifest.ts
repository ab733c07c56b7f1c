/** What says where the images of an evaluation task lie: a small JSON file for each. */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { UserError } from "../user_error.ts";

const part = z.strictObject({
  path: z.string().min(1),
  folder: z.exactOptional(z.string().min(1)),
});

/** Schema of the manifest of a classification task. */
export const classificationTaskSchema = z.strictObject({
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

const tasksFolder = new URL("../../data/tasks/", import.meta.url);

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
  return [...Deno.readDirSync(tasksFolder)].map(({ name }) => name)
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
  const path = described ? fileURLToPath(new URL(`${what}.json`, tasksFolder)) : what;
  const { from, description, train, test } = await parseManifest(path);
  const root = from === "data"
    ? dataFolder()
    : from === "package"
    ? fileURLToPath(new URL("../../data/images", import.meta.url))
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
