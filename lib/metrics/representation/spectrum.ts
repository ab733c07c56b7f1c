/** The number of directions in which features vary. */
import type { FeatureMatrix } from "../feature_matrix.ts";
import { principalAxes } from "./principal_axes.ts";

/** Outcome of {@linkcode featureSpectrum}. */
export interface FeatureSpectrum {
  /** `[min(width, images)]`, variances along the principal axes (over images - 1), largest first. */
  readonly variances: Float64Array;
  /** As many, the share of all variance that the first 1, 2, … axes hold. */
  readonly shares: Float64Array;
  /**
   * Exponential of the entropy of the standard deviations along the axes, from 1 (one direction) to the
   * width (all alike).
   */
  readonly effectiveRank: number;
}

/**
 * Measures how many directions features vary in. Takes time with the third power of the smaller of width and number of
 * images: a second at 384, about ten at 768.
 *
 * @param features `[images, width]`, at least two images.
 * @throws {UserError} where there are fewer than two images, a feature is not finite, or all images have
 * the same features.
 * @source Roy and Vetterli, "The effective rank" (2007), of centred features.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { featureSpectrum } from "@hashigo/hashigo/metrics";
 * await startEngine();
 * const features = Float32Array.of(0, 0, 1, 2, 2, 4, 3, 6);
 * const { shares, effectiveRank } = await featureSpectrum({ features, width: 2 });
 * if (shares[0]! < 0.999 || effectiveRank > 1.01) throw new Error("All lie on a line");
 * ```
 */
export async function featureSpectrum(features: FeatureMatrix): Promise<FeatureSpectrum> {
  return spectrumOf((await principalAxes(features)).variances);
}

/**
 * The spectrum of known variances along principal axes.
 *
 * @param variances largest first, not all of them zero.
 *
 * @example
 * ```ts
 * import { spectrumOf } from "./spectrum.ts";
 * const { shares, effectiveRank } = spectrumOf(Float64Array.of(2, 2));
 * if (shares[0] !== 0.5 || Math.abs(effectiveRank - 2) > 1e-9) throw new Error("Two alike");
 * ```
 */
export function spectrumOf(variances: Float64Array): FeatureSpectrum {
  const total = variances.reduce((sum, variance) => sum + variance, 0);
  let held = 0;
  const shares = variances.map((variance) => (held += variance) / total);
  return { variances, shares, effectiveRank: effectiveRank(variances) };
}

function effectiveRank(variances: Float64Array): number {
  const deviations = variances.map(Math.sqrt);
  const total = deviations.reduce((sum, deviation) => sum + deviation, 0);
  const entropy = deviations.reduce((sum, deviation) => {
    const share = deviation / total;
    return share > 0 ? sum - share * Math.log(share) : sum;
  }, 0);
  return Math.exp(entropy);
}
