import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import {
  type ConvolutionalConfig,
  convolutionalStages,
} from "../../../lib/nn/convolutional/convolutional_config.ts";
import { stageMaps, type StagesParameters } from "../../../lib/nn/convolutional/network.ts";
import {
  type ConvolutionLayer,
  convolutionLayer,
} from "../../../lib/nn/convolutional/convolution_layer.ts";
import { layersOf, runStage, type Stage } from "../../../lib/nn/convolutional/stage.ts";
import { initEncoder } from "../../../lib/nn/encoder.ts";
import { selectChannels } from "../../../lib/nn/selection/channel_selection.ts";
import { isNarrower, matchStages } from "../../../lib/nn/pruning/match_stages.ts";
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

/** What the outputs of a convolution follow from, and what they are before the activation, `[rows, numbers]` each. */
interface Response {
  readonly inputs: number[][];
  readonly outputs: number[][];
}

/** Of each stage of a network the responses of its convolutions, by their names. */
function responses(
  { stages }: StagesParameters,
  images: tf.Tensor4D,
  shapes: readonly Stage[],
): Map<string, Response>[] {
  const rowsOf = (map: tf.Tensor4D) =>
    tf.reshape(map, [-1, map.shape[3]]).arraySync() as number[][];
  let map = images;
  return shapes.map((stage, i) => {
    const own = stages[i]!, found = new Map<string, Response>();
    let inner = map;
    for (const { name, layer } of layersOf(stage)) {
      const input = name === "shortcut" ? map : inner;
      const y = convolutionLayer(own[name]!, input, { ...layer, activation: "linear" });
      found.set(name, { inputs: patches(input, layer), outputs: rowsOf(y) });
      if (name !== "shortcut") inner = convolutionLayer(own[name]!, input, layer);
    }
    map = runStage(own, map, stage);
    return found;
  });
}

/** The numbers below a filter at each of its places, row by row, zeros around the map; none where it sees one channel. */
function patches(
  map: tf.Tensor4D,
  { kernel, stride = 1, padding = "same", depthwise = false }: ConvolutionLayer,
): number[][] {
  if (depthwise) return [];
  const values = map.arraySync(), side = map.shape[1], places = Math.ceil(side / stride);
  const around = Math.max((places - 1) * stride + kernel - side, 0);
  const before = padding === "symmetric" ? (kernel - 1) / 2 : Math.floor(around / 2);
  const nothing = Array<number>(map.shape[3]).fill(0);
  const range = (count: number) => Array.from({ length: count }, (_, i) => i);
  return values.flatMap((image) =>
    range(places).flatMap((y) =>
      range(places).map((x) =>
        range(kernel).flatMap((down) =>
          range(kernel).flatMap((right) =>
            image[y * stride + down - before]?.[x * stride + right - before] ?? nothing
          )
        )
      )
    )
  );
}

const column = (rows: readonly number[][], channel: number) => rows.map((row) => row[channel]!);

const meanOf = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function covarianceOf(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  return meanOf(a.map((value, i) => (value - meanA) * (b[i]! - meanB)));
}

const deviationOf = (values: readonly number[]) => Math.sqrt(covarianceOf(values, values));

for (const [name, [from, to]] of Object.entries(pairs)) {
  Deno.test(`each layer of a narrower network gives what its channels gave: ${name}`, async () => {
    const source = networkOf(from), selected = selectionOf(source, to);
    const images = imagesOf(from.imageSize, 1), before = tf.memory().numTensors;
    const halves = [tf.slice(images, 0, 8), tf.slice(images, 8)] as const;
    const matched = await matchStages(source, selected, halves);
    assertEquals(tf.memory().numTensors - before - 2, namedTensors(matched).length);
    let [ofSource, ofMatched]: Map<string, Response>[][] = [];
    tf.tidy(() => {
      ofSource = responses(source.parameters, images, convolutionalStages(from));
      ofMatched = responses(matched, images, convolutionalStages(to));
    });
    let kept = 0, refitted = 0, channels = 0;
    for (const [i, { index, layers }] of selectChannels(from, to).entries()) {
      for (const { name, layer, outputs } of layers) {
        const { inputs, outputs: found } = ofMatched![i]!.get(name)!;
        const wanted = ofSource![index]!.get(name)!.outputs, { weight } = matched.stages[i]![name]!;
        const isRefitted = isFitted(i, layer);
        const weights = weight.dataSync(), width = weight.shape[3];
        const penalty = isRefitted ? penaltyOf(inputs) : NaN;
        outputs.forEach((channel, place) => {
          const [own, other] = [column(found, place), column(wanted, channel)];
          const where = `stage ${i}, ${name}, channel ${place}`, size = deviationOf(other);
          const tolerance = 2e-3 * (size + Math.abs(meanOf(other)) + 0.01);
          assertAlmostEquals(meanOf(own), meanOf(other), tolerance, `mean of ${where}`);
          channels++;
          if (!isRefitted) {
            const deviation = deviationOf(own);
            // A channel that hardly varies in the selection is not blown up without bound.
            if (deviation < 0.99 * size) return;
            assertAlmostEquals(deviation, size, tolerance, `deviation of ${where}`);
            kept++;
          } else if (place % 7 === 0) {
            // Where a ridge regression is least, inputs tell of what is lacking as much as the penalty says.
            const lacking = other.map((value, row) => value - own[row]!);
            for (let input = 0; input < inputs[0]!.length; input += 11) {
              const values = column(inputs, input);
              const slope = covarianceOf(values, lacking);
              const expected = penalty * weights[input * width + place]!;
              const scale = (deviationOf(values) + 0.01) * (size + 0.01);
              assertAlmostEquals(slope, expected, 2e-3 * scale, where);
            }
            refitted++;
          }
        });
      }
    }
    const others = selectChannels(from, to).flatMap(({ layers }, i) =>
      layers.filter(({ layer }) =>
        !isFitted(i, layer)
      ).flatMap(({ outputs }) => outputs)
    ).length;
    assert(kept > 0.9 * others, `${kept} of ${others} channels`);
    assert(refitted > 10, `${refitted} of ${channels} channels fitted`);
  });
}

