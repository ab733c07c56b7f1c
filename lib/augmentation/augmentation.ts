/**
 * The random views that a student sees, in the order of the reference: crop, flip, colour jitter,
 * grey, blur, solarise. `false` switches one off. The defaults are those of a recipe.
 *
 * @source UNIC, appendix A, and the published training script.
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
  /** Colour jitter: greatest change of each kind, all drawn uniformly; applied in random order. */
  readonly jitter: {
    /** Share of the images that are jittered. */
    readonly probability: number;
    /** Factors are drawn from 1 - brightness to 1 + brightness. */
    readonly brightness: number;
    /** Factors are drawn from 1 - contrast to 1 + contrast. */
    readonly contrast: number;
    /** Factors are drawn from 1 - saturation to 1 + saturation. */
    readonly saturation: number;
    /** Greatest rotation, in turns of the colour circle. */
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
  /** Solarisation: inversion of the values at and above a threshold in [0, 1]. */
  readonly solarize: { readonly probability: number; readonly threshold: number } | false;
}

/**
 * Scales a blur for views of `from` pixels (default 224, the reference's) to views of `size`
 * pixels, so that views of every size are blurred to the same share of their side. The kernel
 * becomes an odd number of at least 3.
 *
 * @example
 * ```ts
 * import { scaledBlur } from "@hashigo/hashigo/augmentation";
 * const blur = scaledBlur({ probability: 0.2, kernel: 9, sigma: [0.1, 5] }, 112);
 * if (blur.kernel !== 5 || blur.sigma[1] !== 2.5) throw new Error("Expected half of it");
 * ```
 */
export function scaledBlur(
  blur: Exclude<Augmentation["blur"], false>,
  size: number,
  options: { readonly from?: number | undefined } = {},
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
 * The augmentation that draws nothing: the whole canvas, resized to `size` pixels. For evaluation.
 *
 * @example
 * ```ts
 * import { noAugmentation } from "./augmentation.ts";
 * if (noAugmentation(64).flip !== false) throw new Error("Expected no flips");
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
