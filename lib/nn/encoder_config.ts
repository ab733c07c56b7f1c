/**
 * Shapes of the networks that a student can be, and of what their stages give.
 *
 * @module
 */
import {
  type EfficientNetLiteConfig,
  efficientNetLiteStages,
} from "./convolutional/efficientnet_lite.ts";
import { type MobileNetV2Config, mobileNetV2Stages } from "./convolutional/mobilenet_v2.ts";
import { stageGrids } from "./convolutional/network.ts";
import { type ResNetConfig, resNetStages } from "./convolutional/resnet.ts";
import { type ResNetCifarConfig, resNetCifarStages } from "./convolutional/resnet_cifar.ts";
import type { Stage } from "./convolutional/stage.ts";
import type { Grid } from "./token_grid.ts";
import { studentGrid, type VisionTransformerConfig } from "./vision_transformer.ts";

/** What all convolutional encoders have. */
interface ConvolutionalOptions {
  /** Height and width of the images in training, in pixels. */
  readonly imageSize: number;
  /** Whether convolutions keep a factor of each channel, as batch norm's, apart. Default false. */
  readonly scaled?: boolean;
}

/** Shape of a convolutional encoder. */
export type ConvolutionalConfig =
  & ConvolutionalOptions
  & (
    | ({ readonly kind: "mobilenet_v2" } & MobileNetV2Config)
    | ({ readonly kind: "efficientnet_lite" } & EfficientNetLiteConfig)
    | ({ readonly kind: "resnet_cifar" } & ResNetCifarConfig)
    | ({ readonly kind: "resnet" } & ResNetConfig)
  );

/** Shape of an encoder, by its `kind`; without one it is a transformer. */
export type EncoderConfig =
  | ({ readonly kind?: "transformer" } & VisionTransformerConfig)
  | ConvolutionalConfig;

/** What a stage gives: tokens of a width on a grid. */
export interface StageShape {
  /** Numbers per token. */
  readonly width: number;
  /** Rows and columns of its patch tokens. */
  readonly grid: Grid;
}

/** The names of the encoders. */
export type EncoderKind = NonNullable<EncoderConfig["kind"]>;

/**
 * The stages of a convolutional encoder.
 *
 * @example
 * ```ts
 * import { convolutionalStages } from "./encoder.ts";
 * const stages = convolutionalStages({ kind: "resnet_cifar", blocks: 3, imageSize: 32 });
 * if (stages.length !== 1 + 3 * 3) throw new Error("Expected a stem and nine blocks");
 * ```
 */
export function convolutionalStages(config: ConvolutionalConfig): Stage[] {
  switch (config.kind) {
    case "mobilenet_v2":
      return mobileNetV2Stages(config);
    case "efficientnet_lite":
      return efficientNetLiteStages(config);
    case "resnet_cifar":
      return resNetCifarStages(config);
    case "resnet":
      return resNetStages(config);
  }
}

/** Whether an encoder is a vision transformer. */
export function isTransformer(
  config: EncoderConfig,
): config is { readonly kind?: "transformer" } & VisionTransformerConfig {
  return config.kind === undefined || config.kind === "transformer";
}

/**
 * Width and grid of the output of every stage: the blocks of a transformer, all of one shape, or the stem,
 * blocks and head of a convolutional network.
 *
 * @example
 * ```ts
 * import { encoderStages } from "@hashigo/hashigo/nn";
 * const stages = encoderStages({ kind: "mobilenet_v2", imageSize: 96 });
 * const { width, grid } = stages.at(-1)!;
 * if (stages.length !== 19 || width !== 1280 || grid.join() !== "3,3") throw new Error();
 * ```
 */
export function encoderStages(config: EncoderConfig): StageShape[] {
  if (isTransformer(config)) {
    const { depth, width } = config, grid = studentGrid(config);
    return Array.from({ length: depth }, () => ({ width, grid }));
  }
  const stages = convolutionalStages(config), grids = stageGrids(stages, config.imageSize);
  return stages.map(({ outputs }, i) => ({ width: outputs, grid: grids[i]! }));
}