/** The stem sees what the source's does, and filters of one channel have nothing to make up for. */
function isFitted(stage: number, { kernel, inputs, depthwise = false }: ConvolutionLayer): boolean {
  return stage > 0 && !depthwise && kernel ** 2 * inputs <= 1200;
}

/** 3 % of the mean variance of the inputs. */
function penaltyOf(inputs: readonly number[][]): number {
  return 0.03 * meanOf(inputs[0]!.map((_, i) => deviationOf(column(inputs, i)) ** 2));
}

Deno.test("factors of channels become 1 where a layer is fitted from scratch, else they change and weights stay", async () => {
  const [from, to] = pairs["inverted residuals with factors, fewer blocks and channels"]!;
  const source = networkOf(from), selected = selectionOf(source, to);
  const matched = await matchStages(source, selected, [imagesOf(from.imageSize, 1)]);
  for (const [i, { layers }] of selectChannels(from, to).entries()) {
    for (const { name, layer } of layers) {
      const [own, before] = [matched, selected.parameters].map(({ stages }) => stages[i]![name]!);
      if (isFitted(i, layer)) assertEquals(new Set(own!.scale!.dataSync()), new Set([1]));
      else assertEquals(own!.weight.dataSync(), before!.weight.dataSync());
    }
  }
});

Deno.test("a network of all channels nearly stays what it is", async () => {
  const source = networkOf(pairs["basic blocks with padded shortcuts"]![0]),
    images = imagesOf(16, 1);
  const matched = await matchStages(source, source, [images]);
  const [own, other] = tf.tidy(() =>
    [source.parameters, matched].map((parameters) =>
      stageMaps(parameters, images, convolutionalStages(source.config)).at(-1)!.dataSync()
    )
  );
  const lacking = covarianceOf([...own!], [...own!].map((value, i) => value - other![i]!));
  const share = lacking / covarianceOf([...own!], [...own!]);
  // What the penalty holds back.
  assert(share > 0 && share < 0.2, `${share} is lacking`);
});

Deno.test("channels that never vary become constants, and are not blown up", async () => {
  const config = { kind: "resnet_cifar", imageSize: 16, blocks: 1 } as const;
  const source = networkOf(config);
  const still = (channel: number) => ({ stages }: StagesParameters): StagesParameters => {
    const { weight, bias } = stages[0]!.convolution!;
    const kept = tf.tensor1d(Array.from({ length: bias.size }, (_, i) => i === channel ? 0 : 1));
    const convolution = { weight: tf.mul<tf.Tensor4D>(weight, kept), bias };
    return { stages: { ...stages, 0: { convolution } } };
  };
  const [ofSource, ofTarget] = [still(3)(source.parameters), still(5)(source.parameters)];
  const matched = await matchStages(
    { config, parameters: ofSource },
    { config, parameters: ofTarget },
    [imagesOf(16, 1)],
  );
  const { weight, bias } = matched.stages[0]!.convolution!;
  const largest = tf.max(tf.abs(tf.reshape(weight, [-1, 16])), 0).dataSync();
  assert(largest[3]! < 1e-5 && largest[5]! < 1e-5, `${largest}`);
  assert(largest.every(Number.isFinite) && bias.dataSync().every(Number.isFinite));
  const wanted = ofSource.stages[0]!.convolution!.bias.dataSync()[3]!;
  assertAlmostEquals(bias.dataSync()[3]!, wanted, 1e-5);
});

Deno.test("a channel that hardly varies grows tenfold at the most", async () => {
  const config = { kind: "resnet_cifar", imageSize: 16, blocks: 1 } as const;
  const { parameters } = networkOf(config), { weight, bias } = parameters.stages[0]!.convolution!;
  const faint = { weight: tf.mul<tf.Tensor4D>(weight, 1e-4), bias };
  const matched = await matchStages(
    { config, parameters },
    { config, parameters: { stages: { ...parameters.stages, 0: { convolution: faint } } } },
    [imagesOf(16, 1)],
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
