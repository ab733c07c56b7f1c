/** Projectors that begin with those of another run. */
import type * as tf from "@tensorflow/tfjs";
import { UserError } from "../errors/user_error.ts";
import type { StudentParameters } from "../method/student.ts";
import { loadRecipe } from "../recipe/load.ts";
import type { Recipe } from "../recipe/options.ts";
import { loadLatestCheckpoint } from "../runs/checkpoint/checkpoint.ts";
import { runPaths } from "../runs/run_folder.ts";
import type { Layout } from "../tensors/parameters.ts";
import { carryHeads, isOutputOf, joinedLayer, resembledByOne } from "./stages/carried_heads.ts";

/**
 * The parameters of a fresh student whose projectors are those of the run that `ladder.from` names; as they are where
 * the recipe names none. Teachers that the run did not have begin anew. So does one that only one of both students
 * resembles: that student itself predicts it too, so that its projectors mean something else there.
 *
 * @param parameters flat; taken over
 * @throws {UserError} where the run keeps no checkpoint, or one of teachers that are none here, or of other shapes
 */
export async function withFormerProjectors(
  parameters: tf.Tensor1D,
  layout: Layout<StudentParameters>,
  recipe: Recipe,
): Promise<tf.Tensor1D> {
  const { from } = recipe.ladder;
  if (from === undefined) return parameters;
  const before = await loadRecipe(runPaths(from).recipe);
  const checkpoint = await loadLatestCheckpoint(from);
  if (checkpoint === undefined) throw refusal(from, "no checkpoint, expected that of its end");
  const [former, own] = [namesOf(before), namesOf(recipe)];
  if (former.some((name) => !own.includes(name))) {
    throw refusal(
      from,
      `the teachers ${former.join(", ")}, expected none beside ${own.join(", ")}`,
    );
  }
  const isNew = isOutputOf([
    ...own.filter((name) => !former.includes(name)),
    ...resembledByOne(before, recipe),
  ]);
  for (const { name, shape } of layout.entries) {
    if (!name.startsWith("ladder.") || isNew(name)) continue;
    const found = checkpoint.tensors.get(name)?.shape;
    // Columns of a layer that teachers share are as many as they are.
    const rows = (one: readonly number[] = []) =>
      `${joinedLayer.test(name) ? one.slice(0, -1) : one}`;
    if (found === undefined || rows(found) !== rows(shape)) {
      throw refusal(from, `"${name}" of shape [${found ?? ""}], expected [${shape}]`);
    }
  }
  return await carryHeads(parameters, layout, checkpoint.tensors, isNew);
}

function refusal(from: string, found: string): UserError {
  return new UserError(
    `Cannot begin with the projectors of "${from}": found ${found}. Leave ladder.from out, so that they begin at random`,
  );
}

function namesOf({ teachers }: Recipe): string[] {
  return teachers.map(({ name }) => name).sort();
}
