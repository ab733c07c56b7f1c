/** How a teacher's tokens of one image lie in a record of the feature cache: CLS, then patches. */
import * as tf from "@tensorflow/tfjs";
import type { Targets } from "../../method/standardizers/statistics.ts";
import type { TeacherShape, TokenType } from "../../method/tokens.ts";

/** Features of one teacher. */
export type TeacherTargets = Targets[string];

/** The layout of a record. */
export interface RecordShape {
  /** Width of the teacher's features. */
  readonly width: number;
  /** Whether a record begins with CLS. */
  readonly cls: boolean;
  /** Patch tokens after it. */
  readonly patches: number;
  /** Numbers of a record in all. */
  readonly size: number;
}

/** The layout of a teacher's records, with so many patches where it has patch tokens. */
export function recordShapeOf(
  { width, tokens }: Pick<TeacherShape, "width" | "tokens">,
  keptPatches: number,
): RecordShape {
  const has = (token: TokenType) => tokens.includes(token);
  const patches = has("patch") ? keptPatches : 0;
  return { width, cls: has("cls"), patches, size: (Number(has("cls")) + patches) * width };
}

/** `cls [batch, width]` and `patch [batch, tokens, width]` to records `[batch, size]`. */
export function joinTokens({ cls, patch }: TeacherTargets): tf.Tensor2D {
  const flat = [cls, patch].filter((tokens) => tokens !== undefined)
    .map((tokens) => tf.reshape<tf.Rank.R2>(tokens, [tokens.shape[0], -1]));
  return flat.length === 1 ? flat[0]! : tf.concat2d(flat, 1);
}

/** Records `[batch, size]` to `cls [batch, width]` and `patch [batch, tokens, width]`; pure. */
export function splitTokens(
  records: tf.Tensor2D,
  { width, cls, patches, size }: RecordShape,
): TeacherTargets {
  const batch = records.shape[0];
  const first = cls ? width : 0;
  const patchTokens = () => tf.slice(records, [0, first], [batch, size - first]);
  // Tokens that the teacher does not have are absent: every entry is a target.
  return {
    ...cls && { cls: tf.slice<tf.Rank.R2, tf.Tensor2D>(records, [0, 0], [batch, first]) },
    ...patches > 0 && {
      patch: tf.reshape<tf.Rank.R3>(patchTokens(), [batch, patches, width]),
    },
  };
}
