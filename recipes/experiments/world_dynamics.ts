/**
 * What happens to the losses while a run goes on, with and without teacher dropping, and whether dropping
 * needs more time than others to pay, on the generated world.
 *
 * Command: `deno task experiments world_dynamics`
 * Expect:  about 1 minute for each of 6 runs or more and 4 for each of 9 or more on two cores; results and figures in
 *          docs/experiments.md
 * Paper:   Figs. 3 and 4
 */
import { defineExperiment } from "@hashigo/hashigo/experiments";
import { world, worldTasks } from "../world.ts";
import { lossRatio, worldColumns } from "./world_columns.ts";

const moments = 10;
const percents = Array.from({ length: moments }, (_, i) => 100 * (i + 1) / moments);

const short = world.optimization.steps;
const long = 4 * short;

const row = (name: string, probability: number, steps: number) => ({
  name,
  title: `p = ${probability}, ${steps} steps`,
  recipe: {
    ...world,
    balancing: probability === 0 ? { kind: "none" as const } : { probability },
    optimization: { ...world.optimization, steps },
  },
});

const rows = [
  row("equal", 0, short),
  row("dropped", 0.5, short),
  row("equal_long", 0, long),
  row("dropped_long", 0.5, long),
  row("always_long", 1, long),
];

const longLines = (measure: (percent: number) => string) =>
  rows.slice(2).map(({ name, title }) => ({ title, row: name, measure }));

const shareAt = (percent: number) => `share world_shape at ${percent} %`;

export default defineExperiment({
  name: "world_dynamics",
  title: "Learning dynamics",
  paper: "Figs. 3 and 4",
  description:
    `The whole method with p = 0, 0.5 and 1 for ${short} and for ${long} steps. Losses and shares are ` +
    "means over tenths of a run; the loss ratio is that of the worst learnt teacher to the best.",
  rows,
  seeds: [0, 1, 2, 3, 4, 5, 6, 7],
  enoughSeeds: 3,
  moments,
  tasks: worldTasks,
  columns: [
    ...worldColumns,
    lossRatio,
    { title: "loss ratio early", measures: ["loss ratio at 10 %"], lowerIsBetter: true },
    { title: "share of shape early", measures: [shareAt(10)] },
    { title: "share of shape", measures: [shareAt(100)] },
  ],
  figures: [
    {
      title: "Loss of the worst learnt teacher over that of the best",
      xTitle: "% of the run",
      yTitle: "ratio of losses",
      x: percents,
      lines: longLines((percent) => `loss ratio at ${percent} %`),
    },
    {
      title: "Share of the hardest teacher, shape, in the loss",
      xTitle: "% of the run",
      yTitle: "share",
      x: percents,
      lines: longLines(shareAt),
    },
    {
      title: `Losses of the hardest and the easiest teacher, ${long} steps`,
      xTitle: "% of the run",
      yTitle: "loss",
      x: percents,
      lines: ["shape", "palette"].flatMap((teacher) =>
        rows.slice(2, 4).map(({ name, title }) => ({
          title: `${teacher}, ${title.split(",")[0]}`,
          row: name,
          measure: (percent: number) => `loss world_${teacher} at ${percent} %`,
        }))
      ),
    },
  ],
  claims: [
    {
      claim: "In a short run dropping costs the hardest teacher's task",
      paper: "75.1 to 69.6 IN after 10 of 100 epochs (Fig. 3b)",
      from: "equal",
      to: "dropped",
      column: "shape",
      expected: "down",
      why: "In 640 steps nobody learns the shape: 16 to 17 % with either.",
    },
    {
      claim: "In a longer run dropping lifts the hardest teacher's task",
      paper: "81.9 to 82.7 IN after 99 epochs (Fig. 3b)",
      from: "equal_long",
      to: "dropped_long",
      column: "shape",
      expected: "up",
      why:
        "The sign is the paper's, and more dropping does more: p = 1 has 36 % of the shape, p = 0 30.",
    },
    {
      claim: "Without dropping the losses drift apart during a run",
      paper: "ratio 1.1 to 2.1 (Fig. 3a)",
      from: "equal_long",
      to: "equal_long",
      fromColumn: "loss ratio early",
      column: "loss ratio",
      expected: "up",
    },
    {
      claim: "With dropping the losses are closer at the end of a longer run, too",
      paper: "ratio 2.1 to 1.1 (Fig. 3a)",
      from: "equal_long",
      to: "dropped_long",
      column: "loss ratio",
      expected: "down",
    },
    {
      claim: "With p = 1 the hardest teacher's share falls as it is learnt",
      paper: "0.857 to 0.578 (Fig. 4)",
      from: "always_long",
      to: "always_long",
      fromColumn: "share of shape early",
      column: "share of shape",
      expected: "down",
      why: "It falls a little; after 2,560 steps the shape is still far from learnt.",
    },
    {
      claim: "With p = 0.5 the hardest teacher's share falls as it is learnt",
      paper: "0.632 to 0.581 (Fig. 4)",
      from: "dropped_long",
      to: "dropped_long",
      fromColumn: "share of shape early",
      column: "share of shape",
      expected: "down",
    },
  ],
});
