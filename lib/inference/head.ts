/** A classifier on the features of a student: probabilities that can be believed, and when to ask a person. */
import type { CostMatrix } from "../metrics/costs/cost_matrix.ts";
import { cheapestDecisions } from "../metrics/costs/reject_option.ts";

/** A linear classifier of one network's features. */
export interface Head {
  /** Names of the classes, in the order of the columns. */
  readonly classes: readonly string[];
  /** Numbers of a feature. */
  readonly width: number;
  /** `[width, classes]`, row-major. */
  readonly weight: Float32Array;
  /** `[classes]` */
  readonly bias: Float32Array;
  /** By which the logits are divided, so that probabilities are as high as the classifier is right. */
  readonly temperature: number;
  /** Costs of errors. Default: every error costs 1. */
  readonly costs?: CostMatrix | undefined;
  /** Cost of deferring an image to a person. Default: none is deferred. */
  readonly rejection?: number | undefined;
  /** How good it is, on images that it was not fitted to. */
  readonly validation: HeadValidation;
  /** Digest of the network, see `Backbone.digest`; one that is read out has its own. */
  readonly network: string;
  /** What it was fitted to, in words. */
  readonly images: string;
}

/** Measured by cross-validation: each image by a classifier that was fitted to the others. */
export interface HeadValidation {
  /** Number of images. */
  readonly images: number;
  /** Percent that was classified rightly. */
  readonly accuracy: number;
  /** 95 % interval of the accuracy. */
  readonly interval: readonly [low: number, high: number];
  /** Expected calibration error in percent, before and after the temperature. */
  readonly calibration: readonly [before: number, after: number];
  /** Percent of images that are deferred, and percent right of the others; where there is a rejection. */
  readonly deferral?: { readonly deferred: number; readonly accuracy: number } | undefined;
}

/** What a head says of an image. */
export interface Classification {
  /** The decision: the cheapest class by its costs, without costs the most probable one. */
  readonly class: string;
  /** Probability of that class. */
  readonly probability: number;
  /** Whether a person should decide, because that costs less than the likely error. */
  readonly unsure: boolean;
  /** Of every class, in the order of `Head.classes`. */
  readonly probabilities: Float32Array;
}

/** What is decided of images, from their probabilities `[images, classes]`. */
export function decide(
  { classes, costs, rejection }: Pick<Head, "classes" | "costs" | "rejection">,
  probabilities: Float32Array,
): Classification[] {
  const count = classes.length, matrix = costs ?? everyErrorCostsOne(classes);
  const bounded = Float32Array.from(probabilities, (value) => Math.min(1, value));
  const cheapest = cheapestDecisions(matrix, bounded);
  const decided = cheapestDecisions(matrix, bounded, { rejection });
  return Array.from(cheapest, (label, image) => {
    const own = bounded.slice(image * count, (image + 1) * count);
    return {
      class: classes[label]!,
      probability: own[label]!,
      unsure: decided[image] === -1,
      probabilities: own,
    };
  });
}

/** Costs of 0 for what is right, and 1 for what is wrong. */
export function everyErrorCostsOne(classes: readonly string[]): CostMatrix {
  const count = classes.length;
  const costs = Float64Array.from(
    { length: count ** 2 },
    (_, i) => Math.floor(i / count) === i % count ? 0 : 1,
  );
  return { classes, costs };
}

/**
 * Probabilities at another temperature, `[images, classes]`: the power 1 / temperature of each, brought to a sum
 * of 1. It changes how sure a classifier is, never what it prefers.
 *
 * @source Guo et al., "On calibration of modern neural networks" (2017), section 4.2
 *
 * @example
 * ```ts
 * import { atTemperature } from "./head.ts";
 * const [first] = atTemperature(Float32Array.of(0.8, 0.2), 2, 2);
 * if (Math.abs(first! - 2 / 3) > 1e-6) throw new Error("The roots of 0.8 and 0.2 are as 2 to 1");
 * ```
 */
export function atTemperature(
  probabilities: Float32Array,
  classes: number,
  temperature: number,
): Float32Array {
  const result = new Float32Array(probabilities.length);
  for (let from = 0; from < probabilities.length; from += classes) {
    const row = probabilities.subarray(from, from + classes);
    const logits = Float64Array.from(
      row,
      (value) => Math.log(Math.max(value, least)) / temperature,
    );
    const highest = logits.reduce((most, value) => Math.max(most, value), -Infinity);
    const powers = logits.map((value) => Math.exp(value - highest));
    const sum = powers.reduce((total, value) => total + value, 0);
    result.set(powers.map((value) => value / sum), from);
  }
  return result;
}

/** Below it a float32 has no logarithm that says anything. */
const least = 1e-30;
