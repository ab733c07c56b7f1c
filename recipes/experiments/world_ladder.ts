/**
 * Projectors: the ladder's width and rungs, heads on the top only, a transformer; on the generated world.
 *
 * Command: `deno task experiments world_ladder`
 * Expect:  about 1 minute for each of 33 runs or more on two cores; results in docs/experiments.md
 * Paper:   Tables H and I (DINO and DeiT-III, without dropping); the transformer is DUNE's
 */
import type { RecipeInput } from "@hashigo/hashigo";
import { defineExperiment } from "@hashigo/hashigo/experiments";
import { world, worldSeeds, worldTasks } from "../world.ts";
import { worldColumns } from "./world_columns.ts";

const row = (name: string, title: string, ladder: NonNullable<RecipeInput["ladder"]>) => ({
  name,
  title,
  recipe: { ...world, balancing: { kind: "none" as const }, ladder },
});

export default defineExperiment({
  name: "world_ladder",
  title: "Projectors",
  paper: "Tables H and I",
  description:
    "No dropping, as in the paper. The student has 4 blocks of width 64, counted from 0; a ladder's last rung is " +
    "256 wide unless said otherwise.",
  rows: [
    row("top_0", "top only, linear", { kind: "top", hiddenLayers: 0 }),
    row("top_1", "top only, 1 hidden layer", { kind: "top" }),
    row("top_2", "top only, 2 hidden layers", { kind: "top", hiddenLayers: 2 }),
    row("top_3", "top only, 3 hidden layers", { kind: "top", hiddenLayers: 3 }),
    row("hidden_16", "ladder, rungs 16 wide", { hidden: 16 }),
    row("hidden_32", "ladder, rungs 32 wide", { hidden: 32 }),
    row("hidden_64", "ladder, rungs 64 wide (default)", {}),
    row("hidden_128", "ladder, rungs 128 wide", { hidden: 128 }),
    row("middle", "ladder, blocks 1 and 3", { blocks: [1, 3] }),
    row("last_two", "ladder, blocks 2 and 3", { blocks: [2, 3] }),
    row("transformer", "a transformer block on top", { kind: "transformer" }),
  ],
  ...worldSeeds,
  tasks: worldTasks,
  columns: worldColumns,
  claims: [
    {
      claim: "A head with one hidden layer beats a linear one",
      paper: "+0.7 IN, +1.0 TR, +1.6 mIoU (Table H)",
      from: "top_0",
      to: "top_1",
      column: "factors",
      expected: "up",
      why:
        "In 640 steps a deeper head is learnt instead of the student; small, but the same on all seeds.",
    },
    {
      claim: "Three hidden layers are no better than one",
      paper: "-1.1 IN, +0.1 TR (Table H)",
      from: "top_1",
      to: "top_3",
      column: "factors",
      expected: "same",
      why:
        "Worse rather than the same, as one layer is worse than none: too few steps for deep heads.",
    },
    {
      claim: "A ladder on half the blocks is as good as on all, for whole images",
      paper: "-0.2 IN, +0.2 TR (Table I)",
      from: "hidden_64",
      to: "middle",
      column: "factors",
      expected: "same",
    },
    {
      claim: "A ladder on half the blocks is as good as on all, for dense prediction",
      paper: "+0.4 mIoU (Table I)",
      from: "hidden_64",
      to: "middle",
      column: "parts",
      expected: "same",
    },
    {
      claim: "Rungs of half the width are as good",
      paper: "-0.2 IN, +0.2 TR (Table I)",
      from: "hidden_64",
      to: "hidden_32",
      column: "factors",
      expected: "same",
    },
    {
      claim: "Very narrow rungs cost dense prediction",
      paper: "-1.3 mIoU at 64 of 768 (Table I)",
      from: "hidden_64",
      to: "hidden_16",
      column: "parts",
      expected: "down",
      why: "The sign is the paper's; a 4 x 4 grid leaves little room.",
    },
  ],
});
