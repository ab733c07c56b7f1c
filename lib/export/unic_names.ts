/**
 * Whole students under the names of the reference's checkpoints: `module.encoder.…` and
 * `module.lp.heads.…`.
 *
 * @module
 */
import type { VisionTransformerConfig } from "../nn/vision_transformer.ts";
import type { LadderConfig } from "../method/projectors/ladder.ts";
import type { Grid } from "../nn/token_grid.ts";
import { studentGrid } from "../nn/vision_transformer.ts";
import type { StudentConfig } from "../method/student.ts";
import { UserError } from "../errors/user_error.ts";
import type { FloatTensor } from "../weights/host_tensor.ts";
import { fromEncoderNames, toEncoderNames } from "./encoder_names.ts";
import { fromLadderNames, toLadderNames } from "./ladder_names.ts";
import { below, type TensorMap } from "./named_tensors.ts";

/** A student whose projectors are a ladder. */
export interface LadderStudentConfig extends StudentConfig {
  /** A vision transformer. */
  readonly encoder: VisionTransformerConfig;
  /** Projectors on the student's blocks. */
  readonly ladder: { readonly kind?: "ladder" } & LadderConfig;
}

const [encoderPrefix, headsPrefix] = ["encoder.", "lp.heads."];

/**
 * Encoder and ladder of a student under the reference's names.
 *
 * @param student Names as in a checkpoint of a run: `encoder.…` and `ladder.…`; all others, such as
 *   moments and statistics, are left alone.
 * @throws {UserError} Where a tensor is missing, left over or of another shape, or the student is no
 *   plain transformer.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initStudent } from "@hashigo/hashigo/method";
 * import { namedTensors } from "@hashigo/hashigo/tensors";
 * import { toUnicNames } from "./unic_names.ts";
 * await startEngine();
 * const teachers = [{ name: "a", width: 5, tokens: ["cls"] as const, grid: [2, 2] as const }];
 * const config = {
 *   encoder: { imageSize: 16, patchSize: 8, width: 8, depth: 1, heads: 2 },
 *   ladder: { width: 8, depth: 1, grid: [2, 2] as const, teachers },
 * };
 * const student = new Map(namedTensors(initStudent(config, randomStream(0))).map(([name, tensor]) => {
 *   return [name, { shape: tensor.shape, data: tensor.dataSync<"float32">() }] as const;
 * }));
 * const model = toUnicNames(student, config);
 * if (!model.has("module.lp.heads.a.cls.0.layers.2.weight")) throw new Error("Expected a head");
 * ```
 */
export function toUnicNames(
  student: TensorMap,
  config: LadderStudentConfig,
): Map<string, FloatTensor> {
  const encoder = toEncoderNames(below(student, "encoder."), config.encoder, "unic");
  const heads = toLadderNames(below(student, "ladder."), config.ladder);
  const prefixed = (tensors: TensorMap, prefix: string) =>
    [...tensors].map(([name, tensor]) => [`module.${prefix}${name}`, tensor] as const);
  return new Map([...prefixed(encoder, encoderPrefix), ...prefixed(heads, headsPrefix)]);
}

/**
 * A student from the reference's names, and its shape, read off the tensors.
 *
 * @param model `encoder.…` and `lp.heads.…`, with or without `module.` in front.
 * @param options heads: attention heads, default one for every 64 of the width; grids: of teachers
 *   that are coarser than the student's.
 * @throws {UserError} Where a tensor is missing, left over or of another shape.
 *
 * @example
 * ```ts
 * import { fromUnicNames } from "./unic_names.ts";
 * let refused = "";
 * try {
 *   fromUnicNames(new Map([["module.head.weight", { shape: [1], data: Float32Array.of(1) }]]));
 * } catch (error) {
 *   refused = String(error);
 * }
 * if (!refused.includes("module.head.weight")) throw new Error("Expected the surplus name");
 * ```
 */
export function fromUnicNames(
  model: TensorMap,
  options: {
    readonly heads?: number | undefined;
    readonly grids?: { readonly [teacher: string]: Grid } | undefined;
  } = {},
): { config: LadderStudentConfig; student: Map<string, FloatTensor> } {
  const withoutModule = (name: string) => name.replace(/^module\./, "");
  const plain = new Map([...model].map(([name, tensor]) => [withoutModule(name), tensor]));
  const surplus = [...model.keys()].find((name) => {
    const inner = withoutModule(name);
    return !inner.startsWith(encoderPrefix) && !inner.startsWith(headsPrefix);
  });
  if (surplus !== undefined) {
    throw new UserError(
      `Cannot read the reference-style checkpoint: found "${surplus}", expected only names that ` +
        `begin with ${encoderPrefix} or ${headsPrefix}. Give the part "model" of a checkpoint`,
    );
  }
  const { config: shape, encoder } = fromEncoderNames(
    below(plain, encoderPrefix),
    "unic",
    { heads: options.heads },
  );
  const { width, depth } = shape;
  const { config, ladder } = fromLadderNames(
    below(plain, headsPrefix),
    { width, depth, grid: studentGrid(shape) },
    options.grids,
  );
  const student = new Map([
    ...[...encoder].map(([name, tensor]) => [`encoder.${name}`, tensor] as const),
    ...[...ladder].map(([name, tensor]) => [`ladder.${name}`, tensor] as const),
  ]);
  return { config: { encoder: shape, ladder: config }, student };
}
