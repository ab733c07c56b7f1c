/** A student of a run with its projectors: it then predicts its teachers, too. */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../../errors/user_error.ts";
import { project } from "../../method/projectors/projector.ts";
import { predictSource } from "../../method/source.ts";
import { tensorsToHost } from "../../method/state.ts";
import { stateDigest } from "../../method/state_digest.ts";
import { blocksOf } from "../../method/student.ts";
import { supervisedGrid } from "../../nn/token_grid.ts";
import { keptTokensOf } from "../../recipe/feature_cache.ts";
import { loadRecipe } from "../../recipe/load.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { type Backbone, shapeOf, type Teacher } from "../../teachers/backbone.ts";
import { keepTokens } from "../../teachers/keep_tokens.ts";
import { openBackbone } from "../../teachers/open_backbone.ts";
import { countParameters, namedTensors, type Parameters } from "../../tensors/parameters.ts";
import { openTrainedStudent, type TrainedStudent } from "./trained_student.ts";

/**
 * The student of a run with the projectors of its newest checkpoint; it owns the backbone.
 *
 * @param folder of a finished run.
 * @throws {UserError} where there is no checkpoint, the newest is of another student, or a teacher cannot be
 * opened.
 *
 * @example
 * ```ts ignore
 * const student = await withPredictor((await openModel("runs/mine")).backbone, "runs/mine");
 * console.log(student.predictor?.teachers.map(({ name }) => name));
 * ```
 */
export async function withPredictor(backbone: Backbone, folder: string): Promise<Backbone> {
  const recipe = await loadRecipe(runPaths(folder).recipe);
  const opened: Teacher[] = [];
  try {
    for (const spec of recipe.teachers) opened.push(await openBackbone(spec));
    const kept = keptTokensOf(recipe);
    const shapes = opened.map((teacher) => shapeOf(keepTokens(teacher, kept)));
    const trained = await openTrainedStudent(folder, recipe, shapes);
    try {
      await checkSameStudent(trained, backbone, folder);
    } catch (error) {
      trained.dispose();
      throw error;
    }
    tf.dispose(namedTensors(trained.parameters.encoder).map(([, tensor]) => tensor));
    return await predicting(backbone, trained);
  } finally {
    for (const teacher of opened) teacher.dispose();
  }
}

async function predicting(backbone: Backbone, trained: TrainedStudent): Promise<Backbone> {
  const { config, parameters: { ladder }, statistics } = trained;
  return {
    ...backbone,
    predictor: {
      teachers: config.ladder.teachers.map((teacher) => ({
        ...teacher,
        grid: supervisedGrid(config.ladder.grid, teacher.grid),
      })),
      stages: blocksOf(config),
      parameterCount: countParameters(ladder),
      digest: await digestOf(ladder),
      predict: (outputs) =>
        predictSource(project(ladder, outputs, config.ladder), outputs, config.ladder, {
          statistics,
        }),
    },
    dispose() {
      backbone.dispose();
      tf.dispose([namedTensors(ladder).map(([, tensor]) => tensor), statistics]);
    },
  };
}

/** Refuses a checkpoint of another moment than the student: its projectors would read other stages. */
async function checkSameStudent(
  { parameters, step }: TrainedStudent,
  backbone: Backbone,
  folder: string,
): Promise<void> {
  const same = backbone.parameters !== undefined &&
    await digestOf(parameters.encoder) === await digestOf(backbone.parameters);
  if (same) return;
  throw new UserError(
    `Cannot read the projectors of "${folder}": its newest checkpoint, of step ${step}, is not of the ` +
      "student in student.safetensors. Finish the run with deno task distill RECIPE --resume",
  );
}

async function digestOf(parameters: Parameters): Promise<string> {
  return stateDigest(await tensorsToHost(parameters));
}
