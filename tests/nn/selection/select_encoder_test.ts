/**
 * Selection from networks made by hand: a wider one whose extra channels are copies of their neighbours, and a
 * deeper one whose extra blocks add nothing, computes what the small one does, and gives it back.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import {
  encoderOutputs,
  type EncoderParameters,
  encoderShapes,
  initEncoder,
} from "../../../lib/nn/encoder.ts";
import type { EncoderConfig } from "../../../lib/nn/encoder.ts";
import { selectEncoder, selectionMisfit } from "../../../lib/nn/selection/select_encoder.ts";
import { spacedIndices } from "../../../lib/nn/selection/spaced_indices.ts";
import { fromNamedTensors, namedTensors } from "../../../lib/tensors/parameters.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { layoutOfShapes } from "../../../lib/tensors/shapes.ts";
import { assertClose } from "../../golden_values_fixture.ts";

await startEngine();

/** For each channel of the larger network, the channel of the smaller one that it copies. */
type Copies = readonly number[];

const copies = (of: number, count: number): Copies =>
  Array.from({ length: count }, (_, i) => Math.floor(i * of / count));
const repeat = (tensor: tf.Tensor, channels: Copies, axis: number) =>
  tf.gather(tensor, tf.tensor1d([...channels], "int32"), axis);

/** Numbers of a formula, in the place of initial ones, so that biases and scales are not all alike. */
function formula(config: EncoderConfig): EncoderParameters {
  const named = namedTensors(initEncoder(config, randomStream(0))).map(
    ([name, { shape, size }], i) => {
      const centre = /norm\d?\.weight$|scale\d?$/.test(name) ? 1 : 0;
      const amplitude = name.endsWith(".weight") && shape.length === 4
        ? 1.5 / Math.sqrt(shape.slice(0, 3).reduce((a, b) => a * b))
        : 0.3;
      const data = Float32Array.from(
        { length: size },
        (_, at) => centre + amplitude * Math.sin(12.9898 * at + 0.7 * i),
      );
      return [name, tf.tensor(data, shape)] as const;
    },
  );
  return fromNamedTensors(named) as EncoderParameters;
}

/** Copies channels along every axis whose length differs; sums over copies are divided by their number. */
function widened(small: EncoderParameters, target: EncoderConfig): EncoderParameters {
  const shapes = layoutOfShapes<EncoderParameters>(encoderShapes(target)).entries;
  const tensors = new Map(namedTensors(small));
  return fromNamedTensors(shapes.map(({ name, shape }) => {
    // Blocks that the small network does not have add nothing.
    const own = tensors.get(name);
    if (own === undefined) return [name, tf.zeros([...shape])];
    let wide: tf.Tensor = own;
    const inputs = shape.length === 4 ? 2 : 0;
    const depthwise = shape.length === 4 && name.includes("depthwise");
    for (const [axis, length] of shape.entries()) {
      if (own.shape[axis] === length) continue;
      wide = repeat(wide, copies(own.shape[axis]!, length), axis);
      const sums = shape.length === 4
        ? axis === inputs && !depthwise
        : shape.length === 2 && axis === 0;
      if (sums) wide = tf.div(wide, length / own.shape[axis]!);
    }
    return [name, wide];
  })) as EncoderParameters;
}

const images = tf.sin(tf.reshape<tf.Rank.R4>(tf.range(0, 2 * 64 * 64 * 3), [2, 64, 64, 3]));

async function assertGivenBack(
  large: EncoderConfig,
  small: EncoderConfig,
  { wide, parameters }: {
    readonly wide: EncoderParameters;
    readonly parameters: EncoderParameters;
  },
) {
  const [last, lastOfSmall] = [[wide, large], [parameters, small]].map(([parameters, config]) =>
    encoderOutputs(parameters as EncoderParameters, images, config as EncoderConfig).at(-1)!
  );
  const channels = last!.shape[2]!, own = lastOfSmall!.shape[2]!;
  const expected = repeat(lastOfSmall!, copies(own, channels), 2);
  assertClose(last!, await expected.data(), 2e-4, "the larger network computes the same");
  assert((await tf.max(tf.abs(expected)).data())[0]! > 0.01, "its outputs are not all 0");
  const selected = namedTensors(selectEncoder(wide, large, small));
  assertEquals(selected.map(([name]) => name), namedTensors(parameters).map(([name]) => name));
  for (const [i, [name, tensor]] of namedTensors(parameters).entries()) {
    assertEquals(selected[i]![1].shape, tensor.shape, name);
    assertClose(selected[i]![1], await tensor.data(), 1e-6, name);
  }
}

const convolutional: Record<string, [large: EncoderConfig, small: EncoderConfig]> = {
  "inverted residuals of half the channels": [
    { kind: "mobilenet_v2", imageSize: 64, depthMultiplier: 0.5, widthMultiplier: 2, scaled: true },
    { kind: "mobilenet_v2", imageSize: 64, depthMultiplier: 0.5, scaled: true },
  ],
  "basic blocks with padded shortcuts, of half the channels and one of two blocks": [
    { kind: "resnet_cifar", imageSize: 64, blocks: 2 },
    { kind: "resnet_cifar", imageSize: 64, blocks: 1, widthMultiplier: 0.5 },
  ],
  "bottlenecks with projected shortcuts": [
    { kind: "resnet", imageSize: 64, layers: 50, widthMultiplier: 0.25 },
    { kind: "resnet", imageSize: 64, layers: 50, widthMultiplier: 0.125 },
  ],
};

