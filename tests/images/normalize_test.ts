import { assertAlmostEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { imagenetNormalization, normalizeImages } from "../../lib/images/normalize.ts";
import "../pure_backend_fixture.ts";

Deno.test("a grey of 0.5 normalised by ImageNet's colours, by hand", () => {
  const grey = tf.fill<tf.Rank.R4>([1, 1, 1, 3], 0.5);
  const values = normalizeImages(grey, imagenetNormalization).dataSync();
  [0.015 / 0.229, 0.044 / 0.224, 0.094 / 0.225].forEach((expected, channel) =>
    assertAlmostEquals(values[channel]!, expected, 1e-6)
  );
});
