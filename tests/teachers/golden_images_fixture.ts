import * as tf from "@tensorflow/tfjs";

/** `[batch, size, size, 3]` in [0, 1]: the images of tests/golden/teachers/teachers.py and families.py. */
export function goldenImages(batch: number, size: number): tf.Tensor4D {
  const data = Float32Array.from({ length: batch * size * size * 3 }, (_, at) => {
    const c = at % 3;
    const x = Math.floor(at / 3) % size;
    const y = Math.floor(at / 3 / size) % size;
    const b = Math.floor(at / 3 / size / size);
    return (((x * x * (c + 1) + 3 * y * (x + 5 * b + 1) + 17 * c + y * y) >> 3) % 256) / 255;
  });
  return tf.tensor4d(data, [batch, size, size, 3]);
}
