/**
 * How often teachers are dropped, by image and by patch, on the generated world.
 *
 * Command: `deno task experiments world_dropping`
 * Expect:  about 1 minute for each of 21 runs or more on two cores; results in docs/experiments.md
 * Paper:   Table J (iBOT and dBOT-ft, with ladder), Fig. 4
 */
import { defineExperiment } from "@hashigo/hashigo/experiments";
import { world, worldSeeds, worldTasks } from "../world.ts";
import { lossRatio, worldColumns } from "./world_columns.ts";

const byImage = (probability: number) => ({
  name: `image_${100 * probability}`,
  title: `by image, p = ${probability}`,
  recipe: { ...world, balancing: probability === 0 ? { kind: "none" as const } : { probability } },
});

const byPatch = (probability: number) => ({
  name: `patch_${100 * probability}`,
  title: `by patch, p = ${probability}`,
  recipe: { ...world, balancing: { probability, level: "patch" as const } },
});

export default defineExperiment({
  name: "world_dropping",
  title: "How often teachers are dropped",
  paper: "Table J, Fig. 4",
  description:
    "The whole method with four teachers of the generated world, at other drop probabilities.",
  rows: [...[0, 0.25, 0.5, 0.75, 1].map(byImage), ...[0.5, 1].map(byPatch)],
  ...worldSeeds,
  tasks: worldTasks,
  columns: [
    ...worldColumns,
    lossRatio,
    { title: "share of shape", measures: ["share world_shape"] },
  ],
  claims: [
    {
      claim: "p = 0.5 lifts the task of the teacher that is hardest to learn",
      paper: "+0.6 IN (Table J)",
      from: "image_0",
      to: "image_50",
      column: "shape",
      expected: "up",
      why: "See the components: too few steps for the hard teacher.",
    },
    {
      claim: "p = 1 costs the mean over tasks",
      paper: "-1.2 TR (Table J)",
      from: "image_0",
      to: "image_100",
      column: "factors",
      expected: "down",
      why: "Stronger than in the paper: four times fewer pairs in a run that is short anyway.",
    },
    {
      claim: "p = 1 costs dense prediction",
      paper: "-1.6 mIoU (Table J)",
      from: "image_0",
      to: "image_100",
      column: "parts",
      expected: "down",
    },
    {
      claim: "Dropping by patch is not better than by image",
      paper: "-0.3 IN, 0.0 TR at p = 0.5 without ladder (Table J)",
      from: "image_50",
      to: "patch_50",
      column: "factors",
      expected: "same",
      why: "By patch an image keeps something of most teachers; here that may even help.",
    },
    {
      claim: "The hardest teacher gets a larger share the more is dropped",
      paper:
        "0.552, 0.581, 0.578 at the end for p = 0.25, 0.5, 1; 0.557, 0.632, 0.857 early (Fig. 4)",
      from: "image_25",
      to: "image_100",
      column: "share of shape",
      expected: "up",
    },
    {
      claim: "The more is dropped, the closer the losses",
      paper: "ratio 2.1 to 1.1 for p = 0.5 (Fig. 3a)",
      from: "image_0",
      to: "image_100",
      column: "loss ratio",
      expected: "down",
    },
  ],
});
