/** Times the steps of a recipe without running it. */
import type { Work } from "../../io/progress_line.ts";
import type { Recipe } from "../../recipe/options.ts";
import { useArithmetic } from "../arithmetic.ts";
import { setUpTraining } from "../setup.ts";
import type { StepSeconds } from "./fit_steps.ts";
import { keptBytes } from "./kept_bytes.ts";
import { measureSteps } from "./measure_steps.ts";

/** What a recipe's steps take, and what it keeps. */
export interface TimedRecipe {
  readonly speed: StepSeconds;
  /** Bytes of all that is kept of one view of an image. */
  readonly viewBytes: number;
}

/**
 * Opens what a recipe names and takes some of its steps, which are thrown away. Nothing is kept but the decoded images.
 *
 * @param options seconds: after which no more steps are begun than are needed; folder: for the while
 * @throws {UserError} for images and teachers that cannot be opened
 */
export async function timeRecipe(
  recipe: Recipe,
  { seconds, folder, now, onWork }: {
    readonly seconds: number;
    readonly folder: string;
    /** A clock in milliseconds. */
    readonly now: () => number;
    readonly onWork?: ((work: Work) => void) | undefined;
  },
): Promise<TimedRecipe> {
  using _arithmetic = await useArithmetic(recipe);
  const setup = await setUpTraining(recipe, { onWork });
  try {
    const once = { ...setup, plan: { ...setup.plan, views: 1 }, features: `${folder}/features` };
    const kept = await keptBytes(once);
    const speed = await measureSteps(setup, { seconds, now, folder: `${folder}/steps` });
    const bytes = kept.reduce((sum, one) => sum + one.bytes, 0);
    return { speed, viewBytes: bytes / setup.images.count };
  } finally {
    setup.images.close();
    setup.teachers.forEach((teacher) => teacher.dispose());
  }
}
