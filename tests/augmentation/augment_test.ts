import { assertEquals, assertLess } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { augment, type AugmentationParameters } from "../../lib/augmentation/augment.ts";
import { noAugmentation } from "../../lib/augmentation/augmentation.ts";
import { referenceAugmentation } from "./reference_augmentation_fixture.ts";
import { blurImages, writeBlur, writeIdentity } from "../../lib/augmentation/blur.ts";
import { mixColours, rotateHue } from "../../lib/augmentation/colour.ts";
import { writeResampling } from "../../lib/augmentation/resample.ts";
import { farthest, golden } from "./golden_images_fixture.ts";

await tf.setBackend("cpu");
const { side, photo, colours, operations, chains } = golden;
const small = 6;

/** The colours of the golden file, channels first. */
function planes(): tf.Tensor3D {
  const image = tf.tensor3d(colours, [small, small, 3]);
  return tf.reshape(tf.transpose(image, [2, 0, 1]), [1, 3, small * small]);
}

function interleaved(images: tf.Tensor): Float32Array {
  const square = tf.reshape(images, [3, small, small]);
  return Float32Array.from(tf.transpose(square, [1, 2, 0]).dataSync());
}

/** The mix of one step of jitter. */
function mixOf(name: string, value: number): [number, number, number] {
  if (name === "brightness") return [value, 0, 0];
  if (name === "contrast") return [value, 0, 1 - value];
  return name === "grey" ? [0, 1, 0] : [value, 1 - value, 0];
}

function apply(name: string, value: number | number[]): tf.Tensor {
  const image = planes();
  const square = tf.reshape(image, [1, 3, small, small]) as tf.Tensor4D;
  if (typeof value !== "number") {
    const matrix = new Float32Array(small * small);
    writeBlur(matrix, small, { kernel: value[0]!, sigma: value[1]! });
    return blurImages(square, tf.tensor3d(matrix, [1, small, small]));
  }
  if (name === "hue") return rotateHue(image, tf.tensor1d([value]));
  if (name !== "solarize") return mixColours(image, tf.tensor2d([mixOf(name, value)]));
  const identity = new Float32Array(small * small);
  writeIdentity(identity, small);
  const matrix = tf.tensor3d(identity, [1, small, small]);
  const parameters = { rows: matrix, columns: matrix, solarize: tf.tensor1d([1]) };
  const config = { ...noAugmentation(small), solarize: { probability: 1, threshold: value } };
  const pixels = tf.mul(tf.tensor4d(colours, [1, small, small, 3]), 255) as tf.Tensor4D;
  return tf.transpose(augment(pixels, parameters, config), [0, 3, 1, 2]);
}

for (const { name, value, result } of operations) {
  Deno.test(`${name} of ${value} equals its definition in doubles, to 1e-5`, () => {
    const values = tf.tidy(() => interleaved(apply(name, value)));
    assertLess(farthest(values, result), 1e-5);
  });
}

/** The parameters of the golden file's chains, in the form in which they are drawn. */
function parametersOf(size: number): AugmentationParameters {
  const batch = chains.length;
  const rows = new Float32Array(batch * size * side), columns = new Float32Array(rows.length);
  const blur = new Float32Array(batch * size * size);
  const slots: number[][] = [], hue: number[] = [];
  chains.forEach(({ window, flip, order, values, grey, sigma }, i) => {
    const part = (all: Float32Array) =>
      all.subarray(i * all.length / batch, (i + 1) * all.length / batch);
    const vertical = { start: window.top, length: window.height };
    const horizontal = { start: window.left, length: window.width };
    writeResampling(part(rows), { in: side, out: size, window: vertical });
    const across = { in: side, out: size, window: horizontal, transposed: true, reversed: flip };
    writeResampling(part(columns), across);
    if (sigma === null) writeIdentity(part(blur), size);
    else writeBlur(part(blur), size, { kernel: 5, sigma });
    const steps: number[][] = Array.from({ length: 7 }, () => [1, 0, 0]);
    const turn = order.indexOf("hue");
    order.forEach((name, k) => {
      if (k !== turn) steps[k < turn ? k : 2 + k - turn] = mixOf(name, values[k]!);
    });
    if (grey) steps[6] = [0, 1, 0];
    slots.push(steps.flat());
    hue.push(turn < 0 ? 0 : values[turn]!);
  });
  return {
    rows: tf.tensor3d(rows, [batch, size, side]),
    columns: tf.tensor3d(columns, [batch, side, size]),
    blur: tf.tensor3d(blur, [batch, size, size]),
    colours: tf.tensor3d(slots.flat(), [batch, 7, 3]),
    hue: tf.tensor1d(hue),
    solarize: tf.tensor1d(chains.map(({ solarize }) => solarize ? 1 : 0)),
  };
}

