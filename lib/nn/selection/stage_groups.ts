/** The stages of a convolutional network that give maps of one kind. */
import {
  type ConvolutionalConfig,
  convolutionalStages,
} from "../convolutional/convolutional_config.ts";

/**
 * Numbers of the stages, by groups: stem, the blocks of each row of the paper's table, of which there can be
 * fewer or more, and head. In a network of full width the groups have channels of their own.
 *
 * @example
 * ```ts
 * import { stageGroups } from "./stage_groups.ts";
 * const groups = stageGroups({ kind: "resnet_cifar", blocks: 3, imageSize: 32, widthMultiplier: 0.5 });
 * if (groups.map((group) => group.length).join() !== "1,3,3,3") throw new Error("Expected the stem apart");
 * ```
 */
export function stageGroups(config: ConvolutionalConfig): number[][] {
  const groups: number[][] = [];
  let last = "";
  for (const [i, stage] of convolutionalStages({ ...config, widthMultiplier: 1 }).entries()) {
    const key = `${stage.kind} ${stage.outputs}`;
    if (key === last) groups.at(-1)!.push(i);
    else groups.push([i]);
    last = key;
  }
  return groups;
}
