/**
 * Ways to balance the losses of teachers, without the ladder, on the generated world.
 *
 * Command: `deno task experiments world_balancing`
 * Expect:  about 1 minute for each of 24 runs or more on two cores; results in docs/experiments.md
 * Paper:   Table K (four teachers, base setup without ladder)
 */
import { defineExperiment } from "@hashigo/hashigo/experiments";
import { world, worldSeeds, worldTasks } from "../world.ts";
import { lossRatio, worldColumns } from "./world_columns.ts";

const base = { ...world, ladder: { kind: "top" as const } };

const fourfold = (teacher: string) => ({
  name: `${teacher}_x4`,
  title: `${teacher} × 4`,
  recipe: {
    ...base,
    balancing: { kind: "fixed" as const, weights: { [`world_${teacher}`]: 4 } },
  },
});

export default defineExperiment({
  name: "world_balancing",
  title: "Balancing the losses",
  paper: "Table K",
  description: "Standardised features and top projectors, with other ways to weigh four teachers.",
  rows: [
    { name: "equal", title: "equal weights", recipe: { ...base, balancing: { kind: "none" } } },
    ...["shape", "palette", "background", "parts"].map(fourfold),
    { name: "ada_loss", title: "AdaLoss", recipe: { ...base, balancing: { kind: "ada_loss" } } },
    {
      name: "random_drop",
      title: "random dropping",
      recipe: { ...base, balancing: { kind: "random_drop" } },
    },
    { name: "teacher_drop", title: "teacher dropping", recipe: base },
  ],
  ...worldSeeds,
  tasks: worldTasks,
  columns: [...worldColumns, lossRatio],
  claims: [
    {
      claim: "Without the ladder, teacher dropping lifts the hardest teacher's task",
      paper: "+0.9 IN (Table K)",
      from: "equal",
      to: "teacher_drop",
      column: "shape",
      expected: "up",
      why: "Too few steps, see the components.",
    },
    {
      claim: "Teacher dropping beats AdaLoss on the hardest teacher's task",
      paper: "+1.2 IN (Table K)",
      from: "ada_loss",
      to: "teacher_drop",
      column: "shape",
      expected: "up",
      why: "As above.",
    },
    {
      claim: "Teacher dropping beats random dropping on the hardest teacher's task",
      paper: "said in the text, no figures",
      from: "random_drop",
      to: "teacher_drop",
      column: "shape",
      expected: "up",
      why: "The sign is the paper's.",
    },
    {
      claim: "Weighing one supervised teacher fourfold lifts its own task",
      paper: "+1.3 IN for dBOT-ft (Table K)",
      from: "equal",
      to: "shape_x4",
      column: "shape",
      expected: "up",
    },
    {
      claim: "Weighing one teacher fourfold costs the mean over tasks",
      paper: "-0.5 TR for DINO and DeiT-III (Table K)",
      from: "equal",
      to: "shape_x4",
      column: "factors",
      expected: "down",
    },
  ],
});
