/**
 * The components of UNIC one by one, on the generated world.
 *
 * Command: `deno task experiments world_components`
 * Expect:  about 1 minute for each of 15 runs or more on two cores; results in docs/experiments.md
 * Paper:   Table 1 (DINO and DeiT-III), Fig. 3a
 */
import { defineExperiment } from "@hashigo/hashigo/experiments";
import { world, worldSeeds, worldTasks } from "../world.ts";
import { lossRatio, worldColumns } from "./world_columns.ts";

/** Raw features: statistics stay at mean 0 and deviation 1. */
const raw = { start: 0, end: 0 } as const;
const shared = { kind: "top", shared: true } as const;
const dedicated = { kind: "top" } as const;
const noDrop = { kind: "none" } as const;

export default defineExperiment({
  name: "world_components",
  title: "Components one by one",
  paper: "Table 1",
  description:
    "Four teachers of the generated world into one student. The basic row has raw features, one top projector " +
    "for each teacher that CLS and patches share, and equal weights; each further row adds one component.",
  rows: [
    {
      name: "basic",
      recipe: { ...world, standardizer: raw, ladder: shared, balancing: noDrop },
    },
    {
      name: "standardised",
      title: "+ standardisation",
      recipe: { ...world, ladder: shared, balancing: noDrop },
    },
    {
      name: "dedicated",
      title: "+ dedicated projectors",
      recipe: { ...world, ladder: dedicated, balancing: noDrop },
    },
    { name: "ladder", title: "+ ladder", recipe: { ...world, balancing: noDrop } },
    { name: "unic", title: "+ teacher dropping (UNIC)", recipe: world },
  ],
  ...worldSeeds,
  tasks: worldTasks,
  columns: [...worldColumns, lossRatio],
  claims: [
    {
      claim: "Standardisation lifts what is known of the whole image",
      paper: "+2.7 IN, +0.7 TR (Table 1)",
      from: "basic",
      to: "standardised",
      column: "factors",
      expected: "up",
    },
    {
      claim: "Standardisation lifts dense prediction",
      paper: "+2.2 mIoU (Table 1)",
      from: "basic",
      to: "standardised",
      column: "parts",
      expected: "up",
    },
    {
      claim: "Projectors of their own for CLS and patches lift what is known of the whole image",
      paper: "+0.8 IN, +0.3 TR (Table 1)",
      from: "standardised",
      to: "dedicated",
      column: "factors",
      expected: "up",
    },
    {
      claim: "Projectors of their own lift dense prediction",
      paper: "+0.8 mIoU (Table 1)",
      from: "standardised",
      to: "dedicated",
      column: "parts",
      expected: "up",
      why: "Only a quarter of what the paper has; a 4 x 4 grid leaves little room.",
    },
    {
      claim: "The ladder lifts what is known of the whole image",
      paper: "+0.5 IN, +0.1 TR (Table 1)",
      from: "dedicated",
      to: "ladder",
      column: "factors",
      expected: "up",
      why: "Four blocks are not twelve: gradients reach the first block without it.",
    },
    {
      claim: "The ladder lifts dense prediction",
      paper: "+0.5 mIoU (Table 1)",
      from: "dedicated",
      to: "ladder",
      column: "parts",
      expected: "up",
      why: "As above; the sign is the paper's.",
    },
    {
      claim: "Teacher dropping lifts the task of the teacher that is hardest to learn",
      paper: "+0.5 IN (Table 1)",
      from: "ladder",
      to: "unic",
      column: "shape",
      expected: "up",
      why:
        "In 640 steps nobody learns the shape; the paper too finds dropping slower early (Fig. 3b).",
    },
    {
      claim: "Teacher dropping leaves dense prediction as it is",
      paper: "-0.1 mIoU (Table 1)",
      from: "ladder",
      to: "unic",
      column: "parts",
      expected: "same",
      why: "Fewer pairs per step cost a short run more than a long one.",
    },
    {
      claim: "Teacher dropping brings the losses of the teachers together",
      paper: "ratio 2.1 to 1.1 (Fig. 3a)",
      from: "ladder",
      to: "unic",
      column: "loss ratio",
      expected: "down",
    },
    {
      claim: "All components together lift what is known of the whole image",
      paper: "+4.5 IN, +0.4 TR (Table 1)",
      from: "basic",
      to: "unic",
      column: "factors",
      expected: "up",
      why: "Without dropping it would be +5.5.",
    },
  ],
});
