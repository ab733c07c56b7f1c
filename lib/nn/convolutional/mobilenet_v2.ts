/** MobileNetV2 as a list of stages (Sandler et al., CVPR 2018). */
import { roundChannels, scaleRepeats } from "./scaling.ts";
import type { InvertedResidualStage, Stage } from "./stage.ts";

/** Shape of a MobileNetV2. */
export interface MobileNetV2Config {
  /** Factor of all channels but the head's. Default 1. */
  readonly widthMultiplier?: number;
  /** Factor of the blocks of each resolution, rounded up. Default 1. */
  readonly depthMultiplier?: number;
  /** Pixels per place of the last map; of 16, the last filters are dilated. Default 32. */
  readonly outputStride?: 16 | 32;
  /** Whether a 1 x 1 convolution to at least 1,280 channels ends it. Default true. */
  readonly head?: boolean;
}

/** Table 2 of the paper: expansion, output channels, repeats, stride of the first. */
const groups = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/**
 * The stages: a stem, 17 inverted residuals, a head. Where the network has reached `outputStride` pixels
 * per place it strides no further; later filters are dilated instead (DeepLab v3, section 3.1).
 *
 * @source Sandler et al., MobileNetV2, CVPR 2018, table 2.
 *
 * @example
 * ```ts
 * import { mobileNetV2Stages } from "./mobilenet_v2.ts";
 * const dilated = mobileNetV2Stages({ outputStride: 16 })
 *   .filter((stage) => stage.kind === "invertedResidual" && stage.dilation === 2);
 * if (dilated.length !== 3) throw new Error("The last three blocks are dilated");
 * ```
 */
export function mobileNetV2Stages(config: MobileNetV2Config = {}): Stage[] {
  const { widthMultiplier = 1, depthMultiplier = 1, outputStride = 32, head = true } = config;
  const stem = roundChannels(32, widthMultiplier);
  const blocks: InvertedResidualStage[] = [];
  let inputs = stem, reached = 2, dilation = 1;
  for (const [expansion, channels, repeats, first] of groups) {
    const outputs = roundChannels(channels, widthMultiplier);
    for (let repeat = 0; repeat < scaleRepeats(repeats, depthMultiplier); repeat++) {
      const fullStride = repeat === 0 ? first : 1;
      const stride = reached * fullStride > outputStride ? 1 : fullStride;
      const hidden = expansion * inputs;
      blocks.push({
        kind: "invertedResidual",
        kernel: 3,
        inputs,
        hidden,
        outputs,
        stride,
        dilation,
      });
      // A stride that was left out spreads the filters of the blocks after it.
      dilation *= fullStride / stride;
      reached *= stride;
      inputs = outputs;
    }
  }
  const ends = { kind: "convolution", activation: "relu6" } as const;
  const last = Math.max(1280, roundChannels(1280, widthMultiplier));
  return [
    { ...ends, kernel: 3, inputs: 3, outputs: stem, stride: 2 },
    ...blocks,
    ...head ? [{ ...ends, kernel: 1, inputs, outputs: last, stride: 1 }] : [],
  ];
}
