/** The plan of a run with a budget of minutes in words. */
import { UserError } from "../../errors/user_error.ts";
import { duration } from "../../io/duration.ts";
import type { Recipe } from "../../recipe/options.ts";
import type { TrainingPlan } from "../../recipe/training_plan.ts";
import { type RunPlan, stepSecondsInWords } from "../../runs/run_plan.ts";
import type { StepSeconds } from "./fit_steps.ts";

/** A plan in a line: steps, passes and views, by which measurements, and how to repeat it elsewhere. */
export function planLine(
  plan: RunPlan,
  { stepsPerEpoch }: Pick<TrainingPlan, "stepsPerEpoch">,
): string {
  const { minutes, steps, views, newViewSeconds } = plan;
  const passes = (steps / stepsPerEpoch).toFixed(1);
  const seen = views === undefined ? "" : `, ${views} ${views === 1 ? "view" : "views"} an image`;
  const news = newViewSeconds === undefined ? "" : `, ${short(newViewSeconds)} of new views`;
  const settings = [
    `optimization.steps=${steps}`,
    ...views === undefined ? [] : [`images.views=${views}`],
  ];
  return `planned for ${minutes} min: ${
    steps.toLocaleString("en-US")
  } steps (${passes} passes${seen}), ` +
    `measured at ${stepSecondsInWords(plan)}${news}; the same run anywhere: ` +
    settings.map((setting) => `--set ${setting}`).join(" ");
}

/** Refuses minutes that are not enough for one pass over the images. */
export function tooShort(
  { name, optimization: { batchSize } }: Pick<Recipe, "name" | "optimization">,
  { minutes, images, speed, needed, fitting }: {
    readonly minutes: number;
    readonly images: number;
    readonly speed: StepSeconds;
    /** Seconds of one pass, with all that comes before it. */
    readonly needed: number;
    /** Images that the minutes are enough for. */
    readonly fitting: number;
  },
): UserError {
  const { stepSeconds, newViewSeconds = stepSeconds, startSeconds } = speed;
  // Rounded up to a number that is short to type, with a tenth to spare.
  const enough = Math.ceil(needed / 60 * 11) / 10;
  const fewer = fitting < batchSize
    ? ""
    : `, or see at most ${fitting} images: images.subset.images=${fitting}`;
  return new UserError(
    `Cannot run recipe "${name}" in ${minutes} minutes: one pass over its ${images} images takes ` +
      `${duration(needed)} here (${short(newViewSeconds)} a step of ${batchSize}, and ` +
      `${duration(startSeconds)} to begin), expected a budget for at least one. Give ` +
      `budget.minutes=${enough} or more${fewer}`,
  );
}

/** Seconds of a step with two significant digits. */
function short(seconds: number): string {
  return `${Number(seconds.toPrecision(2))} s`;
}
