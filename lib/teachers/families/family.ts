import type { PositionRule } from "../../nn/position.ts";
import type { CheckpointTensors, ExpectedTensor } from "./checkpoint_tensors.ts";
import type { FrozenTransformerConfig } from "../frozen_transformer.ts";
import type { BackboneInput } from "../input.ts";

/** How the files of a family are read, and properties of its networks that the files do not hold. */
export interface TeacherFamily {
  /** Normalisation of the images in its training. */
  readonly normalization: Pick<BackboneInput, "mean" | "std">;
  /** What differs among its networks although no file tells; said where it is not given. */
  readonly varies?: "normalization" | "activation" | undefined;
  /** SPDX identifier of the weights that its authors released; `NOASSERTION` where they differ. */
  readonly licence: string;
  /** Added to the variance in every norm. */
  readonly epsilon: number;
  /** Activation of its MLPs. */
  readonly activation: FrozenTransformerConfig["activation"];
  /** Names of tensors that may be in a file and are not read: heads, masks, a text encoder. */
  readonly ignored: readonly RegExp[];
  /** How positions are interpolated. */
  positions(tensors: CheckpointTensors["tensors"]): PositionRule;
  /**
   * Why a file that fits is not read, where its shapes have two readings and nothing decides.
   *
   * @param reading Rows of the square grid, pixels of a patch, and of the images where given.
   */
  doubt?(
    tensors: CheckpointTensors["tensors"],
    reading: {
      readonly side: number;
      readonly patchSize: number;
      readonly inputSize: number | undefined;
    },
  ): string | undefined;
  /** Names of the first tensor, by which a network is found in a file; one for each kind of stem. */
  readonly anchors: readonly string[];
  /** Text before the number of a block in names of tensors. */
  readonly blockPrefix: string;
  /** The tensors of a file with `depth` blocks; the patch embedding comes first. */
  expected(tensors: CheckpointTensors["tensors"], depth: number): readonly ExpectedTensor[];
}
