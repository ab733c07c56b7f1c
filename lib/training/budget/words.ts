/** The plan of a run with a budget of minutes in words. */
import type { TrainingPlan } from "../../recipe/training_plan.ts";
import { type RunPlan, stepSecondsInWords } from "../../runs/run_plan.ts";

/** A plan in a line: steps, passes and views, by which measurements, and how to repeat it elsewhere. */
export function planLine(
  plan: RunPlan,
  { stepsPerEpoch }: Pick<TrainingPlan, "stepsPerEpoch">,
): string {
  const { minutes, steps, views } = plan;
  const passes = (steps / stepsPerEpoch).toFixed(1);
  const seen = views === undefined ? "" : `, ${views} ${views === 1 ? "view" : "views"} an image`;
  const settings = [
    `optimization.steps=${steps}`,
    ...views === undefined ? [] : [`images.views=${views}`],
  ];
  return `planned for ${minutes} min: ${
    steps.toLocaleString("en-US")
  } steps (${passes} passes${seen}), ` +
    `${measuredAt(plan)}; the same run anywhere: ` +
    settings.map((setting) => `--set ${setting}`).join(" ");
}

function measuredAt({ stepSeconds, bySize, newViewSeconds }: RunPlan): string {
  if (stepSeconds === undefined) return "as it was planned before";
  const news = newViewSeconds === undefined ? "" : `, ${shortSeconds(newViewSeconds)} of new views`;
  return `measured at ${stepSecondsInWords({ stepSeconds, bySize })}${news}`;
}

/** Seconds of a step with two significant digits. */
export function shortSeconds(seconds: number): string {
  return `${Number(seconds.toPrecision(2))} s`;
}
