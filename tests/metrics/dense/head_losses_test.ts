import { assertAlmostEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import { depthLoss } from "../../../lib/metrics/dense/depth_head.ts";
import { segmentationLoss } from "../../../lib/metrics/dense/segmentation_head.ts";
import golden from "../../golden/metrics/dense.json" with { type: "json" };
import { numbers } from "../labelled_fixture.ts";

await startEngine();

Deno.test("the losses of both heads are PyTorch's, to 1e-6", async () => {
  const logits = tf.tensor3d(numbers(24, 2), [2, 4, 3]);
  const classes = Int32Array.from({ length: 32 }, (_, i) => [0, 1, 2, 255][i % 4]!);
  const truth = tf.tensor3d(classes, [2, 4, 4], "int32");
  const [segmentation] = await segmentationLoss(logits, truth, [2, 2]).data();
  assertAlmostEquals(segmentation!, golden.segmentationLoss, 1e-6);
  const maps = [3, 4].map((seed) =>
    tf.add<tf.Tensor3D>(tf.tensor3d(numbers(18, seed), [2, 3, 3]), 2)
  );
  const [depth] = await depthLoss(maps[0]!, maps[1]!).data();
  assertAlmostEquals(depth!, golden.depthLoss, 1e-6);
});
