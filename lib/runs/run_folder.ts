/** The folder of a run: its files, which process may write to it, and whether it may be resumed. */
import { writeFileAtomic } from "../io/atomic_file.ts";
import { explainDiskError } from "../io/disk_error.ts";
import { UserError } from "../errors/user_error.ts";
import { loadRecipe } from "../recipe/load.ts";
import { recipeDifferences } from "../recipe/fingerprint.ts";
import type { Recipe } from "../recipe/options.ts";
import { type RunLock, takeLock } from "./run_lock.ts";
import { refuseDifferences } from "./provenance.ts";

/** Where the parts of a run lie. */
export interface RunPaths {
  /** The run itself. */
  readonly folder: string;
  /** The resolved recipe. */
  readonly recipe: string;
  /** The same as a module that can be changed, where no recipe was given. */
  readonly recipeSource: string;
  /** The recipe with all its stages, where the run is the last of them. */
  readonly stages: string;
  /** The length of a run with a budget of minutes. */
  readonly plan: string;
  /** One line per update. */
  readonly log: string;
  /** Event files of TensorBoard, where there is such a tracker. */
  readonly tensorboard: string;
  /** Folder of the checkpoints. */
  readonly checkpoints: string;
  /** The trained encoder. */
  readonly student: string;
  /** Written last: a run that has it is finished. */
  readonly result: string;
  /** Rows of the evaluation. */
  readonly evaluation: string;
  /** How the student is read out, where that was chosen. */
  readonly readout: string;
  /** Pictures of the models' features of a few images. */
  readonly pictures: string;
  /** Analyses of the models and of how alike they are. */
  readonly analysis: string;
  /** Costs of the models where they run. */
  readonly deployment: string;
  /** A page for people. */
  readonly report: string;
}

/** A run whose folder this process holds. */
export interface RunFolder extends RunPaths {
  /** Whether the run had begun before. */
  readonly resumed: boolean;
  /** Whether the run had been finished before. */
  readonly finished: boolean;
  /** Process that held the folder and was killed before it could let it go. */
  readonly abandonedBy?: string | undefined;
  /** Lets another process take it. */
  release(): void;
  /** Releases it at the end of a `using` block. */
  [Symbol.dispose](): void;
}

/**
 * Names of the files of a run.
 *
 * @example
 * ```ts
 * import { runPaths } from "./run_folder.ts";
 * if (runPaths("runs/digits").log !== "runs/digits/log.jsonl") throw new Error("Log moved");
 * ```
 */
export function runPaths(path: string): RunPaths {
  // A shell completes the name of a folder with a slash.
  const folder = path.replace(/(?<=.)[/\\]+$/, "");
  return {
    folder,
    recipe: `${folder}/recipe.json`,
    recipeSource: `${folder}/recipe.ts`,
    stages: `${folder}/stages.json`,
    plan: `${folder}/plan.json`,
    log: `${folder}/log.jsonl`,
    tensorboard: `${folder}/tensorboard`,
    checkpoints: `${folder}/checkpoints`,
    student: `${folder}/student.safetensors`,
    result: `${folder}/result.json`,
    evaluation: `${folder}/evaluation.json`,
    readout: `${folder}/readout.json`,
    pictures: `${folder}/pictures.json`,
    analysis: `${folder}/analysis.json`,
    deployment: `${folder}/deployment.json`,
    report: `${folder}/report.html`,
  };
}

/** Whether and how a run that is in the folder already is gone on with. */
export interface OpenRunOptions {
  /** Whether to go on with it. Default false. */
  readonly resume?: boolean | undefined;
  /** Names of options that may differ from those it was begun with. Default: none. */
  readonly allow?: readonly string[] | undefined;
  /** The recipe of whose stages the run is the last. Default: its own is the whole. */
  readonly whole?: Recipe | undefined;
}

/**
 * Refuses a folder that {@linkcode openRunFolder} would refuse, apart from its lock; makes nothing.
 *
 * @throws {UserError} as that function
 */
export async function checkRunFolder(
  folder: string,
  recipe: Recipe,
  { resume, allow = [], whole = recipe }: OpenRunOptions = {},
): Promise<Pick<RunFolder, "resumed" | "finished">> {
  const paths = runPaths(folder);
  if (!resume) await checkNewRunFolder(folder);
  else await assertRunOrEmpty(paths);
  const resumed = await exists(paths.recipe);
  const finished = await exists(paths.result);
  if (!resumed) return { resumed, finished };
  const stored = await loadRecipe(await recipePath(paths));
  refuseDifferences(folder, recipeDifferences(stored, whole), allow);
  return { resumed, finished };
}

/** The file that holds the recipe of a run, with all its stages where it has some. */
export async function recipePath(paths: Pick<RunPaths, "recipe" | "stages">): Promise<string> {
  return await exists(paths.stages) ? paths.stages : paths.recipe;
}

/**
 * Refuses a folder in which no run can begin.
 *
 * @throws {UserError} where it holds a run, or anything else
 */
export async function checkNewRunFolder(folder: string): Promise<void> {
  const paths = runPaths(folder);
  await assertRunOrEmpty(paths);
  if (await exists(paths.recipe)) throw await existingRunError(paths, await exists(paths.result));
}

