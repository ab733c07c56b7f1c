/** Heads that a stage takes over from the one before: of the teachers that both have, where they fit. */
import * as tf from "@tensorflow/tfjs";
import type { StudentParameters } from "../../method/student.ts";
import { loadRecipe } from "../../recipe/load.ts";
import type { Recipe } from "../../recipe/options.ts";
import { sourceNameOf } from "../../recipe/student_config.ts";
import { loadLatestCheckpoint } from "../../runs/checkpoint/checkpoint.ts";
import { runPaths } from "../../runs/run_folder.ts";
import type { Layout } from "../../tensors/parameters.ts";
import type { FloatTensor } from "../../weights/host_tensor.ts";

/** The first layer of a ladder's heads, in which those of all teachers of a group lie side by side. */
export const joinedLayer = /^ladder\.([^.]+)\.hidden\.\d+\.(weight|bias)$/;

/**
 * Parameters in which the heads that the last checkpoint of a run has too are those of the checkpoint: tensors of
 * the same name and shape, and of first layers that several teachers share the columns of each teacher. Teachers that
 * only one of both students resembles begin anew.
 *
 * @param parameters flat; taken over
 * @param folder of the run; one without a checkpoint changes nothing
 */
export async function withCarriedHeads(
  parameters: tf.Tensor1D,
  layout: Layout<StudentParameters>,
  recipe: Recipe,
  folder: string,
): Promise<tf.Tensor1D> {
  const checkpoint = await loadLatestCheckpoint(folder);
  if (checkpoint === undefined) return parameters;
  const anew = resembledByOne(await loadRecipe(runPaths(folder).recipe), recipe);
  return await carryHeads(parameters, layout, checkpoint.tensors, isOutputOf(anew));
}

/**
 * Teachers that only one of two students resembles: that student itself predicts them too, so that their heads mean
 * something else there.
 */
export function resembledByOne(before: Recipe, after: Recipe): string[] {
  const sources = [sourceNameOf(before), sourceNameOf(after)];
  return sources[0] === sources[1] ? [] : sources.filter((name) => name !== undefined);
}

/** Whether a tensor, by its name, is of the last layer of the heads of one of these teachers. */
export function isOutputOf(teachers: readonly string[]): (name: string) => boolean {
  return (name) => teachers.some((teacher) => name.includes(`.output.${teacher}.`));
}

/**
 * Takes over heads from the tensors of a checkpoint.
 *
 * @param parameters flat; taken over
 * @param isNew whether a tensor stays as it is, by its name; default none does
 */
export async function carryHeads(
  parameters: tf.Tensor1D,
  layout: Layout<StudentParameters>,
  tensors: ReadonlyMap<string, FloatTensor>,
  isNew: (name: string) => boolean = () => false,
): Promise<tf.Tensor1D> {
  const values = Float32Array.from(await parameters.data<"float32">());
  parameters.dispose();
  const names = layout.entries.map(({ name }) => name);
  for (const { name, shape, offset, size } of layout.entries) {
    const carried = name.startsWith("ladder.") && !isNew(name) ? tensors.get(name) : undefined;
    if (carried === undefined) continue;
    const own = values.subarray(offset, offset + size), group = joinedLayer.exec(name)?.[1];
    if (group !== undefined) {
      const before = teachersOf(group, tensors.keys()), after = teachersOf(group, names);
      copyColumns(carried, { shape, data: own }, before, after);
    } else if (carried.shape.join() === shape.join()) own.set(carried.data);
  }
  return tf.tensor1d(values);
}

/** Teachers of a group of heads, in the order of their columns. */
function teachersOf(group: string, names: Iterable<string>): string[] {
  const start = `ladder.${group}.output.`;
  const found = [...names].filter((name) => name.startsWith(start))
    .map((name) => name.slice(start.length).split(".")[0]!);
  return [...new Set(found)].sort();
}

/** Copies the columns of teachers that both have, where as many belong to each of them. */
function copyColumns(
  from: FloatTensor,
  to: { readonly shape: readonly number[]; readonly data: Float32Array },
  before: readonly string[],
  after: readonly string[],
): void {
  const [columnsFrom, columnsTo] = [from.shape.at(-1)!, to.shape.at(-1)!];
  const [rows, each] = [to.data.length / columnsTo, columnsTo / after.length];
  if (from.data.length / columnsFrom !== rows || columnsFrom / before.length !== each) return;
  for (const [place, teacher] of after.entries()) {
    const old = before.indexOf(teacher);
    for (let row = 0; old >= 0 && row < rows; row++) {
      const start = row * columnsFrom + old * each;
      to.data.set(from.data.subarray(start, start + each), row * columnsTo + place * each);
    }
  }
}
