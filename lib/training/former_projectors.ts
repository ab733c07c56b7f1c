/** Projectors that begin with those of another run. */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../errors/user_error.ts";
import type { StudentParameters } from "../method/student.ts";
import { loadRecipe } from "../recipe/load.ts";
import type { Recipe } from "../recipe/options.ts";
import { sourceNameOf } from "../recipe/student_config.ts";
import { loadLatestCheckpoint } from "../runs/checkpoint/checkpoint.ts";
import { runPaths } from "../runs/run_folder.ts";
import type { Layout } from "../tensors/parameters.ts";

/**
 * The parameters of a fresh student whose projectors are those of the run that `ladder.from` names; as they are where
 * the recipe names none. A teacher that one of both students resembles is predicted by that student itself too, so
 * that its projectors mean something else there: they begin anew.
 *
 * @param parameters flat; taken over
 * @throws {UserError} where the run keeps no checkpoint, or one of other teachers or shapes
 */
export async function withFormerProjectors(
  parameters: tf.Tensor1D,
  { entries }: Layout<StudentParameters>,
  recipe: Recipe,
): Promise<tf.Tensor1D> {
  const { from } = recipe.ladder;
  if (from === undefined) return parameters;
  const before = await loadRecipe(runPaths(from).recipe);
  const checkpoint = await loadLatestCheckpoint(from);
  const sources = [sourceNameOf(before), sourceNameOf(recipe)];
  const isOwn = (name: string) =>
    sources[0] !== sources[1] &&
    sources.some((source) => source !== undefined && name.includes(`.output.${source}.`));
  const values = (await parameters.data<"float32">()).slice();
  parameters.dispose();
  if (checkpoint === undefined) throw refusal(from, "no checkpoint, expected that of its end");
  if (namesOf(before) !== namesOf(recipe)) {
    throw refusal(from, `the teachers ${namesOf(before)}, expected ${namesOf(recipe)}`);
  }
  for (const { name, shape, offset } of entries) {
    if (!name.startsWith("ladder.") || isOwn(name)) continue;
    const tensor = checkpoint.tensors.get(name);
    if (`${tensor?.shape}` !== `${shape}`) {
      throw refusal(from, `"${name}" of shape [${tensor?.shape ?? ""}], expected [${shape}]`);
    }
    values.set(tensor!.data, offset);
  }
  return tf.tensor1d(values);
}

function refusal(from: string, found: string): UserError {
  return new UserError(
    `Cannot begin with the projectors of "${from}": found ${found}. Leave ladder.from out, so that they begin at random`,
  );
}

function namesOf({ teachers }: Recipe): string {
  return teachers.map(({ name }) => name).sort().join(", ");
}
