/**
 * Convolutional networks as lists of stages: their parameters, what each stage gives, and its size.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../../tensors/random.ts";
import { recompute as computeTwice } from "../../tensors/recompute.ts";
import type { ShapesOf } from "../../tensors/shapes.ts";
import { UserError } from "../../errors/user_error.ts";
import type { Grid } from "../token_grid.ts";
import {
  type ConvolutionLayerOptions,
  convolutionLayerShapes,
  initConvolutionLayer,
} from "./convolution_layer.ts";
import { layersOf, type NamedLayer, runStage, type Stage, type StageParameters } from "./stage.ts";

/** Parameters of a convolutional network: stages by number from "0", the stem. */
export type StagesParameters = { readonly stages: { readonly [stage: string]: StageParameters } };

/**
 * Parameters of a network from scratch.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initStages } from "./network.ts";
 * import { mobileNetV2Stages } from "./mobilenet_v2.ts";
 * await startEngine();
 * const { stages } = initStages(mobileNetV2Stages(), randomStream(0));
 * if (Object.keys(stages).length !== 19) throw new Error("Expected stem, 17 blocks and head");
 * ```
 */
export function initStages(
  stages: readonly Stage[],
  random: RandomStream,
  options: ConvolutionLayerOptions = {},
): StagesParameters {
  const entries = stages.map((stage, i) => {
    const layers = layersOf(stage).map(({ name, layer, ends }) => {
      const stream = random.at("stages", i, name);
      return [name, initConvolutionLayer(layer, stream, { ...options, zero: ends })] as const;
    });
    return [`${i}`, Object.fromEntries(layers)] as const;
  });
  return { stages: Object.fromEntries(entries) };
}

/** Shapes of {@linkcode initStages}. */
export function stagesShapes(
  stages: readonly Stage[],
  options: ConvolutionLayerOptions = {},
): ShapesOf<StagesParameters> {
  const entries = stages.map((stage, i) => {
    const layers = layersOf(stage).map(({ name, layer }) =>
      [name, convolutionLayerShapes(layer, options)] as const
    );
    return [`${i}`, Object.fromEntries(layers)] as const;
  });
  return { stages: Object.fromEntries(entries) };
}

/** Options of {@linkcode stageMaps}. */
export interface StageMapsOptions {
  /** First stage to compute, whose input is given. Default 0. */
  readonly from?: number | undefined;
  /** Stage to end before. Default: all are computed. */
  readonly to?: number | undefined;
  /** Whether the gradient computes each stage once more instead of keeping what is inside. Default false. */
  readonly recompute?: boolean | undefined;
}

/**
 * Computes the output of every stage.
 *
 * @param input Of the first stage that is computed, `[batch, height, width, channels]`.
 * @returns `[batch, height, width, channels]` for each stage that is computed.
 * @throws {UserError} Where a stage has no parameters.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initStages, stageMaps } from "./network.ts";
 * import { mobileNetV2Stages } from "./mobilenet_v2.ts";
 * await startEngine();
 * const stages = mobileNetV2Stages({ widthMultiplier: 0.25 });
 * const maps = stageMaps(initStages(stages, randomStream(0)), tf.zeros([1, 64, 64, 3]), stages);
 * if (maps.at(-1)?.shape.join() !== "1,2,2,1280") throw new Error("Expected 32 pixels per place");
 * ```
 */
export function stageMaps(
  parameters: StagesParameters,
  input: tf.Tensor4D,
  stages: readonly Stage[],
  { from = 0, to = stages.length, recompute = false }: StageMapsOptions = {},
): tf.Tensor4D[] {
  const maps: tf.Tensor4D[] = [];
  let map = input;
  for (let i = from; i < to; i++) {
    const ofStage = parameters.stages[i];
    if (ofStage === undefined) {
      throw new UserError(
        `Cannot compute stage ${i} of a convolutional network: found parameters of the stages ` +
          `${
            Object.keys(parameters.stages).join(", ")
          }, expected one for each of ${stages.length}. ` +
          "Make them for the same list of stages",
      );
    }
    const stage = stages[i]!;
    map = recompute
      ? computeTwice(
        ({ activations: { map }, parameters }) => runStage(parameters, map, stage),
        { activations: { map }, parameters: ofStage, constants: {} },
      )
      : runStage(ofStage, map, stage);
    maps.push(map);
  }
  return maps;
}

