import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import {
  type ConvolutionalConfig,
  convolutionalStages,
} from "../../../lib/nn/convolutional/convolutional_config.ts";
import { type StagesParameters } from "../../../lib/nn/convolutional/network.ts";
import { convolutionLayer } from "../../../lib/nn/convolutional/convolution_layer.ts";
import { layersOf, runStage, type Stage } from "../../../lib/nn/convolutional/stage.ts";
import { initEncoder } from "../../../lib/nn/encoder.ts";
import { selectChannels } from "../../../lib/nn/selection/channel_selection.ts";
import { isNarrower, matchStages } from "../../../lib/nn/selection/match_stages.ts";
import { selectEncoder } from "../../../lib/nn/selection/select_encoder.ts";
import { fromNamedTensors, namedTensors } from "../../../lib/tensors/parameters.ts";
import { randomStream } from "../../../lib/tensors/random.ts";

await startEngine();

type Config = ConvolutionalConfig;

const pairs: { readonly [name: string]: readonly [Config, Config] } = {
  "inverted residuals, half the channels": [
    { kind: "mobilenet_v2", imageSize: 64, widthMultiplier: 0.5 },
    { kind: "mobilenet_v2", imageSize: 64, widthMultiplier: 0.25 },
  ],
  "inverted residuals with factors, fewer blocks and channels": [
    { kind: "efficientnet_lite", imageSize: 64, widthMultiplier: 0.5, scaled: true },
    {
      kind: "efficientnet_lite",
      imageSize: 64,
      widthMultiplier: 0.25,
      depthMultiplier: 0.5,
      scaled: true,
    },
  ],
  "basic blocks with padded shortcuts": [
    { kind: "resnet_cifar", imageSize: 16, blocks: 2 },
    { kind: "resnet_cifar", imageSize: 16, blocks: 1, widthMultiplier: 0.5 },
  ],
  "bottlenecks with projected shortcuts": [
    { kind: "resnet", imageSize: 64, layers: 50, widthMultiplier: 0.25 },
    { kind: "resnet", imageSize: 64, layers: 50, widthMultiplier: 0.125 },
  ],
};

/** A network in which nothing is zero: biases and the ends of branches, too. */
function networkOf(config: Config, seed = 0) {
  const random = randomStream(seed);
  const named = namedTensors(initEncoder(config, random)).map(([name, tensor]) => {
    const { shape } = tensor, count = tensor.size;
    const spread = shape.length === 4 ? Math.sqrt(2 / (count / shape[3]!)) : 0.3;
    const middle = name.endsWith(".scale") ? 1 : 0;
    tensor.dispose();
    const values = random.normal(count).map((value) => middle + spread * value);
    return [name, tf.tensor(values, shape)] as const;
  });
  return { config, parameters: fromNamedTensors(named) as StagesParameters };
}

function selectionOf({ config, parameters }: ReturnType<typeof networkOf>, target: Config) {
  return {
    config: target,
    parameters: selectEncoder(parameters, config, target) as StagesParameters,
  };
}

const imagesOf = (size: number, seed: number) =>
  tf.tensor4d(randomStream(seed).normal(16 * size * size * 3), [16, size, size, 3]);

/** What the convolutions of each stage give before their activations, `[values, channels]`, by their names. */
function responses({ stages }: StagesParameters, images: tf.Tensor4D, shapes: readonly Stage[]) {
  let map = images;
  return shapes.map((stage, i) => {
    const own = stages[i]!, outputs = new Map<string, number[][]>();
    let inner = map;
    for (const { name, layer } of layersOf(stage)) {
      const input = name === "shortcut" ? map : inner;
      const y = convolutionLayer(own[name]!, input, { ...layer, activation: "linear" });
      outputs.set(name, tf.reshape(y, [-1, y.shape[3]]).arraySync() as number[][]);
      if (name !== "shortcut") inner = convolutionLayer(own[name]!, input, layer);
    }
    map = runStage(own, map, stage);
    return outputs;
  });
}