Deno.test("whole chains, in the reference's order, equal their definitions in doubles, to 1e-4 (item 38)", () => {
  const size = 16;
  const values = tf.tidy(() => {
    const pixels = tf.tile(tf.tensor4d(photo, [1, side, side, 3]), [chains.length, 1, 1, 1]);
    const views = augment(pixels as tf.Tensor4D, parametersOf(size), referenceAugmentation(size));
    return Float32Array.from(views.dataSync());
  });
  const each = size * size * 3;
  chains.forEach(({ result }, i) => {
    let far = 0;
    for (let k = 0; k < each; k++) {
      const value = values[i * each + k]!;
      // A value within rounding of the threshold may be inverted in one arithmetic alone.
      const isBorderline = Math.abs(value - 0.5) < 1e-4;
      if (!isBorderline) far = Math.max(far, Math.abs(value - result[k]!));
    }
    assertLess(far, 1e-4, `chain ${i}: ${far}`);
  });
});

Deno.test("without augmentation a canvas of the right size only changes its range", () => {
  const identity = new Float32Array(side * side);
  writeIdentity(identity, side);
  const values = tf.tidy(() => {
    const matrix = tf.tensor3d(identity, [1, side, side]);
    const pixels = tf.tensor4d(photo, [1, side, side, 3]);
    const views = augment(pixels, { rows: matrix, columns: matrix }, noAugmentation(side));
    return [...views.dataSync()];
  });
  assertEquals(values.length, photo.length);
  assertLess(farthest(values, photo.map((byte) => byte / 255)), 1e-7);
});

Deno.test("a value at the threshold is solarised, one below is not", () => {
  const values = tf.tidy(() => {
    const identity = tf.tensor3d([1, 0, 0, 1], [1, 2, 2]);
    const pixels = tf.tensor4d([255, 254, 255, 0, 255, 255, 255, 255, 255, 255, 255, 255], [
      1,
      2,
      2,
      3,
    ]);
    const parameters = { rows: identity, columns: identity, solarize: tf.tensor1d([1]) };
    const config = { ...noAugmentation(2), solarize: { probability: 1, threshold: 1 } };
    return [...augment(pixels, parameters, config).dataSync()];
  });
  const expected = [0, 254 / 255, 0, 0, ...Array(8).fill(0)].map(Math.fround);
  assertEquals(values, expected);
});

Deno.test("where cubic resampling overshoots, views stay within 0 to 1", () => {
  const values = tf.tidy(() => {
    const matrix = new Float32Array(16 * 4), across = new Float32Array(16 * 4);
    const window = { start: 0, length: 4 };
    writeResampling(matrix, { in: 4, out: 16, window });
    writeResampling(across, { in: 4, out: 16, window, transposed: true });
    const edge = [0, 0, 255, 255].flatMap((value) => [value, value, value]);
    const pixels = tf.tensor4d([...edge, ...edge, ...edge, ...edge], [1, 4, 4, 3]);
    const rows = tf.tensor3d(matrix, [1, 16, 4]), columns = tf.tensor3d(across, [1, 4, 16]);
    return augment(pixels, { rows, columns }, noAugmentation(16)).dataSync();
  });
  assertEquals([Math.min(...values), Math.max(...values)], [0, 1]);
});
