import type { RandomStream } from "../tensors/random.ts";
import { UserError } from "../errors/user_error.ts";
import type { Augmentation } from "./augmentation.ts";
import { writeBlur, writeIdentity } from "./blur.ts";
import { between, cropDraws, drawCrop } from "./crop.ts";
import { writeResampling } from "./resample.ts";

/**
 * Random parameters of a batch of views, on the host. What the augmentation switches off is
 * undefined.
 */
export interface DrawnAugmentations {
  /** Number of views. */
  readonly batch: number;
  /** Side of the images in pixels. */
  readonly canvas: number;
  /** Side of the views in pixels. */
  readonly size: number;
  /** Resampling of the crop down the rows, `[batch, size, canvas]`. */
  readonly rows: Float32Array;
  /** Resampling across the columns, flips included, `[batch, canvas, size]`. */
  readonly columns: Float32Array;
  /** Steps of `mixColours`, `[batch, slots, 3]`; see {@linkcode colourSlots}. */
  readonly colours: Float32Array | undefined;
  /** Rotations of the hue, `[batch]`, in turns. */
  readonly hue: Float32Array | undefined;
  /** Blur along one side, `[batch, size, size]`. */
  readonly blur: Float32Array | undefined;
  /** 1 where an image is solarised, else 0, `[batch]`. */
  readonly solarize: Float32Array | undefined;
}

/**
 * Numbers of colour steps before and after the hue. The order of brightness, contrast, saturation
 * and hue differs between images. There are three steps before and three after the hue, and those
 * that the order of an image does not use change nothing, so that all images run the same
 * operations and the costly hue runs once. Grey is the last step.
 */
export function colourSlots(augmentation: Augmentation): { before: number; after: number } {
  const jitter = augmentation.jitter !== false;
  return {
    before: jitter ? 3 : 0,
    after: (jitter ? 3 : 0) + (augmentation.grey === false ? 0 : 1),
  };
}

/** Positions of an image's uniform numbers, after those of the crop. */
const FLIP = cropDraws, JITTER = FLIP + 1, FACTORS = FLIP + 2, ORDER = FLIP + 6;
const GREY = FLIP + 9, BLUR = FLIP + 10, SIGMA = FLIP + 11, SOLARIZE = FLIP + 12;
const draws = FLIP + 13;

/**
 * Draws the parameters of one view of each image. They depend on the stream, the epoch and the
 * image alone: not on the rest of the batch, its order, or the other kinds that are switched on.
 *
 * @param canvas Side of the images in pixels.
 * @param options epoch and images: whole numbers that address the views.
 * @throws {UserError} Where the blur's kernel is even or wider than the view allows.
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { drawAugmentations } from "@hashigo/hashigo/augmentation";
 * import { noAugmentation } from "./augmentation.ts";
 * const augmentation = { ...noAugmentation(32), flip: 0.5 };
 * const drawn = drawAugmentations(augmentation, 48, randomStream(0), { epoch: 0, images: [7, 3] });
 * if (drawn.rows.length !== 2 * 32 * 48) throw new Error("Expected [2, 32, 48]");
 * ```
 */
