import { assert, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import { chooseFeature, featureExtractor } from "../../../lib/evaluation/features/pooled.ts";
import type { Backbone } from "../../../lib/teachers/backbone.ts";
import { UserError } from "../../../lib/errors/user_error.ts";

await startEngine();

/** A network whose features are the mean colours of halves of the image. */
function halves(tokens: Backbone["tokens"]): Backbone {
  const part = (images: tf.Tensor4D, from: number) => {
    const [batch, rows = 0, columns = 0] = images.shape;
    const half = tf.slice(images, [0, from * rows / 2, 0, 0], [batch, rows / 2, columns, 3]);
    return tf.mean<tf.Tensor2D>(half, [1, 2]);
  };
  return {
    name: "halves",
    family: "test",
    licence: "Apache-2.0",
    digest: "",
    input: { size: 8, mean: [0, 0, 0], std: [1, 1, 1] },
    width: 3,
    tokens,
    parameterCount: 0,
    grid: () => [2, 1],
    features(images) {
      const [top, bottom] = [part(images, 0), part(images, 1)];
      return {
        ...(tokens.includes("cls") ? { cls: top } : {}),
        ...(tokens.includes("patch") ? { patch: tf.stack([top, bottom], 1) as tf.Tensor3D } : {}),
      };
    },
    dispose: () => {},
  };
}

/** Three images: the upper half holds 255 in one channel, the lower half in another. */
function threeImages() {
  const image = (i: number) =>
    Uint8Array.from({ length: 4 * 4 * 3 }, (_, at) => {
      const channel = at < 24 ? i : (i + 1) % 3;
      return at % 3 === channel ? 255 : 0;
    });
  return {
    count: 3,
    canvas: 4,
    classes: ["a"],
    labels: Int32Array.of(0, 0, 0),
    names: ["0", "1", "2"],
    digest: "",
    read(places: ArrayLike<number>) {
      const bytes = Array.from(places, image);
      const all = new Uint8Array(bytes.length * 48);
      bytes.forEach((pixels, i) => all.set(pixels, i * 48));
      return all;
    },
    close: () => {},
  };
}

const root = Math.SQRT1_2;
for (
  const [kind, tokens, expected] of [
    ["cls", ["cls", "patch"], [1, 0, 0]],
    ["patch", ["cls", "patch"], [0.5, 0.5, 0]],
    ["cls+patch", ["cls", "patch"], [1, 0, 0, root, root, 0]],
    ["cls", ["patch"], [0.5, 0.5, 0]],
    ["cls+patch", ["cls"], [1, 0, 0]],
  ] as const
) {
  Deno.test(`the feature "${kind}" of a network with ${tokens.join(" and ")}`, async () => {
    const extractor = featureExtractor(halves(tokens), { batchSize: 2 });
    const pooled = await extractor.extract(threeImages());
    const { features, width } = chooseFeature(pooled, kind);
    assertEquals([width, features.length], [expected.length, 3 * expected.length]);
    expected.forEach((value, i) => assert(Math.abs((features[i] ?? NaN) - value) < 1e-6));
    // The third image begins a batch that is not full.
    assert(Math.abs((features[2 * width + 2] ?? NaN) - expected[0]) < 1e-6);
    extractor.dispose();
  });
}

Deno.test("features that are not finite are refused", async () => {
  const broken = {
    ...halves(["cls"]),
    features: (x: tf.Tensor4D) => ({ cls: tf.div<tf.Tensor2D>(tf.sum(x, [1, 2]), 0) }),
  };
  const extractor = featureExtractor(broken);
  await assertRejects(() => extractor.extract(threeImages()), UserError, "not all finite");
  extractor.dispose();
});
