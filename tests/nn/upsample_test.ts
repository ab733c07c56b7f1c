import { assertAlmostEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../lib/engine/backend.ts";
import { upsampleMaps } from "../../lib/nn/upsample.ts";
import golden from "../golden/metrics/dense.json" with { type: "json" };
import { numbers } from "../metrics/labelled_fixture.ts";

await startEngine();

Deno.test("maps are upsampled as PyTorch does it, to 1e-6", async () => {
  const large = upsampleMaps(tf.tensor4d(numbers(48, 1), [2, 3, 4, 2]), [7, 9]);
  const found = await large.data();
  golden.upsampled.forEach((value, i) => assertAlmostEquals(found[i]!, value, 1e-6));
});
