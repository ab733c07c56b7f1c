/** Says that the minutes of a run are not enough, and what would fit. */
import { UserError } from "../../errors/user_error.ts";
import { duration } from "../../io/duration.ts";
import type { Recipe } from "../../recipe/options.ts";
import type { StepSeconds } from "./fit_steps.ts";
import { shortSeconds } from "./words.ts";

/** The minutes of a run are not enough for one pass over its images. */
export class BudgetTooShort extends UserError {
  /** Images of a pass that would fit. */
  readonly images: number;

  /** An error with its message. */
  constructor(message: string, { images }: { readonly images: number }) {
    super(message);
    this.images = images;
  }
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
): BudgetTooShort {
  const { stepSeconds, newViewSeconds = stepSeconds, startSeconds } = speed;
  // Rounded up to a number that is short to type, with a tenth to spare.
  const enough = Math.ceil(needed / 60 * 11) / 10;
  const fewer = fitting < batchSize
    ? ""
    : `, or see at most ${fitting} images: images.subset.images=${fitting}`;
  return new BudgetTooShort(
    `Cannot run recipe "${name}" in ${minutes} minutes: one pass over its ${images} images takes ` +
      `${duration(needed)} here (${shortSeconds(newViewSeconds)} a step of ${batchSize}, and ` +
      `${duration(startSeconds)} to begin), expected a budget for at least one. Give ` +
      `budget.minutes=${enough} or more${fewer}`,
    { images: fitting },
  );
}
