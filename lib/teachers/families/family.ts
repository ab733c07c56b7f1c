import type { PositionRule } from "../../nn/position.ts";
import type { CheckpointTensors, ExpectedTensor } from "./checkpoint_tensors.ts";
import type { FrozenTransformerConfig } from "../frozen_transformer.ts";
import type { BackboneInput } from "../input.ts";

/** How the files of a family are read, and what they do not say. */
export interface TeacherFamily {
  /** What images were normalised with in its training. */
  readonly normalization: Pick<BackboneInput, "mean" | "std">;
  /** SPDX identifier of the weights that its authors released; `NOASSERTION` where they differ. */
  readonly licence: string;
  /** Added to the variance in every norm. */
  readonly epsilon: number;
  /** Of its MLPs. */
  readonly activation: FrozenTransformerConfig["activation"];
  /** Names that may be in a file and are not read: heads, masks, a text encoder. */
  readonly ignored: readonly RegExp[];
  /** How positions are interpolated. */
  positions(tensors: CheckpointTensors["tensors"]): PositionRule;
  /** What stands before the number of a block in names. */
  readonly blockPrefix: string;
  /** The tensors of a file with so many blocks; the patch embedding comes first. */
  expected(tensors: CheckpointTensors["tensors"], depth: number): readonly ExpectedTensor[];
}
