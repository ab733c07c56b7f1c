/** Residual networks for large images as a list of stages (He et al., CVPR 2016). */
import { roundChannels } from "./scaling.ts";
import type { Stage } from "./stage.ts";

/** Shape of a residual network. */
export interface ResNetConfig {
  /** Number of layers, as in its name. */
  readonly layers: 18 | 34 | 50;
  /** Factor of all channels. Default 1. */
  readonly widthMultiplier?: number;
}

/** Blocks of each resolution. */
const repeats = { 18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3] } as const;

/**
 * The stages: a stem of 7 x 7 with pooling, and four resolutions of blocks whose shortcuts project where
 * shapes change. ResNet-50 strides in the 3 x 3 convolution of its bottlenecks.
 *
 * @source He et al., Deep residual learning, CVPR 2016, table 1.
 *
 * @example
 * ```ts
 * import { resNetStages } from "./resnet.ts";
 * if (resNetStages({ layers: 50 }).at(-1)?.outputs !== 2048) throw new Error("Expected 4 x 512");
 * ```
 */
export function resNetStages({ layers, widthMultiplier = 1 }: ResNetConfig): Stage[] {
  const stem = roundChannels(64, widthMultiplier);
  const bottleneck = layers === 50;
  let inputs = stem;
  const blocks = repeats[layers].flatMap((count, resolution) => {
    const width = roundChannels(64 * 2 ** resolution, widthMultiplier);
    return Array.from({ length: count }, (_, i): Stage => {
      const stride = resolution > 0 && i === 0 ? 2 : 1;
      const outputs = bottleneck ? 4 * width : width;
      const ends = { inputs, outputs, stride };
      inputs = outputs;
      return bottleneck
        ? { kind: "bottleneck", ...ends, hidden: width }
        : { kind: "basicBlock", ...ends, shortcut: "projected" };
    });
  });
  const first = { kind: "convolution", kernel: 7, stride: 2, activation: "relu" } as const;
  return [{ ...first, inputs: 3, outputs: stem, padding: "symmetric", pooled: true }, ...blocks];
}
