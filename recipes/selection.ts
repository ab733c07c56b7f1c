/**
 * What a choice of teachers is held against: experiments that distil every set of some teachers.
 *
 * Command: `HASHIGO_DATA=FOLDER deno task bench select --record`, after both experiments
 * Expect:  some minutes to measure the teachers; results in data/results/select.md
 */
import type { BackboneSpec } from "@hashigo/hashigo/teachers";
import type { Experiment } from "@hashigo/hashigo/experiments";
import realSubsets, { subsetTeachers } from "./experiments/real_subsets.ts";
import worldCombinations from "./experiments/world_combinations.ts";
import { world } from "./world.ts";

/** An experiment that has a row for every set of teachers. */
export interface SelectionProof {
  readonly experiment: Experiment;
  /** Teachers; a set of them is the row whose name is theirs, in this order, joined by "_". */
  readonly teachers: readonly { readonly row: string; readonly teacher: BackboneSpec }[];
  /** Title of the column that tells how good a student is: the mean over the tasks below. */
  readonly column: string;
  /** Labelled tasks, on whose train parts sets are judged before anything is distilled. */
  readonly tasks: readonly string[];
  /** Side in pixels at which teachers see the images. */
  readonly canvas: number;
}

/** The generated world, and real images. */
export const selectionProofs: readonly SelectionProof[] = [
  {
    experiment: worldCombinations,
    teachers: world.teachers.map((name) => ({
      row: name.slice("world_".length),
      teacher: { name },
    })),
    column: "factors",
    tasks: ["world_shape", "world_texture", "world_palette", "world_count", "world_background"],
    canvas: 64,
  },
  {
    experiment: realSubsets,
    teachers: Object.entries(subsetTeachers).map(([row, teacher]) => ({ row, teacher })),
    column: "mean",
    tasks: realSubsets.tasks,
    canvas: 64,
  },
];
