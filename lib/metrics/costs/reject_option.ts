/** Decisions from probabilities: the cheapest class, or none where a person should decide. */
import { UserError } from "../../errors/user_error.ts";
import type { CostMatrix } from "./cost_matrix.ts";

/** The threshold that {@linkcode bestThreshold} found. */
export interface Threshold {
  /** Images of a lower confidence are deferred; -Infinity keeps all, Infinity none. */
  readonly threshold: number;
  /** Mean cost of an image, deferred ones included. */
  readonly expected: number;
  /** Share of images that are deferred. */
  readonly rejected: number;
}

/**
 * The class of the least expected cost of each image, `[images]`, from its probabilities; the lowest of
 * equals. Where even that costs more than deferring the image to a person, the decision is -1.
 *
 * @param probabilities `[images, classes]`, row-major.
 * @param options rejection: cost of deferring an image. Default: none is deferred.
 * @throws {UserError} where probabilities do not fit the classes or are not within 0 and 1.
 * @source Chow, "On optimum recognition error and reject tradeoff" (1970).
 *
 * @example
 * ```ts
 * import { cheapestDecisions } from "./reject_option.ts";
 * const matrix = { classes: ["ill", "well"], costs: Float64Array.of(0, 100, 1, 0) };
 * const decisions = cheapestDecisions(matrix, [0.05, 0.95, 0.001, 0.999], { rejection: 0.5 });
 * if (decisions.join() !== "-1,1") throw new Error("5 % is too much to send someone home");
 * ```
 */
export function cheapestDecisions(
  matrix: CostMatrix,
  probabilities: ArrayLike<number>,
  options: { readonly rejection?: number | undefined } = {},
): Int32Array {
  const { rejection = Infinity } = options, { classes } = matrix;
  const [size, images] = [classes.length, probabilities.length / classes.length];
  const odd = Array.from(probabilities).find((probability) =>
    !(probability >= 0 && probability <= 1 + 1e-6)
  );
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
 * Expected costs of decisions, `[images]`.
 *
 * @param probabilities `[images, classes]`, row-major.
 * @param decisions `[images]`, class numbers.
 *
 * @example
 * ```ts
 * import { expectedCosts } from "@hashigo/hashigo/metrics";
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

/** Outcome of {@linkcode defer}. */
export interface Deferral {
  /** `[images]`, the cost of each. */
  readonly perImage: Float64Array;
  /** `[images]`, 1 where an image was deferred. */
  readonly rejected: Float64Array;
}

/**
 * Defers unsure images to a person, and measures the cost on images by which the threshold was not chosen:
 * that of every second image is applied to the others, and the other way round.
 *
 * @param confidences `[images]`, such as the probability of the chosen class.
 * @param costs `[images]`, cost of the chosen class.
 * @param rejection cost of deferring an image.
 * @throws {UserError} where there are fewer than two images, the numbers differ, or one is not finite.
 *
 * @example
 * ```ts
 * import { defer } from "./reject_option.ts";
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
  return {
    perImage: rejected.map((deferred, i) => deferred === 1 ? rejection : costs[i]!),
    rejected,
  };
}

/**
 * Chooses the confidence below which deferring images is cheapest. It is chosen on these images, so
 * measure its savings on others.
 *
 * @param confidences `[images]`, such as the probability of the chosen class.
 * @param costs `[images]`, cost of the chosen class: 0 or 1 for errors, or see
 * {@linkcode costOfPredictions}.
 * @param rejection cost of deferring an image.
 * @throws {UserError} where there is no image, the numbers differ, or one is not finite.
 *
 * @example
 * ```ts
 * import { bestThreshold } from "@hashigo/hashigo/metrics";
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
  let total = Array.from(costs).reduce((sum, cost) => sum + cost, 0);
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