for (const [what, [large, small]] of Object.entries(convolutional)) {
  Deno.test(`${what}: given back from copies`, async () => {
    const parameters = formula(small);
    // A deeper network has the small one's blocks at the front of each resolution.
    const moved = (name: string) => {
      if (small.kind !== "resnet_cifar") return name;
      return name.replace(
        /^stages\.(\d+)/,
        (_, stage) => `stages.${stage === "0" ? 0 : 2 * Number(stage) - 1}`,
      );
    };
    const deeper = namedTensors(parameters).map(([name, tensor]) => [moved(name), tensor] as const);
    const wide = widened(fromNamedTensors(deeper) as EncoderParameters, large);
    await assertGivenBack(large, small, { wide, parameters });
  });
}

const transformer = { imageSize: 32, patchSize: 8, width: 16, depth: 1, heads: 2 };

Deno.test("a transformer of half the width, within heads: given back from copies", async () => {
  const parameters = formula(transformer), large = { ...transformer, width: 32 };
  const wide = widened(parameters, large);
  const { blocks: { 0: block }, ...rest } = wide as ReturnType<typeof asTransformer>;
  // Parts of queries, keys and values are copied apart; products of twice the channels are halved by a root.
  const [q, k, v] = tf.split(asTransformer(parameters).blocks[0]!.attention.qkv.weight, 3, 1);
  const side = (part: tf.Tensor, factor: number) =>
    tf.mul(repeat(repeat(part, copies(16, 32), 0), copies(16, 32), 1), factor / 2);
  const root = Math.SQRT1_2;
  const weight = tf.concat([side(q!, root), side(k!, 1), side(v!, 1)], 1);
  const biases = tf.split(asTransformer(parameters).blocks[0]!.attention.qkv.bias, 3);
  const bias = tf.concat(
    biases.map((part, i) => tf.mul(repeat(part, copies(16, 32), 0), i === 0 ? root : 1)),
  );
  const attention = { ...block!.attention, qkv: { weight, bias } };
  const whole = { ...rest, blocks: { 0: { ...block!, attention } } } as EncoderParameters;
  await assertGivenBack(large, transformer, { wide: whole, parameters });
});

Deno.test("a transformer of half the heads and one of two blocks: given back from copies", async () => {
  const parameters = formula(transformer),
    large = { ...transformer, width: 32, heads: 4, depth: 2 };
  const { blocks: { 0: block, 1: idle }, ...rest } = asTransformer(widened(parameters, large));
  const own = asTransformer(parameters).blocks[0]!.attention;
  const heads = (count: number) =>
    copies(2, 4).flatMap((head) => Array.from({ length: count }, (_, i) => head * count + i));
  const parts = <T extends tf.Tensor>(tensor: T, axis: number, factor: number) =>
    tf.mul(
      tf.concat(tf.split(tensor, 3, axis).map((part) => repeat(part, heads(8), axis)), axis),
      factor,
    );
  const attention = {
    qkv: {
      weight: parts(repeat(own.qkv.weight, copies(16, 32), 0), 1, 0.5),
      bias: parts(own.qkv.bias, 0, 1),
    },
    output: {
      weight: tf.div(repeat(repeat(own.output.weight, heads(8), 0), copies(16, 32), 1), 2),
      bias: repeat(own.output.bias, copies(16, 32), 0),
    },
  };
  const whole = { ...rest, blocks: { 0: { ...block!, attention }, 1: idle! } } as EncoderParameters;
  await assertGivenBack(large, transformer, { wide: whole, parameters });
});

Deno.test("a stem of convolutions, registers and LayerScale: given back from copies", async () => {
  const small = {
    ...transformer,
    heads: 1,
    stem: "convolution",
    registers: 2,
    layerScale: 0.1,
  } as const;
  const parameters = formula(small), large = { ...small, width: 32 };
  // Copies within the stem, where rows are channels of nine pixels.
  const { stem, blocks, ...rest } = asTransformer(widened(parameters, large));
  const own = asTransformer(parameters).stem;
  assert("stages" in stem && "stages" in own);
  const stages = Object.entries(own.stages).map(([i, { convolution, norm }]) => {
    const [rows, outputs] = convolution.weight.shape, inputs = rows / 9;
    const doubled = i === "0" ? inputs : 2 * inputs;
    const pixels = Array.from({ length: 9 }, (_, pixel) => pixel)
      .flatMap((pixel) => copies(inputs, doubled).map((channel) => pixel * inputs + channel));
    const out = copies(outputs, 2 * outputs);
    return [i, {
      convolution: {
        weight: tf.mul(repeat(repeat(convolution.weight, pixels, 0), out, 1), inputs / doubled),
        bias: repeat(convolution.bias, out, 0),
      },
      norm: { weight: repeat(norm.weight, out, 0), bias: repeat(norm.bias, out, 0) },
    }] as const;
  });
  const wide = {
    ...{ ...rest, blocks },
    stem: { ...stem, stages: Object.fromEntries(stages) },
  } as EncoderParameters;
  const selected = asTransformer(selectEncoder(wide, large, small));
  for (const [name, tensor] of namedTensors(parameters)) {
    if (!/^stem|cls|position|registers|scale\d|norm/.test(name)) continue;
    const found = namedTensors(selected).find(([other]) => other === name)?.[1];
    assertClose(found ?? [], await tensor.data(), 1e-6, name);
  }
});