export function drawAugmentations(
  augmentation: Augmentation,
  canvas: number,
  stream: RandomStream,
  options: { readonly epoch: number; readonly images: ArrayLike<number> },
): DrawnAugmentations {
  assertBlur(augmentation);
  const { size } = augmentation;
  const batch = options.images.length;
  const { before, after } = colourSlots(augmentation);
  const arrayIf = (isDrawn: boolean, each: number) =>
    isDrawn ? new Float32Array(batch * each) : undefined;
  const rows = new Float32Array(batch * size * canvas);
  const columns = new Float32Array(batch * canvas * size);
  const colours = arrayIf(before + after > 0, 3 * (before + after));
  const hue = arrayIf(augmentation.jitter !== false, 1);
  const blur = arrayIf(augmentation.blur !== false, size * size);
  const solarize = arrayIf(augmentation.solarize !== false, 1);
  const epoch = stream.at("augment", options.epoch);
  for (let i = 0; i < batch; i++) {
    const uniforms = epoch.at(options.images[i]!).uniform(draws);
    const part = (all: Float32Array) => {
      const each = all.length / batch;
      return all.subarray(i * each, (i + 1) * each);
    };
    writeCrop(part(rows), part(columns), augmentation, canvas, uniforms);
    if (colours !== undefined) {
      const turns = writeColours(part(colours), augmentation, uniforms);
      if (hue !== undefined) hue[i] = turns;
    }
    if (blur !== undefined) writeBlurOrIdentity(part(blur), augmentation, uniforms);
    if (solarize !== undefined && augmentation.solarize) {
      solarize[i] = uniforms[SOLARIZE]! < augmentation.solarize.probability ? 1 : 0;
    }
  }
  return { batch, canvas, size, rows, columns, colours, hue, blur, solarize };
}

function assertBlur({ blur, size }: Augmentation): void {
  if (blur === false || (blur.kernel % 2 === 1 && blur.kernel <= 2 * size - 1)) return;
  throw new UserError(
    `Cannot blur views of ${size} pixels: the kernel is ${blur.kernel}, expected an odd number of ` +
      `at most ${2 * size - 1}. Change the kernel, or switch blur off`,
  );
}

function writeCrop(
  rows: Float32Array,
  columns: Float32Array,
  { size, scale, ratio, flip }: Augmentation,
  canvas: number,
  uniforms: Float32Array,
): void {
  const whole = { start: 0, length: canvas };
  const crop = scale === false
    ? { rows: whole, columns: whole }
    : drawCrop(canvas, uniforms, { scale, ratio: ratio === false ? [1, 1] : ratio });
  const reversed = flip !== false && uniforms[FLIP]! < flip;
  writeResampling(rows, { in: canvas, out: size, window: crop.rows });
  const window = crop.columns;
  writeResampling(columns, { in: canvas, out: size, window, transposed: true, reversed });
}

/** Writes an image's colour steps and returns the turn of its hue. */
function writeColours(
  slots: Float32Array,
  { jitter, grey }: Augmentation,
  uniforms: Float32Array,
): number {
  for (let slot = 0; slot < slots.length; slot += 3) slots[slot] = 1;
  if (grey !== false && uniforms[GREY]! < grey) slots.set([0, 1, 0], slots.length - 3);
  if (jitter === false || !(uniforms[JITTER]! < jitter.probability)) return 0;
  const factor = (index: number, most: number) =>
    between(Math.max(0, 1 - most), 1 + most, uniforms[FACTORS + index]!);
  const brightness = factor(0, jitter.brightness);
  const contrast = factor(1, jitter.contrast);
  const saturation = factor(2, jitter.saturation);
  const steps = [[brightness, 0, 0], [contrast, 0, 1 - contrast], [saturation, 1 - saturation, 0]];
  let slot = 0;
  for (const step of drawOrder(uniforms)) {
    // The hue stands between the slots 2 and 3; slots that are left out change nothing.
    if (step === 3) slot = 3;
    else slots.set(steps[step]!, 3 * slot++);
  }
  return between(-jitter.hue, jitter.hue, uniforms[FACTORS + 3]!);
}

/** The numbers 0 to 3 in random order. */
function drawOrder(uniforms: Float32Array): number[] {
  const order = [0, 1, 2, 3];
  for (let last = 3; last > 0; last--) {
    const other = Math.floor(uniforms[ORDER + 3 - last]! * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

function writeBlurOrIdentity(
  matrix: Float32Array,
  { blur, size }: Augmentation,
  uniforms: Float32Array,
): void {
  if (blur === false) return;
  if (!(uniforms[BLUR]! < blur.probability)) return writeIdentity(matrix, size);
  const sigma = between(blur.sigma[0], blur.sigma[1], uniforms[SIGMA]!);
  writeBlur(matrix, size, { kernel: blur.kernel, sigma });
}
