import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  encode,
  initVisionTransformer,
  visionTransformer,
  type VisionTransformerConfig,
} from "../../lib/nn/vision_transformer.ts";
import { countVisionTransformer } from "../../lib/nn/parameter_shapes.ts";
import { countParameters, namedTensors } from "../../lib/tensors/parameters.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import {
  assertCase,
  assertClose,
  fill,
  filled,
  golden,
  type GoldenCase,
} from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

const tiny: VisionTransformerConfig = {
  imageSize: 8,
  patchSize: 4,
  width: 6,
  depth: 2,
  heads: 2,
};

Deno.test("every block's raw output equals PyTorch's, at a larger, oblong size (items 27, 30)", () => {
  const expected = golden<{ vision_transformer: string[] }>("nn/nn").vision_transformer;
  const parameters = filled(initVisionTransformer(tiny, randomStream(0)));
  const outputs = visionTransformer(parameters, fill<tf.Rank.R4>([1, 12, 16, 3], 92), tiny);
  assertEquals(outputs.length, expected.length);
  outputs.forEach((output, i) => assertClose(output, expected[i]!, 5e-6, `block ${i}`));
});

Deno.test("encode applies the final norm, and dropping nothing changes nothing (item 29)", () => {
  const { encode: expected } = golden<{ encode: string }>("nn/nn");
  const parameters = filled(initVisionTransformer(tiny, randomStream(0)));
  const images = fill<tf.Rank.R4>([2, 8, 8, 3], 94);
  const { cls, patch } = encode(parameters, images, tiny);
  assertClose(tf.concat([tf.expandDims(cls, 1), patch], 1), expected, 5e-6);
  const dropped = visionTransformer(parameters, images, tiny, { dropPath: tf.ones([2, 2, 2]) });
  const plain = visionTransformer(parameters, images, tiny);
  assertEquals(dropped[1]!.dataSync(), plain[1]!.dataSync());
});

Deno.test("registers and LayerScale equal PyTorch's, with their gradients, at 8 x 12 px (item 30)", () => {
  const config = { ...tiny, registers: 2, layerScale: 0.1 };
  const { registers } = golden<{ registers: GoldenCase }>("nn/transformer_options");
  const start = initVisionTransformer(config, randomStream(0));
  assertCase(registers, start, [2, 8, 12, 3], (parameters, images) => {
    const { cls, patch } = encode(parameters, images as tf.Tensor4D, config);
    return tf.concat([tf.expandDims(cls, 1), patch], 1);
  });
});

Deno.test("registers are in no block's output, and LayerScale begins with the configured value", () => {
  const config = { ...tiny, registers: 3, layerScale: 1e-4 };
  const parameters = initVisionTransformer(config, randomStream(1));
  for (const output of visionTransformer(parameters, fill<tf.Rank.R4>([2, 8, 8, 3], 9), config)) {
    assertEquals(output.shape, [2, 1 + 4, 6]);
  }
  assertEquals(parameters.registers?.shape, [3, 6]);
  assert(parameters.blocks[1]!.scale2!.dataSync().every((value) => Math.abs(value - 1e-4) < 1e-10));
  const plain = namedTensors(initVisionTransformer(tiny, randomStream(1))).map(([name]) => name);
  assert(!plain.some((name) => /scale|registers/.test(name)));
});

Deno.test("initial values are the reference's (1.1)", () => {
  const config = { ...tiny, width: 64, heads: 4 };
  const named = new Map(namedTensors(initVisionTransformer(config, randomStream(5))));
  const std = (name: string) => tf.moments(named.get(name)!).variance.sqrt().dataSync()[0]!;
  assertAlmostEquals(std("blocks.1.attention.qkv.weight"), 0.02, 0.001);
  assertAlmostEquals(std("position"), 0.02, 0.003);
  assertAlmostEquals(std("cls"), 1e-6, 0.3e-6);
  for (const [name, tensor] of named) {
    const constant = name.endsWith("bias") ? 0 : name.includes("norm") ? 1 : undefined;
    if (constant === undefined) continue;
    assert(tensor.dataSync().every((value) => value === constant), name);
  }
  const stds = [...named.keys()].filter((name) =>
    name.endsWith("weight") && !name.includes("norm")
  );
  assertEquals(stds.length, 1 + 2 * 4);
});

Deno.test("parameters are counted by shape: ViT-B/16 and ViT-S/16 (item 24)", () => {
  const base = { imageSize: 224, patchSize: 16, width: 768, depth: 12, heads: 12 };
  // The reference's 85,799,424 and 21,666,048 hold a mask token, which this package has no use for.
  assertEquals(countVisionTransformer(base) + 768, 85_799_424);
  assertEquals(countVisionTransformer({ ...base, width: 384, heads: 6 }) + 384, 21_666_048);
  for (const stem of ["patch", "convolution"] as const) {
    for (const options of [{}, { registers: 4, layerScale: 1e-4 }]) {
      const config = { ...tiny, stem, mlpRatio: 3, ...options };
      const real = countParameters(initVisionTransformer(config, randomStream(0)));
      assertEquals(countVisionTransformer(config), real);
    }
  }
});

Deno.test("shapes that do not divide are refused", () => {
  const random = randomStream(0);
  const refused = (change: Partial<VisionTransformerConfig>, message: string) =>
    assertThrows(() => initVisionTransformer({ ...tiny, ...change }, random), UserError, message);
  refused({ imageSize: 10 }, "10 pixels are not whole patches of 4");
  refused({ heads: 4 }, "width 6 does not divide into 4 heads");
  refused({ depth: 0 }, "depth is 0");
  refused({ registers: 1.5 }, "registers are 1.5");
  const parameters = initVisionTransformer(tiny, random);
  const images = tf.zeros<tf.Rank.R4>([1, 8, 10, 3]);
  assertThrows(() => visionTransformer(parameters, images, tiny), UserError, "8 x 10 pixels");
  // A stem of convolutions would take them, and give a grid of another shape.
  const convolved = { ...tiny, stem: "convolution" } as const;
  const other = initVisionTransformer(convolved, random);
  for (const [height, width] of [[8, 10], [10, 8]] as const) {
    assertThrows(
      () => visionTransformer(other, tf.zeros<tf.Rank.R4>([1, height, width, 3]), convolved),
      UserError,
      `Cannot cut images of ${height} x ${width} pixels into patches of 4`,
    );
  }
});

Deno.test("a scaled start has 0.8 of the deviation that keeps the variance, a fixed one 0.02", () => {
  const config = { imageSize: 8, patchSize: 4, width: 64, depth: 1, heads: 2 };
  const deviations = (initialization: "fixed" | "scaled") => {
    const { blocks } = initVisionTransformer({ ...config, initialization }, randomStream(3));
    const { attention, mlp } = blocks[0]!;
    return [attention.qkv, mlp.output].map(({ weight }) =>
      Math.sqrt(tf.moments(weight).variance.dataSync()[0]!)
    );
  };
  const [qkv, output] = deviations("scaled");
  assertAlmostEquals(qkv!, 0.8 / 8, 0.002, "64 inputs");
  assertAlmostEquals(output!, 0.8 / 16, 0.001, "256 inputs");
  for (const deviation of deviations("fixed")) assertAlmostEquals(deviation, 0.02, 0.0004);
});
