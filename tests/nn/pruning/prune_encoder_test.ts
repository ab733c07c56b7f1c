import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import type { ConvolutionalConfig } from "../../../lib/nn/convolutional/convolutional_config.ts";
import {
  encodeImages,
  type EncoderConfig,
  type EncoderParameters,
  encoderShapes,
  initEncoder,
} from "../../../lib/nn/encoder.ts";
import { checkShare, pruneEncoder, rankEncoder } from "../../../lib/nn/pruning/prune_encoder.ts";
import { selectEncoder, selectionMisfit } from "../../../lib/nn/selection/select_encoder.ts";
import { fromNamedTensors, namedTensors } from "../../../lib/tensors/parameters.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { layoutOfShapes } from "../../../lib/tensors/shapes.ts";

await startEngine();

const transformer = {
  ...{ imageSize: 16, patchSize: 4, width: 16, depth: 2, heads: 4, layerScale: 0.5 },
  initialization: "scaled",
} as const;
const networks: readonly EncoderConfig[] = [
  transformer,
  { kind: "mobilenet_v2", widthMultiplier: 0.25, imageSize: 32 },
  { kind: "efficientnet_lite", widthMultiplier: 0.25, imageSize: 32 },
  { kind: "efficientnet_lite", widthMultiplier: 0.25, imageSize: 32, scaled: true },
  { kind: "resnet_cifar", blocks: 1, imageSize: 16 },
  { kind: "resnet", layers: 50, widthMultiplier: 0.125, imageSize: 32 },
];

/** Weights of which none is zero, as the ends of branches are at first. */
function drawn(config: EncoderConfig, seed = 0): EncoderParameters {
  const random = randomStream(seed);
  const tensors = namedTensors(initEncoder(config, random)).map(([name, tensor]) => {
    const noise = tf.tensor(random.at(name).normal(tensor.size), tensor.shape);
    return [name, tf.add(tensor, tf.mul(noise, 0.15))] as const;
  });
  return fromNamedTensors(tensors) as EncoderParameters;
}

/** Smooth images, unlike noise of which every channel sees the same. */
function imagesOf({ imageSize }: EncoderConfig, seed: number, count = 24): tf.Tensor4D[] {
  const values = randomStream(seed).normal(count * 4 * 4 * 3);
  const small = tf.tensor4d(values, [count, 4, 4, 3]);
  return tf.split(tf.image.resizeBilinear(small, [imageSize, imageSize]), 2);
}

async function features(
  parameters: EncoderParameters,
  config: EncoderConfig,
  images: readonly tf.Tensor4D[],
) {
  const outputs = images.map((batch) => encodeImages(parameters, batch, config).cls);
  return await tf.concat(outputs).data<"float32">();
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [sum, all] = [0, 0];
  for (let i = 0; i < a.length; i++) [sum, all] = [sum + (a[i]! - b[i]!) ** 2, all + b[i]! ** 2];
  return Math.sqrt(sum / all);
}

for (const config of networks) {
  const name = `${config.kind ?? "transformer"}${"scaled" in config ? ", scaled" : ""}`;

  Deno.test(`${name}: has the shapes that its config says, and compensation helps on other images`, async () => {
    const parameters = drawn(config), images = imagesOf(config, 1), others = imagesOf(config, 2);
    const ranking = await rankEncoder(parameters, config, images);
    const before = await features(parameters, config, others);
    const errors: number[] = [];
    for (const compensated of [true, false]) {
      const options = { share: 0.4, ranking, compensated };
      const pruned = await pruneEncoder(parameters, config, images, options);
      const { entries } = layoutOfShapes(encoderShapes(pruned.config));
      const shapes = new Map(
        namedTensors(pruned.parameters).map(([key, { shape }]) => [key, `${shape}`]),
      );
      assertEquals(shapes, new Map(entries.map(({ name, shape }) => [name, `${shape}`])));
      errors.push(distance(await features(pruned.parameters, pruned.config, others), before));
    }
    assert(errors[0]! < 0.9 * errors[1]!, `${errors}`);
  });
}

