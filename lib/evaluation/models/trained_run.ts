/** A trained student and the teachers that it learnt from, opened together. */
import { keptTokensOf } from "../../recipe/feature_cache.ts";
import { loadRecipe } from "../../recipe/load.ts";
import type { Recipe } from "../../recipe/options.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { type Backbone, shapeOf } from "../../teachers/backbone.ts";
import { keepTokens } from "../../teachers/keep_tokens.ts";
import { openBackbone } from "../../teachers/open_backbone.ts";
import { openTrainedStudent, type TrainedStudent } from "./trained_student.ts";

/** The networks of a run. */
export interface TrainedRun {
  readonly recipe: Recipe;
  /** In the order of the recipe, with all of their tokens. */
  readonly teachers: readonly Backbone[];
  readonly trained: TrainedStudent;
  /** Frees all of them. */
  dispose(): void;
}

/**
 * Opens the teachers of a run and its student with projectors; dispose of them when done.
 *
 * @param folder of the run, finished or not.
 * @throws {UserError} where the run keeps no projectors, or a teacher cannot be opened
 */
export async function openTrainedRun(folder: string): Promise<TrainedRun> {
  const recipe = await loadRecipe(runPaths(folder).recipe);
  const opened: { dispose(): void }[] = [], teachers: Backbone[] = [];
  const dispose = () => opened.forEach((network) => network.dispose());
  try {
    for (const spec of recipe.teachers) {
      const teacher = await openBackbone(spec);
      opened.push(teacher);
      teachers.push(teacher);
    }
    const tokens = keptTokensOf(recipe);
    const shapes = teachers.map((teacher) => shapeOf(keepTokens(teacher, tokens)));
    const trained = await openTrainedStudent(folder, recipe, shapes);
    opened.push(trained);
    return { recipe, teachers, trained, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}