function momentsOf(rows: readonly number[][], channel: number) {
  const values = rows.map((row) => row[channel]!);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

for (const [name, [from, to]] of Object.entries(pairs)) {
  Deno.test(`each channel of a narrower network is matched to its own in the source: ${name}`, () => {
    const source = networkOf(from), selected = selectionOf(source, to);
    const images = imagesOf(from.imageSize, 1);
    const before = tf.memory().numTensors;
    const matched = matchStages(source, selected, images);
    assertEquals(tf.memory().numTensors - before, namedTensors(matched).length);
    tf.tidy(() => {
      const ofSource = responses(source.parameters, images, convolutionalStages(from));
      const ofMatched = responses(matched, images, convolutionalStages(to));
      let seen = 0, changed = 0;
      for (const [i, { index, layers }] of selectChannels(from, to).entries()) {
        for (const { name, outputs } of layers) {
          outputs.forEach((channel, place) => {
            const wanted = momentsOf(ofSource[index]!.get(name)!, channel);
            const found = momentsOf(ofMatched[i]!.get(name)!, place);
            // A channel that hardly varies in the selection is not blown up without bound.
            if (found.deviation < 0.99 * wanted.deviation) return;
            const tolerance = 2e-3 * (wanted.deviation + Math.abs(wanted.mean) + 0.01);
            assertAlmostEquals(found.mean, wanted.mean, tolerance, `mean, ${i}.${name}.${place}`);
            assertAlmostEquals(
              found.deviation,
              wanted.deviation,
              tolerance,
              `${i}.${name}.${place}`,
            );
            seen++;
          });
          const [own, other] = [matched, selected.parameters].map(({ stages }) =>
            stages[i]![name]!
          );
          const moved = tf.max(tf.abs(tf.sub(own!.bias, other!.bias))).dataSync()[0]!;
          if (moved > 1e-3) changed++;
        }
      }
      const layers = selectChannels(from, to).flatMap(({ layers }) => layers);
      const channels = layers.reduce((sum, { outputs }) => sum + outputs.length, 0);
      assert(seen > 0.95 * channels, `${seen} of ${channels} channels`);
      assert(changed > 0.8 * layers.length, `${changed} of ${layers.length} layers`);
    });
  });
}

Deno.test("factors of channels take up what matching changes, weights stay", () => {
  const [from, to] = pairs["inverted residuals with factors, fewer blocks and channels"]!;
  const source = networkOf(from), selected = selectionOf(source, to);
  const matched = matchStages(source, selected, imagesOf(from.imageSize, 1));
  const others = new Map(namedTensors(selected.parameters));
  const changed = namedTensors(matched).flatMap(([name, tensor]) =>
    tf.max(tf.abs(tf.sub(tensor, others.get(name)!))).dataSync()[0]! > 1e-6 ? [name] : []
  );
  assertEquals(changed.filter((name) => name.endsWith(".weight")), []);
  const layers = others.size / 3;
  for (const key of [".scale", ".bias"]) {
    const count = changed.filter((name) => name.endsWith(key)).length;
    // The stem sees what the source's sees, and a channel that is stuck in both is as it was.
    assert(count > 0.7 * layers, `${count} of ${layers} ${key}`);
  }
});

Deno.test("a network is matched to itself as it is", () => {
  const source = networkOf(pairs["basic blocks with padded shortcuts"]![0]);
  const matched = matchStages(source, source, imagesOf(16, 1));
  const own = new Map(namedTensors(source.parameters));
  for (const [name, tensor] of namedTensors(matched)) {
    const difference = tf.max(tf.abs(tf.sub(tensor, own.get(name)!))).dataSync()[0]!;
    assert(difference < 1e-4, `${name} differs by ${difference}`);
  }
});

Deno.test("channels that never vary become constants, and are not blown up", () => {
  const config = { kind: "resnet_cifar", imageSize: 16, blocks: 1 } as const;
  const source = networkOf(config);
  const still = (channel: number) => ({ stages }: StagesParameters): StagesParameters => {
    const { weight, bias } = stages[0]!.convolution!;
    const kept = tf.tensor1d(Array.from({ length: bias.size }, (_, i) => i === channel ? 0 : 1));
    const convolution = { weight: tf.mul<tf.Tensor4D>(weight, kept), bias };
    return { stages: { ...stages, 0: { convolution } } };
  };
  const [ofSource, ofTarget] = [still(3)(source.parameters), still(5)(source.parameters)];
  const matched = matchStages(
    { config, parameters: ofSource },
    { config, parameters: ofTarget },
    imagesOf(16, 1),
  );
  const { weight, bias } = matched.stages[0]!.convolution!;
  const largest = tf.max(tf.abs(tf.reshape(weight, [-1, 16])), 0).dataSync();
  assert(largest[3]! < 1e-5 && largest[5]! < 1e-5, `${largest}`);
  assert(largest.every(Number.isFinite) && bias.dataSync().every(Number.isFinite));
  const wanted = ofSource.stages[0]!.convolution!.bias.dataSync()[3]!;
  assertAlmostEquals(bias.dataSync()[3]!, wanted, 1e-5);
});

Deno.test("a channel that hardly varies grows tenfold at the most", () => {
  const config = { kind: "resnet_cifar", imageSize: 16, blocks: 1 } as const;
  const { parameters } = networkOf(config), { weight, bias } = parameters.stages[0]!.convolution!;
  const faint = { weight: tf.mul<tf.Tensor4D>(weight, 1e-4), bias };
  const matched = matchStages(
    { config, parameters },
    { config, parameters: { stages: { ...parameters.stages, 0: { convolution: faint } } } },
    imagesOf(16, 1),
  );
  const ratio = tf.div(matched.stages[0]!.convolution!.weight, faint.weight).dataSync();
  assert(ratio.every((value) => Math.abs(value - 10) < 0.01), `${ratio}`);
});

Deno.test("narrower is what has fewer channels, not fewer blocks", () => {
  const config = { kind: "mobilenet_v2", imageSize: 32 } as const;
  assert(isNarrower(config, { ...config, widthMultiplier: 0.75 }));
  assert(!isNarrower(config, config));
  assert(!isNarrower(config, { ...config, depthMultiplier: 0.5 }));
});
