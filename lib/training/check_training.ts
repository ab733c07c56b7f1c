/** Whether a recipe can be trained, as far as that is known before its images are decoded. */
import { checkSource } from "../images/sources/check_source.ts";
import type { Recipe } from "../recipe/options.ts";
import { UserError } from "../errors/user_error.ts";
import { assertMemory } from "../io/memory.ts";
import { stageRecipes } from "../recipe/stages/stage_recipes.ts";
import { accountRates } from "./account/rates.ts";
import { trainingMemory } from "./memory/memory.ts";
import { memoryRemedy } from "./memory/memory_remedy.ts";
import { isPrevious } from "./stages/given_teachers.ts";
import { suggestion } from "../errors/did_you_mean.ts";
import { loadRecipe } from "../recipe/load.ts";
import { checkRun, runPaths } from "../runs/run_folder.ts";
import { locateStudent } from "../runs/locate_student.ts";
import { checkBackbone, checkCheckpoint } from "../teachers/check_backbone.ts";
import { parseCheckpointSource } from "../teachers/model_name.ts";
import { zoo } from "../teachers/zoo/entries.ts";

/** Options of {@linkcode checkTraining}. */
export interface CheckTrainingOptions {
  /** Whether teachers are opened by their names. Default true. */
  readonly openTeachers?: boolean | undefined;
  /** Whether the network that the student starts from is opened. Default true. */
  readonly openSource?: boolean | undefined;
  /** That share every batch. Default: 1. */
  readonly processes?: number | undefined;
  /** Bytes that are available. Default: the machine's. */
  readonly availableMemory?: (() => number | undefined) | undefined;
}

/**
 * Refuses a recipe whose images, teachers or source are not there, or whose steps would fill the memory. It opens
 * nothing and makes nothing.
 *
 * @throws {UserError} with the nearest names
 *
 * @example
 * ```ts
 * import { defineRecipe } from "@hashigo/hashigo";
 * import { checkTraining } from "./check_training.ts";
 * const recipe = defineRecipe({
 *   name: "digits",
 *   images: { sources: [{ path: "data/images/digits.zip", split: "train" }], size: 32 },
 *   teachers: ["specialist_digit"],
 *   student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
 *   optimization: { batchSize: 64, steps: 1000 },
 * });
 * const refused = await checkTraining(recipe).then(() => "", String);
 * if (!refused.includes("Did you mean specialist_digits?")) throw new Error("Nearly a name");
 * ```
 */
export async function checkTraining(
  recipe: Recipe,
  options: CheckTrainingOptions = {},
): Promise<void> {
  accountRates();
  if (recipe.stages === undefined) return await checkOneRun(recipe, options);
  for (const { name, recipe: own, ...stage } of stageRecipes(recipe, `runs/${recipe.name}`)) {
    // Students of stages before are not there yet.
    const openSource = options.openSource !== false && !stage.startsFromPrevious;
    const teachers = own.teachers.filter((one) => !isPrevious(one.checkpoint, stage.previous));
    await checkOneRun({ ...own, teachers }, { ...options, openSource }).catch((error) => {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(`Stage "${name}": ${error.message}`, { cause: error });
    });
  }
}

/** A recipe without stages. */
async function checkOneRun(
  recipe: Recipe,
  { openTeachers = true, openSource = true, processes = 1, availableMemory }: CheckTrainingOptions,
): Promise<void> {
  for (const source of recipe.images.sources) {
    if ("path" in source) await checkSource(source.path);
    if ("run" in source) await checkRehearsed(source.run);
  }
  if (openTeachers) {
    for (const teacher of recipe.teachers) await checkBackbone(teacher);
  }
  if (openSource) await checkSourceOfStudent(recipe);
  checkBatch(recipe);
  assertMemory(trainingMemory(recipe, processes), {
    attempt: `distil by the recipe "${recipe.name}"`,
    batchOption: "optimization.batchSize",
    sizeOption: "images.canvas, images.size or the size of the student",
    remedy: (available) => memoryRemedy(recipe, available, processes),
  }, availableMemory);
}

/** Refuses a network to start from that is not there: whether it fits is seen when it is opened. */
async function checkSourceOfStudent({ student: { from } }: Recipe): Promise<void> {
  if (from === undefined) return;
  const checkpoint = parseCheckpointSource(from), names = zoo.map(({ name }) => name);
  if (checkpoint !== undefined) return await checkCheckpoint(checkpoint);
  if (await locateStudent(from) !== undefined || names.includes(from)) return;
  throw new UserError(
    `Cannot start the student from "${from}": found no such run, file or teacher (looked from ` +
      `${Deno.cwd()}), expected the folder of a finished run, its student.safetensors, FAMILY:FILE, or ` +
      `one of ${names.join(", ")}. ${suggestion(from, names) || 'Correct "student.from"'}`,
  );
}

/** Refuses a run to rehearse that is not there, or whose images are gone. */
async function checkRehearsed(run: string): Promise<void> {
  await checkRun(run);
  for (const source of (await loadRecipe(runPaths(run).recipe)).images.sources) {
    if ("path" in source) await checkSource(source.path);
    if ("run" in source) await checkRehearsed(source.run);
  }
}

/** Refuses a batch that is larger than all images, where their number is known without looking. */
function checkBatch({ name, images: { sources }, optimization: { batchSize } }: Recipe): void {
  const most = sources.reduce((sum, source) => {
    const limit = "path" in source
      ? source.limit
      : "run" in source
      ? source.images
      : source.world.images;
    return sum + (limit ?? Infinity) * (source.repeat ?? 1);
  }, 0);
  if (most >= batchSize) return;
  throw new UserError(
    `Cannot run recipe "${name}": its sources have at most ${most} images, expected at least one ` +
      `batch of ${batchSize}. Raise their limits or lower optimization.batchSize`,
  );
}
