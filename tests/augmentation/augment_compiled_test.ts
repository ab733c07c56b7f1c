import { assertEquals, assertLess } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { compile } from "../../lib/engine/compiler/compile.ts";
import { disposeTree } from "../../lib/engine/compiler/tree.ts";
import { augment, augmentationTensors } from "../../lib/augmentation/augment.ts";
import { referenceAugmentation } from "./reference_augmentation_fixture.ts";
import { drawAugmentations } from "../../lib/augmentation/draw.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { testWithTensorFlow } from "../engine/with_tensorflow_fixture.ts";
import { farthest } from "./golden_images_fixture.ts";

const config = {
  ...referenceAugmentation(16),
  blur: { probability: 0.5, kernel: 5, sigma: [0.1, 2] },
} as const;

/** A batch of eight images, and the n-th view of each. */
function batch(epoch: number) {
  const canvas = 24;
  const stream = randomStream(3);
  const images = [0, 1, 2, 3, 4, 5, 6, 7];
  const pixels = stream.at("pixels").uniform(8 * canvas * canvas * 3).map((v) => 255 * v);
  const drawn = drawAugmentations(config, canvas, stream, { epoch, images });
  return {
    pixels: tf.tensor4d(pixels, [8, canvas, canvas, 3]),
    parameters: augmentationTensors(drawn),
  };
}

for (const mode of ["graph", "xla"] as const) {
  testWithTensorFlow(`augment in ${mode} mode equals eager, for new parameters too`, async () => {
    const first = batch(0);
    const compiled = compile(
      (input: typeof first) => augment(input.pixels, input.parameters, config),
      [first],
      { mode },
    );
    let before = new Float32Array(8 * 16 * 16 * 3);
    for (const epoch of [1, 2]) {
      const input = batch(epoch);
      const eager = tf.tidy(() => augment(input.pixels, input.parameters, config));
      const views = await compiled(input);
      const values = views.dataSync();
      assertEquals(views.shape, [8, 16, 16, 3]);
      // Where a value is at the threshold, rounding decides whether it is inverted.
      const isClear = Array.from(values, (v) => Math.abs(v - 0.5) > 1e-4);
      const clear = (all: ArrayLike<number>) => Array.from(all).filter((_, i) => isClear[i]);
      assertLess(farthest(clear(values), clear(eager.dataSync())), 1e-4);
      assertLess(0.5, farthest(values, before));
      before = Float32Array.from(values);
      disposeTree([input, eager, views]);
    }
    compiled.dispose();
    disposeTree(first);
  });
}
