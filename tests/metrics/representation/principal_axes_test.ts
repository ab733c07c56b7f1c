import { assertAlmostEquals, assertEquals } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { alongAxes, principalAxes } from "../../../lib/metrics/representation/principal_axes.ts";

await startEngine();

function noise(images: number, width: number, seed: number) {
  return { features: randomStream(seed).normal(images * width), width };
}

for (const [images, width] of [[40, 6], [6, 40]] as const) {
  Deno.test(`axes of ${images} images of width ${width} are at right angles and hold the variance`, async () => {
    const matrix = noise(images, width, 4);
    const { axes, count, variances } = await principalAxes(matrix);
    assertEquals(count, Math.min(width, images - 1));
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++) {
        let product = 0;
        for (let i = 0; i < width; i++) product += axes[a * width + i]! * axes[b * width + i]!;
        assertAlmostEquals(product, Number(a === b), 1e-4);
      }
    }
    const turned = await alongAxes(matrix, await principalAxes(matrix));
    for (let axis = 0; axis < count; axis++) {
      let sum = 0;
      for (let image = 0; image < images; image++) {
        sum += turned.features[image * count + axis]! ** 2;
      }
      assertAlmostEquals(sum / (images - 1), variances[axis]!, 1e-3 * variances[0]!);
    }
  });
}
