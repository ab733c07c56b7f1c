/** Transformers that grow compute what they did before, and their new parts can learn. */
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { encode, initVisionTransformer } from "../../../lib/nn/vision_transformer.ts";
import type { VisionTransformerConfig } from "../../../lib/nn/vision_transformer.ts";
import { growthMisfit, growTransformer } from "../../../lib/nn/selection/grow_transformer.ts";
import { startEncoder, startMisfit } from "../../../lib/nn/selection/start_encoder.ts";
import { flatten, layoutOf, namedTensors, unflatten } from "../../../lib/tensors/parameters.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { assertClose } from "../../golden_values_fixture.ts";
import { goldenImages } from "../../teachers/golden_images_fixture.ts";

await startEngine();

const small: VisionTransformerConfig = {
  ...{ imageSize: 16, patchSize: 4, width: 16, depth: 2, heads: 2, mlpRatio: 2 },
  dropPath: 0,
};
const images = goldenImages(3, 16);

/** Weights far from their initial ones: biases, norms and scales that are neither 0 nor 1. */
function trained(config: VisionTransformerConfig) {
  const tree = initVisionTransformer(config, randomStream(3)), layout = layoutOf(tree);
  const flat = flatten(tree, layout), random = randomStream(4);
  const noise = tf.tensor1d(Array.from(random.normal(flat.size)));
  return unflatten(tf.add<tf.Tensor1D>(flat, tf.mul(noise, 0.2)), layout);
}

const growths: { readonly [name: string]: Partial<VisionTransformerConfig> } = {
  deeper: { depth: 5 },
  "twice as wide": { width: 32, heads: 4 },
  "three times as wide, deeper, wider MLPs": { width: 48, heads: 6, depth: 3, mlpRatio: 3 },
  "wider MLPs": { mlpRatio: 4 },
};
const kinds: { readonly [name: string]: Partial<VisionTransformerConfig> } = {
  plain: {},
  "registers and LayerScale": { registers: 2, layerScale: 0.5 },
  "convolutions in front": { stem: "convolution", initialization: "scaled" },
};

for (const [kind, own] of Object.entries(kinds)) {
  for (const [name, more] of Object.entries(growths)) {
    Deno.test(`${kind}: grown ${name}, the outputs are the same`, async () => {
      const source = { ...small, ...own }, target = { ...source, ...more };
      assertEquals(startMisfit(source, target), undefined);
      const parameters = trained(source);
      const grown = startEncoder(parameters, source, target, { random: randomStream(5) });
      assert("blocks" in grown);
      const shapes = (tree: Parameters<typeof namedTensors>[0]) =>
        namedTensors(tree).map(([name, { shape }]) => `${name} ${shape}`).sort();
      assertEquals(shapes(grown), shapes(initVisionTransformer(target, randomStream(0))));
      const [before, after] = [encode(parameters, images, source), encode(grown, images, target)];
      const times = target.width / source.width;
      for (const part of ["cls", "patch"] as const) {
        const old = await before[part].data();
        const expected = Float32Array.from(
          { length: old.length * times },
          (_, i) => old[Math.floor(i / times)]!,
        );
        assertClose(after[part], expected, 2e-5, part);
      }
    });
  }
}

Deno.test("a larger grid has interpolated positions, as a selection has", async () => {
  const target = { ...small, imageSize: 32, depth: 3 };
  const parameters = trained(small), random = randomStream(5);
  const grown = startEncoder(parameters, small, target, { random });
  const same = startEncoder(parameters, small, { ...small, imageSize: 32 }, { random });
  assert("blocks" in grown && "blocks" in same);
  assertEquals(await grown.position.data(), await same.position.data());
});

Deno.test("new parts learn: gradients reach them, and copies of a unit get gradients of their own", async () => {
  const target = { ...small, width: 32, heads: 4, depth: 3 };
  const grown = growTransformer(trained(small), small, target, randomStream(5));
  const layout = layoutOf(grown);
  const weights = tf.tensor2d(Array.from(randomStream(6).normal(32 * 5)), [32, 5]);
  const gradient = tf.grad((flat: tf.Tensor) => {
    const tree = unflatten(flat as tf.Tensor1D, layout);
    return tf.sum(tf.square(tf.matMul(encode(tree, images, target).cls, weights)));
  })(flatten(grown, layout));
  const { blocks, norm } = unflatten(gradient as tf.Tensor1D, layout);
  const size = async (tensor: tf.Tensor) => (await tf.max(tf.abs(tensor)).data())[0]!;
  // The layers behind new units, heads and blocks: those are zero, and must not stay so.
  const unread = [
    tf.slice(blocks[0]!.mlp.output.weight, [32, 0]),
    tf.slice(blocks[0]!.attention.output.weight, [16, 0]),
    blocks[2]!.mlp.output.weight,
    blocks[2]!.attention.output.weight,
  ];
  for (const [i, tensor] of unread.entries()) assert(await size(tensor) > 1e-6, `layer ${i}`);
  const copies = await norm.weight.data();
  assert(Math.abs(copies[0]! - copies[1]!) > 1e-6, "two copies of a channel go their own ways");
});

Deno.test("what cannot grow says why", () => {
  const cases: [Partial<VisionTransformerConfig>, string][] = [
    [{ width: 24, heads: 3 }, "width 16, the student 24, which is no multiple"],
    [{ width: 32 }, "heads of width 8, the student of 16"],
    [{ width: 32, heads: 4, depth: 1 }, "depth 2, the student 1, which is less"],
    [{ depth: 3, mlpRatio: 1 }, "hidden width 32, the student 16, which is less"],
    [{ depth: 3, patchSize: 8 }, "patches of 4, the student patches of 8"],
  ];
  for (const [more, expected] of cases) {
    assertStringIncludes(growthMisfit(small, { ...small, ...more }) ?? "", expected);
    assertStringIncludes(startMisfit(small, { ...small, ...more }) ?? "", expected);
  }
  assertStringIncludes(
    startMisfit({ kind: "resnet_cifar", blocks: 3, imageSize: 32 }, {
      ...{ kind: "resnet_cifar", blocks: 4, imageSize: 32 },
    }) ?? "",
    "the student's 4",
  );
});
