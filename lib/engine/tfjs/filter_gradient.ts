import * as tf from "@tensorflow/tfjs";

/**
 * Puts a gradient of convolutions by filters of one place in place of tfjs-node-gpu's where they skip places: it takes
 * the places that they saw, then the gradient without skipping, which is the same numbers.
 *
 * oneDNN's own (TensorFlow 2.21) writes beyond its memory on processors with AVX-512 where such a filter has fewer
 * than 16 channels in: the process dies, or another tensor changes.
 */
export function registerFilterGradient(backendName: string): void {
  const kernelName = "Conv2DBackpropFilter";
  const original = tf.getKernel(kernelName, backendName);
  if (original === undefined) return;
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: (call) => {
      const { strides, dataFormat, filterShape } = call
        .attrs as unknown as tf.Conv2DBackpropFilterAttrs;
      const [down, right] = typeof strides === "number" ? [strides, strides] : strides;
      const [height, width] = filterShape;
      const skips = height === 1 && width === 1 && (down > 1 || right > 1);
      if (!skips || dataFormat !== "NHWC") return original.kernelFunc(call);
      return tf.tidy(() => {
        const x = call.inputs.x as tf.Tensor4D;
        const seen = tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, down, right, 1]);
        return original.kernelFunc({
          ...call,
          inputs: { ...call.inputs, x: seen },
          attrs: { ...call.attrs, strides: 1 },
        }) as tf.Tensor;
      });
    },
  });
}
