import type { CheckpointReading } from "../checkpoint_reading.ts";

/** Options of {@linkcode loadFamily}; a key is one of {@linkcode openCheckpoint}. */
export interface LoadFamilyOptions extends Omit<CheckpointReading, "key"> {
  /** Name of the teacher in recipes and logs; default the family's. */
  readonly name?: string | undefined;
  /** Height and width in pixels, a multiple of the patch size; default those of its training. */
  readonly inputSize?: number | undefined;
  /** Whether to take the network whose names have no prefix, of several; default false. */
  readonly withoutPrefix?: boolean | undefined;
  /** Whether CLIP's features are projected into the space that is shared with text; default false. */
  readonly projection?: boolean | undefined;
  /**
   * Whether a convolutional network keeps batch norm's factor of each channel apart from its weights, which
   * a student can train; default false.
   */
  readonly scaled?: boolean | undefined;
  /** SPDX identifier; default that of the weights that the family's authors released. */
  readonly licence?: string | undefined;
}
