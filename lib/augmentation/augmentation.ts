/**
 * Which random views a student sees, in the order of the reference (paper appendix A): crop, flip,
 * colour jitter, grey, blur, solarise. `false` switches one off.
 */
export interface Augmentation {
  /** Side of the views in pixels. */
  readonly size: number;
  /** Share of the image's area that a crop covers; `false`: the whole image is resized. */
  readonly scale: readonly [number, number] | false;
  /** Width over height of a crop; `false`: square crops. */
  readonly ratio: readonly [number, number] | false;
  /** Probability of a horizontal flip. */
  readonly flip: number | false;
  /** Greatest change of each kind, all drawn uniformly; applied in random order. */
  readonly jitter: {
    readonly probability: number;
    readonly brightness: number;
    readonly contrast: number;
    readonly saturation: number;
    /** In turns of the colour circle. */
    readonly hue: number;
  } | false;
  /** Probability of losing all colour. */
  readonly grey: number | false;
  /** Gaussian blur: width of the kernel and range of sigma, in pixels of the view. */
  readonly blur: {
    readonly probability: number;
    readonly kernel: number;
    readonly sigma: readonly [number, number];
  } | false;
  /** Inversion of the values at and above a threshold in [0, 1]. */
  readonly solarize: { readonly probability: number; readonly threshold: number } | false;
}

/**
 * A blur that is meant for views of `from` pixels, at `size` pixels: sigma and the kernel scaled,
 * the kernel to an odd number of at least 3.
 *
 * @example
 * ```ts
 * import { scaledBlur } from "@hashigo/hashigo";
 * const blur = scaledBlur({ probability: 0.2, kernel: 9, sigma: [0.1, 5] }, 112);
 * if (blur.kernel !== 5 || blur.sigma[1] !== 2.5) throw new Error("Expected half of it");
 * ```
 */
export function scaledBlur(
  blur: Exclude<Augmentation["blur"], false>,
  size: number,
  options: { readonly from?: number } = {},
): Exclude<Augmentation["blur"], false> {
  const factor = size / (options.from ?? 224);
  const [low, high] = blur.sigma;
  return {
    probability: blur.probability,
    kernel: Math.max(3, 2 * Math.round((blur.kernel * factor - 1) / 2) + 1),
    sigma: [low * factor, high * factor],
  };
}

/**
 * No randomness at all: the whole canvas, resized to `size` pixels. For evaluation.
 *
 * @example
 * ```ts
 * import { noAugmentation } from "@hashigo/hashigo";
 * if (noAugmentation(64).flip !== false) throw new Error("Expected nothing to be drawn");
 * ```
 */
export function noAugmentation(size: number): Augmentation {
  return {
    size,
    scale: false,
    ratio: false,
    flip: false,
    jitter: false,
    grey: false,
    blur: false,
    solarize: false,
  };
}
