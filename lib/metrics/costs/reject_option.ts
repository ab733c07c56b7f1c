/** Decisions from probabilities: the cheapest class, or none where a person should look. */
import { UserError } from "../../errors/user_error.ts";
import type { CostMatrix } from "./cost_matrix.ts";

/** The threshold that {@linkcode bestThreshold} found. */
export interface Threshold {
  /** Images of a lower confidence are handed on; -Infinity keeps all, Infinity none. */
  readonly threshold: number;
  /** Mean cost of an image, those handed on included. */
  readonly expected: number;
  /** Share of images handed on. */
  readonly rejected: number;
}

/**
 * The class of the least expected cost of each image, `[images]`, from its probabilities; the lowest of
 * equals. Where even that costs more than handing the image on, the decision is -1.
 *
 * @param probabilities `[images, classes]`, row-major.
 * @param options rejection: what handing on an image costs. Default: nothing is handed on.
 * @throws {UserError} where probabilities do not fit the classes or are not within 0 and 1.
 * @source Chow, "On optimum recognition error and reject tradeoff" (1970).
 *
 * @example
 * ```ts
 * import { cheapestDecisions } from "@hashigo/hashigo";
 * const matrix = { classes: ["ill", "well"], costs: Float64Array.of(0, 100, 1, 0) };
 * const decisions = cheapestDecisions(matrix, [0.05, 0.95, 0.001, 0.999], { rejection: 0.5 });
 * if (decisions.join() !== "-1,1") throw new Error("5 % is too much to send someone home");
 * ```
 */
export function cheapestDecisions(
  matrix: CostMatrix,
  probabilities: ArrayLike<number>,
  options: { readonly rejection?: number } = {},
): Int32Array {
  const { rejection = Infinity } = options, { classes } = matrix;
  const [size, images] = [classes.length, probabilities.length / classes.length];
  const odd = Array.from(probabilities).find((one) => !(one >= 0 && one <= 1 + 1e-6));
  if (!Number.isInteger(images) || odd !== undefined || Number.isNaN(rejection)) {
    throw new UserError(
      `Cannot decide by costs: found ${probabilities.length} probabilities` +
        `${odd === undefined ? "" : ` (one is ${odd})`} for ${size} classes and a rejection at ` +
        `${rejection}, expected one from 0 to 1 for each image and class, and a number. ` +
        "Give probabilities, not logits.",
    );
  }
  return Int32Array.from({ length: images }, (_, image) => {
    let [decision, cheapest] = [-1, rejection];
    for (let predicted = 0; predicted < size; predicted++) {
      const expected = expectedCost(matrix, probabilities, { image, predicted });
      if (expected < cheapest) [decision, cheapest] = [predicted, expected];
    }
    return decision;
  });
}

/**
 * What decisions are expected to cost, `[images]`.
 *
 * @param probabilities `[images, classes]`, row-major.
 * @param decisions `[images]`, class numbers.
 *
 * @example
 * ```ts
 * import { expectedCosts } from "@hashigo/hashigo";
 * const matrix = { classes: ["ill", "well"], costs: Float64Array.of(0, 100, 1, 0) };
 * if (expectedCosts(matrix, [0.25, 0.75], [1])[0] !== 25) throw new Error("A quarter of 100");
 * ```
 */
export function expectedCosts(
  matrix: CostMatrix,
  probabilities: ArrayLike<number>,
  decisions: ArrayLike<number>,
): Float64Array {
  return Float64Array.from(
    decisions,
    (predicted, image) => expectedCost(matrix, probabilities, { image, predicted }),
  );
}

function expectedCost(
  { classes: { length: size }, costs }: CostMatrix,
  probabilities: ArrayLike<number>,
  { image, predicted }: { readonly image: number; readonly predicted: number },
): number {
  let expected = 0;
  for (let truth = 0; truth < size; truth++) {
    expected += probabilities[image * size + truth]! * costs[truth * size + predicted]!;
  }
  return expected;
}

