/** Labelled features by a formula that tests/golden/metrics/knn.py and metrics.py know too. */
import type { LabelledFeatures } from "../../lib/metrics/labelled_features.ts";

/** Numbers per image, and classes. */
export const [width, classes] = [16, 7];

/** The numbers of the scripts: a linear congruential generator. */
export function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 16) / 65536 - 0.5;
  });
}

/** Noise around a centre for each class. */
export function labelled(count: number, seed: number): LabelledFeatures {
  const centres = numbers(classes * width, 3);
  const labels = Int32Array.from({ length: count }, (_, i) => i * 5 % classes);
  const noise = numbers(count * width, seed);
  const features = noise.map((value, i) => {
    const label = labels[Math.floor(i / width)] ?? 0;
    return value + 0.5 * (centres[label * width + i % width] ?? 0);
  });
  return { features, labels, width };
}
