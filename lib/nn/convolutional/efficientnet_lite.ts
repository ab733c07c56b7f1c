/** EfficientNet-Lite as a list of stages: EfficientNet without squeeze-and-excitation, with ReLU6. */
import { roundChannels, scaleRepeats } from "./scaling.ts";
import type { InvertedResidualStage, Stage } from "./stage.ts";

/** Shape of an EfficientNet-Lite. */
export interface EfficientNetLiteConfig {
  /** Factor of the blocks' channels; stem and head keep theirs. Default 1, Lite0. */
  readonly widthMultiplier?: number;
  /** Factor of the blocks of each resolution, rounded up, but the first and last. Default 1. */
  readonly depthMultiplier?: number;
}

/** Expansion, output channels, repeats, stride of the first, side of the filter. */
const groups = [
  [1, 16, 1, 1, 3],
  [6, 24, 2, 2, 3],
  [6, 40, 2, 2, 5],
  [6, 80, 3, 2, 3],
  [6, 112, 3, 1, 5],
  [6, 192, 4, 2, 5],
  [6, 320, 1, 1, 3],
] as const;
const stem = 32, head = 1280;

/**
 * The stages: a stem, inverted residuals, 16 of them in Lite0, and a head.
 *
 * @source Tan and Le, EfficientNet, ICML 2019, table 1; the Lite forms fix stem, head, and the repeats of
 * the first and last resolution.
 *
 * @example
 * ```ts
 * import { efficientNetLiteStages } from "./efficientnet_lite.ts";
 * if (efficientNetLiteStages().length !== 18) throw new Error("Expected stem, 16 blocks and head");
 * ```
 */
export function efficientNetLiteStages(config: EfficientNetLiteConfig = {}): Stage[] {
  const { widthMultiplier = 1, depthMultiplier = 1 } = config;
  const blocks: InvertedResidualStage[] = [];
  let inputs = stem;
  groups.forEach(([expansion, channels, repeats, first, kernel], group) => {
    const outputs = roundChannels(channels, widthMultiplier);
    const fixed = group === 0 || group === groups.length - 1;
    const count = fixed ? repeats : scaleRepeats(repeats, depthMultiplier);
    for (let repeat = 0; repeat < count; repeat++) {
      const stride = repeat === 0 ? first : 1, hidden = expansion * inputs;
      blocks.push({ kind: "invertedResidual", kernel, inputs, hidden, outputs, stride });
      inputs = outputs;
    }
  });
  const ends = { kind: "convolution", activation: "relu6" } as const;
  return [
    { ...ends, kernel: 3, inputs: 3, outputs: stem, stride: 2 },
    ...blocks,
    { ...ends, kernel: 1, inputs, outputs: head, stride: 1 },
  ];
}