/** What {@linkcode defer} decided. */
export interface Deferral {
  /** `[images]`, what each costs. */
  readonly perImage: Float64Array;
  /** `[images]`, 1 where an image was handed on. */
  readonly rejected: Float64Array;
}

/**
 * Hands unsure images on, and tells what that costs on images by which the threshold was not chosen: the
 * one of every second image is applied to the others, and the other way round.
 *
 * @param confidences `[images]`, such as the probability of the chosen class.
 * @param costs `[images]`, what the chosen class costs.
 * @param rejection what handing on an image costs.
 * @throws {UserError} where there are fewer than two images, the numbers differ, or one is not finite.
 *
 * @example
 * ```ts
 * import { defer } from "@hashigo/hashigo";
 * const sure = [0.9, 0.9, 0.5, 0.5], costs = [0, 0, 1, 1];
 * const { perImage } = defer(sure, costs, 0.25);
 * if (perImage.join() !== "0,0,0.25,0.25") throw new Error("The unsure ones are wrong");
 * ```
 */
export function defer(
  confidences: ArrayLike<number>,
  costs: ArrayLike<number>,
  rejection: number,
): Deferral {
  const halves = [0, 1].map((half) =>
    Array.from({ length: costs.length }, (_, image) => image).filter((image) => image % 2 === half)
  );
  const thresholds = halves.map((half) => {
    const of = (values: ArrayLike<number>) => half.map((image) => values[image] ?? NaN);
    return bestThreshold(of(confidences), of(costs), rejection).threshold;
  });
  const rejected = Float64Array.from(
    confidences,
    (confidence, image) => Number(confidence < thresholds[1 - image % 2]!),
  );
  return { perImage: rejected.map((one, i) => one === 1 ? rejection : costs[i]!), rejected };
}

/**
 * The confidence below which handing images on is cheapest, over given images. It is chosen on these
 * images, so measure what it saves on others.
 *
 * @param confidences `[images]`, such as the probability of the chosen class.
 * @param costs `[images]`, what the chosen class costs: 0 or 1 for errors, or see
 * {@linkcode costOfPredictions}.
 * @param rejection what handing on an image costs.
 * @throws {UserError} where there is no image, the numbers differ, or one is not finite.
 *
 * @example
 * ```ts
 * import { bestThreshold } from "@hashigo/hashigo";
 * const { threshold, expected } = bestThreshold([0.9, 0.5, 0.6, 0.8], [0, 1, 1, 0], 0.25);
 * if (threshold !== 0.8 || expected !== 0.125) throw new Error("The two unsure ones are wrong");
 * ```
 */
export function bestThreshold(
  confidences: ArrayLike<number>,
  costs: ArrayLike<number>,
  rejection: number,
): Threshold {
  const images = confidences.length;
  const finite = [...Array.from(confidences), ...Array.from(costs), rejection]
    .every(Number.isFinite);
  if (images === 0 || images !== costs.length || !finite) {
    throw new UserError(
      `Cannot choose a threshold: found ${images} confidences and ${costs.length} costs` +
        `${
          finite ? "" : ", not all finite"
        }, expected as many of both, at least one, and finite numbers. ` +
        "Give the confidence and the cost of each image.",
    );
  }
  const order = Array.from({ length: images }, (_, i) => i)
    .sort((a, b) => confidences[a]! - confidences[b]!);
  let total = Array.from(costs).reduce((sum, one) => sum + one, 0);
  let best = { threshold: -Infinity, total, rejected: 0 };
  order.forEach((image, place) => {
    total += rejection - costs[image]!;
    // Images of one confidence go together.
    const next = order[place + 1];
    if (next !== undefined && confidences[next] === confidences[image]) return;
    const threshold = next === undefined ? Infinity : confidences[next]!;
    if (total < best.total) best = { threshold, total, rejected: place + 1 };
  });
  const { threshold, rejected } = best;
  return { threshold, expected: best.total / images, rejected: rejected / images };
}
