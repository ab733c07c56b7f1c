/**
 * Ways to make the features of teachers comparable, on the generated world.
 *
 * Command: `deno task experiments world_standardizers`
 * Expect:  about 1 minute for each of 18 runs or more on two cores; results in docs/experiments.md
 * Paper:   section 3.3; PHI-S and fixed statistics are of later work
 */
import type { RecipeInput } from "@hashigo/hashigo";
import { defineExperiment } from "@hashigo/hashigo/experiments";
import { world, worldSeeds, worldTasks } from "../world.ts";
import { worldColumns } from "./world_columns.ts";

const row = (name: string, title: string, standardizer: RecipeInput["standardizer"] = {}) => ({
  name,
  title,
  recipe: { ...world, standardizer },
});

export default defineExperiment({
  name: "world_standardizers",
  title: "Standardisers",
  paper: "section 3.3",
  description: "The whole method with other statistics of the teachers' features.",
  rows: [
    row("raw", "none", { start: 0, end: 0 }),
    row("ema", "running statistics (UNIC)"),
    row("batch", "of the batch", { kind: "batch" }),
    row("fixed", "fixed, per feature", { kind: "fixed" }),
    row("global", "fixed, one scale for all features", { kind: "global" }),
    row("phi_s", "PHI-S", { kind: "phi_s" }),
  ],
  ...worldSeeds,
  tasks: worldTasks,
  columns: worldColumns,
  claims: [
    {
      claim: "Running statistics beat none with the whole method too",
      paper: "+2.7 IN in the basic setting (Table 1)",
      from: "raw",
      to: "ema",
      column: "factors",
      expected: "up",
      why: "The sign is the paper's, the effect a quarter of that without ladder and dropping.",
    },
    {
      claim: "Fixed statistics from a short pre-pass are as good as running ones",
      paper: "said by EUPE, no figures",
      from: "ema",
      to: "fixed",
      column: "factors",
      expected: "same",
      why:
        "Fixed ones are ahead if anything; one point more is not told from none by as many seeds.",
    },
    {
      claim: "PHI-S beats a scale per feature on dense prediction",
      paper: "+0.8 mIoU (PHI-S paper, ADE20K)",
      from: "fixed",
      to: "phi_s",
      column: "parts",
      expected: "up",
      why: "A twentieth of a point, on all seeds: no difference that matters here.",
    },
  ],
});
