import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { preprocess } from "../../lib/teachers/preprocess.ts";
import "../pure_backend_fixture.ts";

Deno.test("images are resized, then the mean goes, then the deviation is divided by", () => {
  const images = tf.fill<tf.Rank.R4>([1, 2, 2, 3], 0.5);
  const input = { size: 4, mean: [0.1, 0.2, 0.3], std: [0.5, 0.25, 2] } as const;
  const result = preprocess(images, input);
  assertEquals(result.shape, [1, 4, 4, 3]);
  const values = result.dataSync();
  for (const [channel, expected] of [0.8, 1.2, 0.1].entries()) {
    for (let pixel = 0; pixel < 16; pixel++) {
      assertAlmostEquals(values[3 * pixel + channel]!, expected, 1e-6);
    }
  }
});
