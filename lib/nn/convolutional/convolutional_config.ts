/** The convolutional networks by their kind, each with options of its own. */
import { type EfficientNetLiteConfig, efficientNetLiteStages } from "./efficientnet_lite.ts";
import { withHiddenWidths } from "./hidden_widths.ts";
import { type MobileNetV2Config, mobileNetV2Stages } from "./mobilenet_v2.ts";
import { type ResNetConfig, resNetStages } from "./resnet.ts";
import { type ResNetCifarConfig, resNetCifarStages } from "./resnet_cifar.ts";
import type { Stage } from "./stage.ts";

/** What all convolutional encoders have. */
interface ConvolutionalOptions {
  /** Height and width of the images in training, in pixels. */
  readonly imageSize: number;
  /** Whether convolutions keep a factor of each channel, as batch norm's, apart. Default false. */
  readonly scaled?: boolean;
  /**
   * Channels inside each block that has some of its own, in their order: between the convolutions of a
   * shortcut's branch. Default: those of the kind; a pruned network has fewer.
   */
  readonly hiddenWidths?: readonly number[];
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

/**
 * The stages of a convolutional encoder.
 *
 * @throws {UserError} Where its hidden widths are not one for each block.
 *
 * @example
 * ```ts
 * import { convolutionalStages } from "./convolutional_config.ts";
 * const stages = convolutionalStages({ kind: "resnet_cifar", blocks: 3, imageSize: 32 });
 * if (stages.length !== 1 + 3 * 3) throw new Error("Expected a stem and nine blocks");
 * ```
 */
export function convolutionalStages(config: ConvolutionalConfig): Stage[] {
  return withHiddenWidths(stagesOfKind(config), config.hiddenWidths);
}

function stagesOfKind(config: ConvolutionalConfig): Stage[] {
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
