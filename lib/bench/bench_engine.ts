/** Times the engine itself: the rate of matrix products, and the cost of an eager op. */
import * as tf from "@tensorflow/tfjs";
import { compile, type Precision } from "../engine/compiler/compile.ts";

/** The median; of an even count, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b), half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** A compiled square matrix product. */
export interface GemmTimer {
  /** Runs one product and returns its rate in units of 10^9 operations per second. */
  (): Promise<number>;
  dispose(): void;
}

/** Times matrix products of the given size, compiled as a graph. */
export function gemmTimer(size: number, precision: Precision): GemmTimer {
  const a = tf.randomNormal<tf.Rank.R2>([size, size], 0, 1, "float32", 1);
  const b = tf.randomNormal<tf.Rank.R2>([size, size], 0, 1, "float32", 2);
  const product = compile((a: tf.Tensor2D, b: tf.Tensor2D) => tf.matMul(a, b), [a, b], {
    precision,
  });
  async function run(): Promise<number> {
    const start = performance.now();
    const result = await product(a, b);
    const seconds = (performance.now() - start) / 1000;
    result.dispose();
    return 2 * size ** 3 / seconds / 1e9;
  }
  return Object.assign(run, {
    dispose() {
      product.dispose();
      tf.dispose([a, b]);
    },
  });
}

/** Microseconds that the engine needs to run one op on one number, the median of several runs. */
export function opMicroseconds(options: { readonly count?: number } = {}): number {
  const { count = 1000 } = options;
  const rounds = Array.from({ length: 5 }, () =>
    tf.tidy(() => {
      let x: tf.Tensor = tf.scalar(0);
      const one = tf.scalar(1);
      x.dataSync(); // Both are written to TensorFlow before the clock starts.
      const start = performance.now();
      for (let i = 0; i < count; i++) x = tf.add(x, one);
      x.dataSync();
      return (performance.now() - start) * 1000 / count;
    }));
  return median(rounds);
}
