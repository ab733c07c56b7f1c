/** One interface for transformers and convolutional networks: stages, prefixes, and gradients by differences. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { encodeImages, encoderOutputs, encoderPrefix, initEncoder } from "../../lib/nn/encoder.ts";
import { type EncoderConfig, encoderStages, isTransformer } from "../../lib/nn/encoder.ts";
import { fromNamedTensors, namedTensors } from "../../lib/tensors/parameters.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { fill } from "../golden_values_fixture.ts";
import { startEngine } from "../../lib/engine/backend.ts";

await startEngine();

const transformer = { imageSize: 16, patchSize: 4, width: 8, depth: 3, heads: 2, registers: 2 };
const small: { readonly [name: string]: EncoderConfig } = {
  "a transformer with registers": transformer,
  "mobilenet_v2": {
    ...{ kind: "mobilenet_v2", imageSize: 32, widthMultiplier: 0.25 },
    depthMultiplier: 0.25,
  },
  "efficientnet_lite": {
    ...{ kind: "efficientnet_lite", imageSize: 32, widthMultiplier: 0.25 },
    depthMultiplier: 0.25,
  },
  "resnet_cifar": { kind: "resnet_cifar", imageSize: 16, blocks: 1, widthMultiplier: 0.5 },
  "resnet": { kind: "resnet", imageSize: 64, layers: 18, widthMultiplier: 0.125 },
};

/** Bits of every number: what was computed from the same numbers is the same. */
function assertSame(found: tf.Tensor | undefined, expected: tf.Tensor | undefined, what: string) {
  assert(found && expected, what);
  assertEquals(found.shape, expected.shape, what);
  assertEquals(found.dataSync(), expected.dataSync(), what);
}

for (const [name, config] of Object.entries(small)) {
  Deno.test(`${name}: the first stages and then the rest are the whole`, () =>
    tf.tidy(() => {
      const parameters = initEncoder(config, randomStream(2));
      const images = fill<tf.Rank.R4>([2, config.imageSize, config.imageSize, 3], 3);
      const whole = encoderOutputs(parameters, images, config), count = whole.length;
      const shapes = encoderStages(config).map((
        { width, grid: [rows, columns] },
      ) => [2, 1 + rows * columns, width]);
      assertEquals(whole.map((output) => output?.shape as number[]), shapes);
      assertSame(encoderPrefix(parameters, images, config, 0), images, "no stage");
      for (const from of [1, Math.floor(count / 2), count - 1]) {
        const prefix = encoderPrefix(parameters, images, config, from);
        const outputs = encoderOutputs(parameters, prefix, config, { from });
        whole.forEach((output, stage) => {
          if (stage < from - 1) assertEquals(outputs[stage], undefined);
          else assertSame(outputs[stage], output, `stage ${stage} from ${from}`);
        });
        const wanted = encoderOutputs(parameters, prefix, config, { from, stages: [count - 1] });
        assertEquals(wanted.map((one) => one === undefined), [
          ...Array<boolean>(count - 1).fill(true),
          false,
        ]);
      }
    }));

  // Those of a transformer are compared with PyTorch's beside its parts.
  if (isTransformer(config)) continue;
  Deno.test(`${name}: gradients are those of finite differences, within 2 %`, () =>
    tf.tidy(() => {
      const parameters = initEncoder(config, randomStream(4)), named = namedTensors(parameters);
      const images = fill<tf.Rank.R4>([1, config.imageSize, config.imageSize, 3], 5);
      const loss = (tensors: tf.Tensor[]) => {
        const entries = named.map(([name], i) => [name, tensors[i]!] as const);
        const tree = fromNamedTensors(entries) as typeof parameters;
        const outputs = encoderOutputs(tree, images, config) as tf.Tensor3D[];
        return tf.addN(outputs.map((output, i) => tf.sum(tf.mul(output, fill(output.shape, i)))))
          .asScalar();
      };
      // Residual branches end at zero, where a step says nothing of what lies before: begin elsewhere.
      const start = named.map(([, { shape, size }], i) =>
        tf.add(named[i]![1], tf.mul(fill(shape, 20 + i), 0.2 / Math.sqrt(size)))
      );
      const directions = named.map(([, { shape, size }], i) =>
        tf.mul(fill(shape, 40 + i), 1 / Math.sqrt(size))
      );
      const along = tf.grads((...tensors) => loss(tensors))(start).map((gradient, i) =>
        tf.sum(tf.mul(gradient, directions[i]!)).dataSync()[0]!
      );
      const step = 1e-3;
      const at = (sign: number) =>
        loss(start.map((tensor, i) => tf.add(tensor, tf.mul(directions[i]!, sign * step))))
          .dataSync()[0]!;
      const difference = (at(1) - at(-1)) / (2 * step);
      const expected = along.reduce((sum, one) => sum + one, 0);
      const scale = Math.hypot(...along);
      assert(scale > 0);
      assertAlmostEquals(difference, expected, 0.02 * scale);
    }));
}

Deno.test("a factor of each channel begins at 1, where it changes nothing", () =>
  tf.tidy(() => {
    for (const [name, config] of Object.entries(small)) {
      if (isTransformer(config)) continue;
      const scaled = { ...config, scaled: true };
      const folded = initEncoder(config, randomStream(6));
      const apart = initEncoder(scaled, randomStream(6));
      const images = fill<tf.Rank.R4>([1, config.imageSize, config.imageSize, 3], 7);
      const expected = encodeImages(folded, images, config);
      const found = encodeImages(apart, images, scaled);
      assertSame(found.cls, expected.cls, name);
      assertSame(found.patch, expected.patch, name);
      const [own, all] = [folded, apart].map((tree) => new Map(namedTensors(tree)));
      const added = [...all!.keys()].filter((key) => !own!.has(key));
      assertEquals(added.length, [...own!.keys()].filter((key) => key.endsWith("bias")).length);
      assert(added.every((key) => key.endsWith("scale")));
    }
  }));

Deno.test("grids of the stages", () => {
  const sides = (config: EncoderConfig) => encoderStages(config).map(({ grid }) => grid.join("x"));
  const count = (all: string[]) =>
    [...new Set(all)].map((one) => [one, all.filter((x) => x === one).length]);
  assertEquals(count(sides({ kind: "mobilenet_v2", imageSize: 96 })), [
    ["48x48", 2],
    ["24x24", 2],
    ["12x12", 3],
    ["6x6", 7],
    ["3x3", 5],
  ]);
  assertEquals(sides({ kind: "mobilenet_v2", imageSize: 96, outputStride: 16 }).at(-1), "6x6");
  assertEquals(sides({ kind: "mobilenet_v2", imageSize: 33 }).at(-1), "2x2");
  assertEquals(count(sides({ kind: "resnet", layers: 50, imageSize: 224 })), [
    ["56x56", 4],
    ["28x28", 4],
    ["14x14", 6],
    ["7x7", 3],
  ]);
  assertEquals(count(sides(transformer)), [["4x4", 3]]);
});