/**
 * Takes a folder for a run, makes it where it is missing, and stores the resolved recipe in it. The
 * system frees the lock of a process that is killed.
 *
 * @param options resume: whether to go on with the run that is there, if any; allow: names of options
 * that may differ from those it was begun with.
 * @throws {UserError} where the folder holds a run that is not to be resumed, a run of another
 * recipe (every differing option is listed), anything that is not a run, or where another process
 * writes to it (its id is named).
 *
 * @example
 * ```ts
 * import { defineRecipe } from "@hashigo/hashigo";
 * import { openRunFolder } from "./run_folder.ts";
 * const recipe = defineRecipe({
 *   name: "digits",
 *   images: { sources: [{ path: "digits.zip" }], size: 32 },
 *   teachers: ["digits"],
 *   student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
 *   optimization: { batchSize: 64, steps: 1000 },
 * });
 * const folder = await Deno.makeTempDir();
 * {
 *   using run = await openRunFolder(folder, recipe);
 *   if (run.resumed) throw new Error("The folder was empty");
 * }
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function openRunFolder(
  folder: string,
  recipe: Recipe,
  options: OpenRunOptions = {},
): Promise<RunFolder> {
  const paths = runPaths(folder);
  const { abandonedBy, release } = await holdFolder(paths, recipe, options);
  try {
    // Once more, since another process may have begun there before the lock was taken.
    const { resumed, finished } = await checkRunFolder(folder, recipe, options);
    if (!resumed) await storeRecipe(paths, recipe);
    return {
      ...paths,
      resumed,
      finished,
      abandonedBy,
      release,
      [Symbol.dispose]: release,
    };
  } catch (error) {
    release();
    throw explainFolderError(error, folder);
  }
}

/** Makes the folder and takes its lock. */
async function holdFolder(
  paths: RunPaths,
  recipe: Recipe,
  options: OpenRunOptions,
): Promise<RunLock> {
  try {
    // Before anything is made: a refused folder stays as it was.
    await checkRunFolder(paths.folder, recipe, options);
    await Deno.mkdir(paths.folder, { recursive: true });
    return await takeLock(paths.folder);
  } catch (error) {
    throw explainFolderError(error, paths.folder);
  }
}

function explainFolderError(error: unknown, folder: string): unknown {
  return explainDiskError(error, {
    path: folder,
    purpose: "run in",
    advice: "Name one with --run",
  });
}

/**
 * Refuses a folder that holds no run.
 *
 * @throws {UserError} where there is no recipe in it
 */
export async function checkRun(folder: string): Promise<void> {
  if (await exists(runPaths(folder).recipe)) return;
  throw new UserError(
    `Cannot use "${folder}" as a run: found no recipe.json there, expected the folder of a run. ` +
      "Runs lie in runs/ unless --run names another folder.",
  );
}

/** Stores the resolved recipe of a run that begins, or that goes on with differences that are allowed. */
export async function storeRecipe(paths: Pick<RunPaths, "recipe">, recipe: Recipe): Promise<void> {
  await writeFileAtomic(paths.recipe, JSON.stringify(recipe, null, 2) + "\n");
}

async function assertRunOrEmpty(paths: RunPaths): Promise<void> {
  const stat = await Deno.stat(paths.folder).catch(() => undefined);
  if (!stat) return;
  if (await exists(paths.recipe)) {
    // A run has had a lock; a recipe.json alone may be of anything.
    if (await exists(`${paths.folder}/lock`) || await isRecipe(paths.recipe)) return;
    throw foreignRecipe(paths.folder);
  }
  const names = stat.isDirectory
    ? (await Array.fromAsync(Deno.readDir(paths.folder))).map(({ name }) => name)
      .filter((name) => name !== "lock" && name !== ".DS_Store" && !name.endsWith(".partial"))
    : undefined;
  if (names?.length === 0) return;
  const found = names === undefined ? "a file" : `files that are not a run (${shortList(names)})`;
  throw new UserError(
    `Cannot run in "${paths.folder}": found ${found}, expected a new or empty folder, or that of a ` +
      "run. Choose another one with --run.",
  );
}

function shortList(names: readonly string[]): string {
  return [...names.toSorted().slice(0, 3), ...names.length > 3 ? ["…"] : []].join(", ");
}

async function existingRunError(paths: RunPaths, finished: boolean): Promise<UserError> {
  if (!await isRecipe(paths.recipe)) return foreignRecipe(paths.folder);
  const [found, advice] = finished
    ? ["a finished run", "Keep it"]
    : ["an unfinished run", `Go on with it by distill --resume ${paths.folder}`];
  return new UserError(
    `Cannot begin a run in "${paths.folder}": found ${found}. ${advice}, or choose another folder ` +
      "with --run.",
  );
}

async function isRecipe(path: string): Promise<boolean> {
  return await loadRecipe(path).then(() => true, () => false);
}

function foreignRecipe(folder: string): UserError {
  return new UserError(
    `Cannot run in "${folder}": found a recipe.json of another program or version, expected a new or ` +
      "empty folder, or that of a run. Choose another one with --run.",
  );
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
