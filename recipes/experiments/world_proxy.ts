/**
 * Several teachers into a wide proxy, and the proxy into a small student, against the same teachers into the small
 * student at once, for equally much computing.
 *
 * Command: `deno task experiments world_proxy`
 * Expect:  about 2 minutes for each of 9 runs on two cores; results in docs/experiments.md
 * Paper:   none; the proxy is that of EUPE (arXiv 2603.22387)
 */
import { defineExperiment } from "@hashigo/hashigo/experiments";
import { world, worldTasks } from "../world.ts";
import { worldColumns } from "./world_columns.ts";

/**
 * Steps that cost equally much. Measured in ms of processor time a step (90 steps, the last 70 of them, three
 * times in turn, teachers' features kept; AMD EPYC, 2 cores, 2026-11-29): direct 88, 88, 81; wide 183, 166, 164;
 * the small student beside the proxy 66, 72, and 104 where the proxy's own features of the 32 images are new, as those of
 * all 8,192 are once: 9 s. So 800 x 0.085 = 68 s, and 256 x 0.171 + 9 + 220 x 0.069 = 68 s.
 */
const steps = { direct: 800, wide: 256, small: 220 };

const wide = { student: { width: 128, heads: 4 }, optimization: { steps: steps.wide } } as const;
const small = {
  ...{ name: "small", teachers: ["previous"], optimization: { steps: steps.small } },
} as const;

export default defineExperiment({
  name: "world_proxy",
  title: "A wide proxy between teachers and student",
  paper: "none",
  description:
    "Four teachers into a student of width 64 at once; or into a proxy of width 128, and the proxy into that student. " +
    "Steps are chosen so that both take equally much processor time by measured costs of a step; what each run took is " +
    "shown. Every run computes its teachers' features itself, once.",
  rows: [
    {
      name: "direct",
      title: "four teachers → student",
      recipe: { ...world, optimization: { ...world.optimization, steps: steps.direct } },
    },
    {
      name: "proxy",
      title: "four teachers → proxy → student",
      recipe: { ...world, stages: [{ name: "wide", ...wide }, small] },
    },
    {
      name: "wide",
      title: "the proxy alone, a stage of the run above",
      recipe: {
        ...world,
        student: { ...world.student, ...wide.student },
        optimization: { ...world.optimization, ...wide.optimization },
      },
    },
  ],
  seeds: [0, 1, 2],
  ownFeatures: true,
  tasks: worldTasks,
  columns: [
    ...worldColumns,
    { title: "processor seconds", measures: ["processor seconds"], lowerIsBetter: true },
  ],
  claims: [
    {
      claim:
        "For equally much computing a wide proxy between teachers and student lifts the student",
      paper: "asserted in EUPE, not at equal cost",
      from: "direct",
      to: "proxy",
      column: "factors",
      expected: "up",
      why:
        "A step of the proxy costs twice as much and a second training follows: it takes 256 steps, where the " +
        "student takes 800. Whether a proxy pays that has time to learn more than the student can is not told by this.",
    },
    {
      claim: "The proxy itself knows more than the student that learns directly",
      paper: "asserted in EUPE, not at equal cost",
      from: "direct",
      to: "wide",
      column: "factors",
      expected: "up",
      why:
        "After 256 steps it is still behind, so the student beside it learns from less than it could.",
    },
  ],
});
