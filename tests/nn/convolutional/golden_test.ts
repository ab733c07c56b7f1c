/** Against PyTorch in double precision: every stage's output, and every parameter's gradient. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  encoderOutputs,
  type EncoderParameters,
  encoderShapes,
  initEncoder,
} from "../../../lib/nn/encoder.ts";
import { type EncoderConfig, encoderStages } from "../../../lib/nn/encoder.ts";
import {
  flatten,
  fromNamedTensors,
  layoutOf,
  namedTensors,
} from "../../../lib/tensors/parameters.ts";
import { valueAndGradient } from "../../../lib/tensors/gradient.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { layoutOfShapes } from "../../../lib/tensors/shapes.ts";
import { fill, fillValues, golden } from "../../golden_values_fixture.ts";
import { startEngine } from "../../../lib/engine/backend.ts";

await startEngine();

interface GoldenNetwork {
  readonly stages: readonly { readonly shape: number[]; readonly probe: string }[];
  readonly gradients: { readonly [name: string]: string };
}

const mobileNet = {
  kind: "mobilenet_v2",
  imageSize: 40,
  widthMultiplier: 0.35,
  depthMultiplier: 0.5,
} as const;
const narrow = { widthMultiplier: 0.125, imageSize: 40 };
const networks: { readonly [name: string]: EncoderConfig } = {
  "mobilenet_v2": mobileNet,
  "mobilenet_v2 of 16 pixels a place, scaled": {
    ...mobileNet,
    outputStride: 16 as const,
    head: false,
    scaled: true,
  },
  "efficientnet_lite": {
    kind: "efficientnet_lite",
    imageSize: 38,
    widthMultiplier: 0.25,
    depthMultiplier: 0.5,
  },
  "resnet_cifar": { kind: "resnet_cifar", imageSize: 17, blocks: 2, widthMultiplier: 0.5 },
  "resnet 18": { kind: "resnet", layers: 18, ...narrow },
  "resnet 50, scaled": { kind: "resnet", layers: 50, ...narrow, scaled: true },
};

/** The numbers of `Network.parameter` in tests/golden/nn/convolutional.py. */
function filledParameters(config: EncoderConfig): EncoderParameters {
  const { entries } = layoutOfShapes<EncoderParameters>(encoderShapes(config));
  return fromNamedTensors(entries.map(({ name, shape, size }) => {
    const seed = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
    const [height = 0, width = 0, inputs = 0] = shape;
    const fanIn = height * width * (name.includes("depthwise") ? 1 : inputs);
    const [scale, offset] = name.endsWith("weight")
      ? [Math.sqrt(4 / fanIn), 0]
      : name.endsWith("scale")
      ? [0.2, 1]
      : [0.1, 0];
    return [name, tf.tensor(fillValues(size, seed, scale, offset), [...shape])] as const;
  })) as EncoderParameters;
}

/** Product with a filled direction, and norm; each within `tolerance` times the most it can be. */
function assertProbe(tensor: tf.Tensor, seed: number, expected: string, tolerance: number) {
  const direction = fill(tensor.shape, seed);
  const [along = NaN, norm = NaN] = expected.split(" ").map(Number);
  const [product = NaN, length = NaN] = [tf.sum(tf.mul(tensor, direction)), tf.norm(tensor)]
    .map((one) => one.dataSync()[0]);
  assertAlmostEquals(length, norm, tolerance * norm);
  assertAlmostEquals(product, along, tolerance * norm * tf.norm(direction).dataSync()[0]!);
}

for (const [name, config] of Object.entries(networks)) {
  Deno.test(`${name} equals PyTorch: every stage within 2e-6, every gradient within 5e-5`, () => {
    const expected = golden<{ [name: string]: GoldenNetwork }>("nn/convolutional")[name]!;
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const tree = filledParameters(config), layout = layoutOf(tree);
      const images = fill<tf.Rank.R4>([2, config.imageSize, config.imageSize, 3], 82);
      const { others, gradient } = valueAndGradient(
        (parameters) => {
          const outputs = encoderOutputs(parameters, images, config) as tf.Tensor3D[];
          const parts = outputs.map((output, i) =>
            tf.sum(tf.mul(output, fill(output.shape, 300 + i)))
          );
          const stages = Object.fromEntries(outputs.entries());
          return { value: tf.addN(parts).asScalar(), others: stages };
        },
        flatten(tree, layout),
        layout,
      );
      const shapes = encoderStages(config).map((
        { width, grid: [rows, columns] },
      ) => [2, 1 + rows * columns, width]);
      assertEquals(shapes, expected.stages.map(({ shape }) => shape));
      expected.stages.forEach(({ shape, probe }, i) => {
        assertEquals(others[i]!.shape, shape);
        assertProbe(others[i]!, 300 + i, probe, 2e-6);
      });
      assertEquals(
        layout.entries.map((entry) => entry.name).sort(),
        Object.keys(expected.gradients),
      );
      for (const { name, offset, size, shape } of layout.entries) {
        const own = tf.reshape(tf.slice1d(gradient, offset, size), [...shape]);
        assertProbe(own, 500, expected.gradients[name]!, 5e-5);
      }
    });
    assertEquals(tf.memory().numTensors, before);
  });

  Deno.test(`${name}: what is drawn has the shapes that are announced`, () =>
    tf.tidy(() => {
      const drawn = namedTensors(initEncoder(config, randomStream(1)));
      const layout = layoutOfShapes<EncoderParameters>(encoderShapes(config));
      assertEquals(layout, layoutOf(initEncoder(config, randomStream(0))));
      for (const [name, tensor] of drawn) {
        assert(tensor.dataSync().every(Number.isFinite), name);
      }
    }));
}
