/**
 * How densely a student uses its weights, and how few directions its features need, beside its teachers, on
 * the generated world.
 *
 * Command: `deno task experiments world_capacity`
 * Expect:  about 1 minute for each of 3 runs or more on two cores; results and figures in docs/experiments.md
 * Paper:   Figs. 6 and A, by k-NN instead of a linear probe
 */
import { defineExperiment, type ExperimentFigure } from "@hashigo/hashigo/experiments";
import { world, worldSeeds, worldTasks } from "../world.ts";

/** What each of these teachers knows best. */
const known = { palette: "world_palette", background: "world_background", parts: "world_count" };
const teachers = Object.keys(known) as (keyof typeof known)[];

const [few, pruned] = [4, 50];

const figure = (
  teacher: keyof typeof known,
  what: "components" | "pruned",
): ExperimentFigure => {
  const task = known[teacher];
  const components = what === "components";
  return {
    title: `${task}: ${components ? "few principal components" : "without the smallest weights"}`,
    xTitle: components ? "components kept" : "% of the weights left out",
    yTitle: "% of its own accuracy",
    x: components ? [1, 2, 4, 8, 16, 32, 64] : [0, 30, 50, 70, 90],
    lines: [teacher, "student" as const].map((row) => ({
      title: row === "student" ? "student" : `teacher of ${row}`,
      row,
      measure: (x) => `${what} ${x} ${task}`,
    })),
  };
};

const spread =
  "The student's part differs by 3 to 17 points from seed to seed; of each teacher there is one.";

const claims = (teacher: keyof typeof known) => [
  {
    claim: `With ${few} components more is left of the student's ${
      known[teacher]
    } than of its teacher's`,
    paper: "-4.1 against -6.1 % IN with 48 of 768 components (Fig. 6)",
    from: teacher,
    to: "student",
    column: [`components ${few} ${known[teacher]}`],
    expected: "up" as const,
    why: spread,
  },
  {
    claim: `Without ${pruned} % of the weights less is left of the student's ${
      known[teacher]
    } than of its teacher's`,
    paper: "-21.6 against -1.9 to -11.7 % IN (Fig. 6)",
    from: teacher,
    to: "student",
    column: [`pruned ${pruned} ${known[teacher]}`],
    expected: "down" as const,
    why: spread,
  },
];

export default defineExperiment({
  name: "world_capacity",
  title: "Use of weights and features",
  paper: "Figs. 6 and A",
  description:
    "The student and those of its teachers that learn a task well, with few principal components of their " +
    "features and without the smallest weights of every layer: percent of their own k-NN accuracy.",
  rows: [
    ...teachers.map((name) => ({
      name,
      title: `teacher of ${name}`,
      model: `world_${name}`,
    })),
    { name: "student", recipe: world },
  ],
  ...worldSeeds,
  capacity: Object.values(known),
  tasks: worldTasks,
  columns: Object.values(known).flatMap((task) => [
    { title: `${task}, ${few} components`, measures: [`components ${few} ${task}`] },
    { title: `${task}, ${pruned} % pruned`, measures: [`pruned ${pruned} ${task}`] },
  ]),
  figures: teachers.flatMap((teacher) => [
    figure(teacher, "components"),
    figure(teacher, "pruned"),
  ]),
  claims: teachers.flatMap(claims),
});
