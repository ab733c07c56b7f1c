/**
 * Small pieces of real work that show whether the engine and the image decoder function.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Engine } from "../backend.ts";
import { compile } from "../compiler/compile.ts";

/** Multiplies two matrices of 2048 x 2048: the best of three, and the product must be right. */
export async function tryMatmul(engine: Engine): Promise<string> {
  const n = 2048;
  const [a, b] = [tf.fill([n, n], 0.5), tf.fill([n, n], 2)];
  let best = Infinity;
  for (let round = 0; round < 4; round++) {
    const start = performance.now();
    const product = tf.matMul(a, b);
    const corner = product.slice([n - 1, n - 1], [1, 1]);
    const value = (await corner.data())[0];
    const milliseconds = performance.now() - start;
    tf.dispose([product, corner]);
    if (value !== n) {
      throw new Error(`found ${value} in the product of two matrices, expected ${n}`);
    }
    if (round > 0) best = Math.min(best, milliseconds);
  }
  tf.dispose([a, b]);
  const rate = Math.round(2 * n ** 3 / best / 1e6);
  return `${n}^3 in ${best.toFixed(0)} ms, ${rate} GFLOP/s on ${engine.backend}`;
}

/**
 * A compiled training step of a small network, gradient and update, which must equal the same function
 * run op by op within 1e-5.
 */
export async function tryCompiledStep(engine: Engine): Promise<string> {
  const [batch, inputs, hidden, classes] = [256, 64, 128, 10] as const;
  const matrix = (rows: number, columns: number, std: number, seed: number) =>
    tf.randomNormal<tf.Rank.R2>([rows, columns], 0, std, "float32", seed);
  const images = matrix(batch, inputs, 1, 1);
  const labels = matrix(batch, classes, 1, 2);
  const first = matrix(inputs, hidden, 0.1, 3);
  const second = matrix(hidden, classes, 0.1, 4);
  const step = (first: tf.Tensor2D, second: tf.Tensor2D) => {
    const loss = (first: tf.Tensor, second: tf.Tensor) =>
      tf.tanh(images.matMul(first)).matMul(second).sub(labels).square().mean<tf.Scalar>();
    const { value, grads } = tf.valueAndGrads(loss)([first, second]);
    const [firstSlope, secondSlope] = grads as [tf.Tensor2D, tf.Tensor2D];
    return {
      value,
      first: first.sub(firstSlope.mul(0.1)),
      second: second.sub(secondSlope.mul(0.1)),
    };
  };
  const expected = tf.tidy(() => step(first, second));
  const start = performance.now();
  const compiled = compile(step, [first, second], { mode: "xla", name: "doctor" });
  const result = await compiled(first, second);
  const compiling = performance.now() - start;
  const difference = (await Promise.all([
    largestDifference(result.value, expected.value),
    largestDifference(result.first, expected.first),
    largestDifference(result.second, expected.second),
  ])).reduce((worst, difference) => Math.max(worst, difference));
  const milliseconds = await bestTime(() => compiled(first, second));
  compiled.dispose();
  tf.dispose([images, labels, first, second, expected, result]);
  if (!(difference < 1e-5)) {
    throw new Error(
      `the compiled step differs from the eager one by ${difference}, expected < 1e-5`,
    );
  }
  const how = engine.compiles ? `compiled in ${compiling.toFixed(0)} ms` : "not compiled";
  return `${milliseconds.toFixed(2)} ms, ${how}, differs by ${difference.toExponential(0)}`;
}

async function bestTime(work: () => Promise<tf.TensorContainer>): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    tf.dispose(await work());
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

async function largestDifference(a: tf.Tensor, b: tf.Tensor): Promise<number> {
  const right = await b.data();
  return Math.max(...Array.from(await a.data(), (left, i) => Math.abs(left - (right[i] ?? NaN))));
}

/** Two pixels, red and blue. */
const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAADUlEQVR4nGP4zwAE/wEHAAH/4iOeWQAAAABJRU5ErkJggg==";

/** Decodes a PNG of two pixels. */
export async function tryDecode(): Promise<string> {
  const { default: sharp } = await import("sharp");
  const pixels = await sharp(Uint8Array.fromBase64(png)).raw().toBuffer();
  if (pixels.join() !== "255,0,0,0,0,255") {
    throw new Error(`found the pixels ${pixels.join()}, expected 255,0,0,0,0,255`);
  }
  return `sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`;
}
