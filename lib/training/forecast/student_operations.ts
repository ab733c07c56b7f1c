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
import { type EncoderConfig, encoderShapes, isTransformer } from "../../nn/encoder.ts";
import { isFrozen } from "../../recipe/parameter_groups.ts";
import { keptCount } from "../../nn/kept_tokens.ts";
import { layoutOfShapes } from "../../tensors/shapes.ts";
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

/** As {@linkcode studentOperations}, of the projectors alone. */
export function projectorOperations(config: StudentConfig): number {
  const { encoder, ladder: { grid: [rows, columns] } } = config, { imageSize } = encoder;
  const patches = isTransformer(encoder)
    ? keptCount(rows * columns, config.tokenMask)
    : rows * columns;
  const projectors = studentLayout(config).entries
    .filter(({ name, shape }) => name.startsWith("ladder.") && shape.length > 1);
  return 2 * throughMatrices(projectors, { patches, tokens: 1 + patches, imageSize });
}

/** As {@linkcode studentOperations}, of a network by itself, all of it: a frozen teacher. */
export function encoderOperations(encoder: EncoderConfig): number {
  if (!isTransformer(encoder)) return stageOperations(encoder, () => true);
  const { entries } = layoutOfShapes({ encoder: encoderShapes(encoder) });
  const [rows, columns] = studentGrid(encoder);
  const matrices = entries.filter(({ shape }) => shape.length > 1);
  const blocks = { from: 0, to: encoder.depth };
  return transformerOperations(encoder, matrices, { patches: rows * columns, ...blocks });
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
  const { encoder, freeze = 0 } = config;
  if (!isTransformer(encoder)) {
    const ofStages = stageOperations(encoder, (stage) => stage < freeze === frozen);
    return frozen ? ofStages : ofStages + projectorOperations(config);
  }
  const [rows, columns] = studentGrid(encoder);
  const matrices = studentLayout(config).entries
    .filter(({ name, shape }) => shape.length > 1 && isFrozen(name, freeze) === frozen);
  return transformerOperations(encoder, matrices, {
    patches: keptCount(rows * columns, config.tokenMask),
    ...frozen ? { from: 0, to: freeze } : { from: freeze, to: encoder.depth },
  });
}

function transformerOperations(
  encoder: VisionTransformerConfig,
  matrices: Parameters<typeof throughMatrices>[0],
  { patches, from, to }: { readonly patches: number; readonly from: number; readonly to: number },
): number {
  const { imageSize, registers = 0 } = encoder, tokens = 1 + registers + patches;
  const products = throughMatrices(matrices, { patches, tokens, imageSize });
  // Tokens with tokens, and the attention with the values.
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