Deno.test("a pruned convolutional network computes what a full one does with zeros for what is gone", async () => {
  for (const config of networks.filter(({ kind }) => kind !== undefined)) {
    const parameters = drawn(config), images = imagesOf(config, 1);
    const ranking = await rankEncoder(parameters, config, images);
    const pruned = await pruneEncoder(parameters, config, images, { share: 0.4, ranking });
    // Channels lie in front, and zeros behind them.
    const { entries } = layoutOfShapes(encoderShapes(config));
    const own = new Map(namedTensors(pruned.parameters));
    const dense = fromNamedTensors(entries.map(({ name, shape }) => {
      const tensor = own.get(name)!;
      const zeros = shape.map((size, i) => [0, size - tensor.shape[i]!] as [number, number]);
      return [name, tf.pad(tensor, zeros)] as const;
    })) as EncoderParameters;
    const expected = await features(dense, config, images);
    const actual = await features(pruned.parameters, pruned.config, images);
    assert(distance(actual, expected) < 1e-5, `${config.kind}`);
  }
});

Deno.test("hidden units that are copies or have no weight go without a trace", async () => {
  const config = { ...transformer, mlpRatio: 2 } as const, parameters = drawn(config);
  const tensors = new Map(namedTensors(parameters));
  for (const block of [0, 1]) {
    for (const part of ["weight", "bias"]) {
      const key = `blocks.${block}.mlp.hidden.${part}`, tensor = tensors.get(key)!;
      const half = tf.split(tensor, 2, -1)[0]!;
      tensors.set(key, tf.concat([half, half], -1)); // the second half are copies
    }
  }
  const copied = fromNamedTensors([...tensors]) as EncoderParameters;
  const images = imagesOf(config, 1), others = imagesOf(config, 2);
  const ranking = await rankEncoder(copied, config, images);
  for (const { harm } of ranking) assert(harm[16]! < 1e-2, `${harm[16]}`);
  // Heads stay, so that only copies go.
  const kept = { ...config, headCounts: [4, 4] };
  const pruned = await pruneEncoder(copied, kept, images, { share: 0.12, ranking });
  const [expected, actual] = [
    await features(copied, config, others),
    await features(pruned.parameters, pruned.config, others),
  ];
  assert(pruned.config.hiddenWidths!.every((width) => width < 32));
  const narrowed = (pruned.config as { queryWidths?: readonly number[] }).queryWidths;
  assertEquals(narrowed, [4, 4]);
  assert(distance(actual, expected) < 5e-3, `${distance(actual, expected)}`);
});

Deno.test("a pruned network starts another of its own shape, and no other", async () => {
  for (const config of [networks[0]!, networks[2]!, networks[4]!]) {
    const parameters = drawn(config), images = imagesOf(config, 1);
    const ranking = await rankEncoder(parameters, config, images);
    const pruned = await pruneEncoder(parameters, config, images, { share: 0.4, ranking });
    assertEquals(selectionMisfit(pruned.config, pruned.config), undefined);
    const selected = selectEncoder(pruned.parameters, pruned.config, pruned.config);
    const [own, again] = [pruned.parameters, selected];
    const [expected, actual] = [
      await features(own, pruned.config, images),
      await features(again, pruned.config, images),
    ];
    assertEquals(actual, expected);
    assert(selectionMisfit(pruned.config, config) !== undefined);
  }
});

Deno.test("a compression without a share, without heads or without channels is refused", async () => {
  const images = imagesOf(transformer, 1), parameters = drawn(transformer);
  const ranking = await rankEncoder(parameters, transformer, images);
  for (const share of [0, 1, -1, NaN]) {
    const error = await assertRejects(
      () => pruneEncoder(parameters, transformer, images, { share, ranking }),
      UserError,
    );
    assert(error.message.includes(`a share of ${share}: expected a number above 0 and below 1`));
  }
  const refused = (config: EncoderConfig, share: number) => {
    try {
      checkShare(config, share);
    } catch (error) {
      return String(error);
    }
    return "";
  };
  assert(refused(transformer, 0.95).includes("block 0: of 4 heads none would be left"));
  const narrow: ConvolutionalConfig = { kind: "resnet_cifar", blocks: 1, imageSize: 16 };
  assert(refused(narrow, 0.98).includes("stage 1: of 16 channels none would be left"));
  assertEquals(refused(narrow, 0.5), "");
});

Deno.test("what is pruned saves the share of what hidden channels compute", async () => {
  const config = networks[1]!, parameters = drawn(config), images = imagesOf(config, 1);
  const ranking = await rankEncoder(parameters, config, images);
  const { config: { hiddenWidths } } = await pruneEncoder(parameters, config, images, {
    ...{ share: 0.5, ranking },
  });
  const [all, left] = [0, 1].map((pruned) =>
    ranking.reduce(
      (sum, { harm, operations }, i) =>
        sum + operations * (pruned ? hiddenWidths![i]! : harm.length),
      0,
    )
  );
  assertAlmostEquals(left! / all!, 0.5, 0.05);
});
