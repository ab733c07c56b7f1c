/** The residual networks for images of 32 pixels as a list of stages (He et al., CVPR 2016). */
import { roundChannels } from "./scaling.ts";
import type { BasicBlockStage, Stage } from "./stage.ts";

/** Shape of a residual network for small images. */
export interface ResNetCifarConfig {
  /** Blocks of each of the three resolutions: 3 for ResNet-20, 9 for ResNet-56. */
  readonly blocks: number;
  /** Factor of all channels. Default 1: 16, 32 and 64. */
  readonly widthMultiplier?: number;
}

/**
 * The stages: a stem, and three resolutions of basic blocks whose shortcuts pad with zeros.
 *
 * @source He et al., Deep residual learning, CVPR 2016, section 4.2.
 *
 * @example
 * ```ts
 * import { resNetCifarStages } from "./resnet_cifar.ts";
 * if (resNetCifarStages({ blocks: 9 }).length !== 28) throw new Error("Expected stem and 27 blocks");
 * ```
 */
export function resNetCifarStages({ blocks, widthMultiplier = 1 }: ResNetCifarConfig): Stage[] {
  const widths = [16, 32, 64].map((width) => roundChannels(width, widthMultiplier));
  const [stem = 16] = widths;
  const stages = widths.flatMap((outputs, resolution) =>
    Array.from({ length: blocks }, (_, i): BasicBlockStage => {
      const strides = resolution > 0 && i === 0;
      const inputs = strides ? widths[resolution - 1]! : outputs;
      const stride = strides ? 2 : 1;
      return { kind: "basicBlock", inputs, outputs, stride, shortcut: "padded" };
    })
  );
  const ends = { kind: "convolution", kernel: 3, activation: "relu" } as const;
  return [{ ...ends, inputs: 3, outputs: stem, stride: 1 }, ...stages];
}
