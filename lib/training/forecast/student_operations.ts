/** The arithmetic of a student, counted from its shapes. */
import { studentLayout } from "../../method/student.ts";
import type { StudentConfig } from "../../method/student.ts";
import { placedLayers } from "../../nn/convolutional/network.ts";
import {
  type ConvolutionalConfig,
  convolutionalStages,
} from "../../nn/convolutional/convolutional_config.ts";
import { attentionWidths } from "../../nn/attention.ts";
import { blockConfigOf } from "../../nn/block_shapes.ts";
import { isTransformer } from "../../nn/encoder.ts";
import { isFrozen } from "../../recipe/parameter_groups.ts";
import { keptCount } from "../../nn/kept_tokens.ts";
import { studentGrid, type VisionTransformerConfig } from "../../nn/vision_transformer.ts";

/**
 * Floating-point operations of one image through what is trained of a student, encoder and projectors: two
 * for each multiplication and addition. Element-wise work is left out.
 *
 * @param imageSize height and width of the image in pixels; default: the student's own
 */
export function studentOperations(config: StudentConfig, imageSize?: number): number {
  return operations(ofSize(config, imageSize), false);
}

/** As {@linkcode studentOperations}, of the frozen stages, for which no gradient is computed. */
export function frozenOperations(config: StudentConfig, imageSize?: number): number {
  return operations(ofSize(config, imageSize), true);
}

/** A student whose own size it is does the same. */
function ofSize(
  student: StudentConfig,
  imageSize: number = student.encoder.imageSize,
): StudentConfig {
  const ladder = { ...student.ladder, ownGrid: undefined };
  return { ...student, encoder: { ...student.encoder, imageSize }, ladder };
}

function operations(config: StudentConfig, frozen: boolean): number {
  const { encoder, freeze = 0, ladder: { grid: [rows, columns] } } = config;
  if (isTransformer(encoder)) return transformerOperations(encoder, config, frozen);
  const ofStages = stageOperations(encoder, (stage) => stage < freeze === frozen);
  if (frozen) return ofStages;
  const patches = rows * columns, { imageSize } = encoder;
  const projectors = studentLayout(config).entries
    .filter(({ name, shape }) => name.startsWith("ladder.") && shape.length > 1);
  return ofStages + 2 * throughMatrices(projectors, { patches, tokens: patches, imageSize });
}

function transformerOperations(
  encoder: VisionTransformerConfig,
  config: StudentConfig,
  frozen: boolean,
): number {
  const { depth, imageSize, registers = 0 } = encoder, { freeze = 0 } = config;
  const [rows, columns] = studentGrid(encoder);
  const patches = keptCount(rows * columns, config.tokenMask), tokens = 1 + registers + patches;
  const matrices = studentLayout(config).entries
    .filter(({ name, shape }) => shape.length > 1 && isFrozen(name, freeze) === frozen);
  const products = throughMatrices(matrices, { patches, tokens, imageSize });
  // Tokens with tokens, and the attention with the values.
  const [from, to] = frozen ? [0, freeze] : [freeze, depth];
  let pairs = 0;
  for (let block = from; block < to; block++) {
    const { queries, values } = attentionWidths(blockConfigOf(encoder, block));
    pairs += queries + values;
  }
  return 2 * (products + tokens * tokens * pairs);
}

/** Multiplications of the rows that go through matrices. */
function throughMatrices(
  matrices: readonly { readonly name: string; readonly size: number }[],
  rows: Parameters<typeof rowsThrough>[1],
): number {
  return matrices.reduce((sum, { name, size }) => sum + size * rowsThrough(name, rows), 0);
}

function stageOperations(
  encoder: ConvolutionalConfig,
  counts: (stage: number) => boolean,
): number {
  return placedLayers(convolutionalStages(encoder), encoder.imageSize)
    .filter(({ stage }) => counts(stage))
    .reduce(
      (sum, { layer: { kernel, inputs, outputs, depthwise }, side }) =>
        sum + 2 * side ** 2 * kernel ** 2 * outputs * (depthwise === true ? 1 : inputs),
      0,
    );
}

/** Rows that are multiplied by a matrix, by its name. */
function rowsThrough(
  name: string,
  { patches, tokens, imageSize }: {
    readonly patches: number;
    readonly tokens: number;
    readonly imageSize: number;
  },
): number {
  if (/^encoder\.(cls|position|registers)/.test(name)) return 0;
  if (name.startsWith("encoder.blocks.")) return tokens;
  // Each stage of a convolution stem halves the side.
  const stage = /^encoder\.stem\.stages\.(\d+)/.exec(name)?.[1];
  if (stage !== undefined) return (imageSize / 2 ** (Number(stage) + 1)) ** 2;
  if (name.startsWith("ladder.cls.")) return 1;
  const [, rows, columns] = /^ladder\.patch_(\d+)x(\d+)\./.exec(name) ?? [];
  return rows === undefined ? patches : Number(rows) * Number(columns);
}