/**
 * Pixels of the image per place of the last map.
 *
 * @example
 * ```ts
 * import { pixelsPerPlace } from "./network.ts";
 * import { resNetStages } from "./resnet.ts";
 * if (pixelsPerPlace(resNetStages({ layers: 18 })) !== 32) throw new Error("The stem strides and pools");
 * ```
 */
export function pixelsPerPlace(stages: readonly Stage[]): number {
  return stages.reduce((pixels, stage) => {
    const pooled = stage.kind === "convolution" && stage.pooled === true;
    return pixels * stage.stride * (pooled ? 2 : 1);
  }, 1);
}

/**
 * Rows and columns of each stage's output for square images of a size in pixels.
 *
 * @example
 * ```ts
 * import { stageGrids } from "./network.ts";
 * import { mobileNetV2Stages } from "./mobilenet_v2.ts";
 * if (stageGrids(mobileNetV2Stages(), 96).at(-1)?.join() !== "3,3") throw new Error();
 * ```
 */
export function stageGrids(stages: readonly Stage[], size: number): Grid[] {
  let side = size;
  return stages.map((stage) => {
    side = Math.ceil(side / stage.stride);
    if (stage.kind === "convolution" && stage.pooled === true) side = Math.ceil(side / 2);
    return [side, side];
  });
}

/** A convolution of a network, and the side of the map that it gives. */
export interface PlacedLayer extends NamedLayer {
  /** Number of its stage. */
  readonly stage: number;
  /** Rows, and columns, of its output. */
  readonly side: number;
}

/**
 * Every convolution of a network with the size of its output, for square images of a size in pixels: what
 * its arithmetic and its memory are counted from.
 *
 * @example
 * ```ts
 * import { placedLayers } from "./network.ts";
 * import { mobileNetV2Stages } from "./mobilenet_v2.ts";
 * const [, , , expand, filter] = placedLayers(mobileNetV2Stages(), 96);
 * if (expand?.side !== 48 || filter?.side !== 24) throw new Error("The filter strides, not what expands");
 * ```
 */
export function placedLayers(stages: readonly Stage[], size: number): PlacedLayer[] {
  const grids = stageGrids(stages, size);
  return stages.flatMap((stage, i) => {
    const input = grids[i - 1]?.[0] ?? size;
    let side = input;
    return layersOf(stage).map((named) => {
      const { stride = 1 } = named.layer;
      if (named.name === "shortcut") return { ...named, stage: i, side: Math.ceil(input / stride) };
      side = Math.ceil(side / stride);
      return { ...named, stage: i, side };
    });
  });
}

/**
 * A map `[batch, height, width, channels]` as tokens `[batch, 1 + height * width, channels]`: the mean
 * over all places, which stands for CLS, and the places row by row.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { mapTokens } from "./network.ts";
 * await startEngine();
 * const tokens = mapTokens(tf.tensor4d([1, 3], [1, 1, 2, 1]));
 * if ((await tokens.data()).join() !== "2,1,3") throw new Error("Expected the mean first");
 * ```
 */
export function mapTokens(map: tf.Tensor4D): tf.Tensor3D {
  const [batch, height, width, channels] = map.shape;
  return tf.concat3d([mapMean(map), tf.reshape(map, [batch, height * width, channels])], 1);
}

/**
 * The mean of a map `[batch, height, width, channels]` over all places, `[batch, 1, channels]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { mapMean } from "./network.ts";
 * await startEngine();
 * if ((await mapMean(tf.tensor4d([1, 3], [1, 1, 2, 1])).data()).join() !== "2") throw new Error();
 * ```
 */
export function mapMean(map: tf.Tensor4D): tf.Tensor3D {
  const [batch, height, width, channels] = map.shape, places = height * width;
  // tfjs' gradient of a mean divides after it has spread over the places, in two passes over them.
  const mean = tf.customGrad((x) => ({
    value: tf.mean(x as tf.Tensor, 1, true),
    gradFunc: (dy) => tf.tile(tf.div(dy, places), [1, places, 1]),
  }));
  return mean(tf.reshape(map, [batch, places, channels])) as tf.Tensor3D;
}