Deno.test("equal encoders give all weights; blocks and channels are evenly spaced", async () => {
  const config = { ...transformer, depth: 4 }, parameters = formula(config);
  const selected = namedTensors(selectEncoder(parameters, config, config));
  for (const [i, [name, tensor]] of namedTensors(parameters).entries()) {
    assertEquals(selected[i]![1].dataSync(), tensor.dataSync(), name);
  }
  const half = asTransformer(selectEncoder(parameters, config, { ...config, depth: 2 }));
  const third = asTransformer(parameters).blocks[2]!.mlp.hidden.bias;
  assertEquals(await half.blocks[1]!.mlp.hidden.bias.data(), await third.data());
  assertEquals([spacedIndices(9, 3), spacedIndices(4, 3)], [[0, 3, 6], [0, 1, 2]]);
  assertThrows(() => spacedIndices(2, 3), UserError, "Cannot select 3 of 2");
});

Deno.test("channels follow a padded shortcut at unequal ratios", () => {
  // 16, 32 and 64 channels; the student has 16, 24 and 48, of which the middle 16 are the shortcut's.
  const large = { kind: "resnet_cifar", imageSize: 32, blocks: 1 } as const;
  const small = { ...large, widthMultiplier: 0.75 };
  const parameters = formula(large);
  const { stages } = selectEncoder(parameters, large, small) as { stages: Record<string, unknown> };
  const bias = (stages[2] as { second: { bias: tf.Tensor1D } }).second.bias.dataSync();
  const all = (parameters as unknown as { stages: { 2: { second: { bias: tf.Tensor1D } } } })
    .stages[2].second.bias.dataSync();
  const shortcut = Array.from({ length: 16 }, (_, i) => 8 + i);
  assertEquals([...bias], [0, 2, 4, 6, ...shortcut, 24, 26, 28, 30].map((channel) => all[channel]));
});

Deno.test("what does not fit is said", () => {
  const mobile = { kind: "mobilenet_v2", imageSize: 64 } as const;
  const layers = (layers: 18 | 34 | 50) => ({ kind: "resnet", imageSize: 64, layers }) as const;
  const residual = layers(18);
  const cases: [EncoderConfig, EncoderConfig, string | undefined][] = [
    [mobile, { ...mobile, imageSize: 96 }, undefined],
    [mobile, { ...mobile, widthMultiplier: 0.25 }, undefined],
    [mobile, { ...mobile, widthMultiplier: 1.5 }, "its stage 0 has 32 channels, the student's 48"],
    [mobile, { ...mobile, depthMultiplier: 2 }, "group 1 of its stages has 1, the student's 2"],
    [{ ...mobile, head: false }, mobile, "it has 8 groups of stages, the student 9"],
    [mobile, residual, "it is a mobilenet_v2"],
    [mobile, transformer, "it is a mobilenet_v2"],
    [transformer, mobile, "it is a transformer"],
    [residual, layers(34), "group 1 of its stages has 2, the student's 3"],
    [layers(34), residual, undefined],
    [layers(50), residual, "its stage 1 is a bottleneck, the student's a basicBlock"],
    [transformer, { ...transformer, imageSize: 64 }, undefined],
    [transformer, { ...transformer, depth: 2 }, "it has depth 1, the student 2, which is more"],
    [transformer, { ...transformer, heads: 4 }, "it has heads 2, the student 4, which is more"],
    [
      { ...transformer, heads: 4 },
      transformer,
      "it has width of a head 4, the student 8, which is more",
    ],
    [
      transformer,
      { ...transformer, mlpRatio: 5 },
      "it has hidden width 64, the student 80, which is more",
    ],
    [
      transformer,
      { ...transformer, patchSize: 4 },
      "it has patches of 8, the student patches of 4",
    ],
    [transformer, { ...transformer, registers: 1 }, "it has registers 0, the student registers 1"],
    [
      transformer,
      { ...transformer, stem: "convolution" },
      "it has the stem patch, the student the stem convolution",
    ],
    [
      transformer,
      { ...transformer, layerScale: 0.1 },
      "it has a LayerScale: false, the student a LayerScale: true",
    ],
  ];
  for (const [source, target, expected] of cases) {
    assertEquals(selectionMisfit(source, target), expected, JSON.stringify([source, target]));
  }
});

function asTransformer(parameters: EncoderParameters) {
  assert("blocks" in parameters);
  return parameters;
}
