/** The arithmetic of a student, counted from its shapes. */
import { studentLayout } from "../../method/student.ts";
import type { StudentConfig } from "../../method/student.ts";
import { stageGrids } from "../../nn/convolutional/network.ts";
import { type ConvolutionalConfig, convolutionalStages, isTransformer } from "../../nn/encoder.ts";
import { keptCount } from "../../nn/kept_tokens.ts";
import { studentGrid } from "../../nn/vision_transformer.ts";

/**
 * Floating-point operations of one image through encoder and projectors, two for each multiplication and
 * addition. Element-wise work is left out.
 *
 * @param imageSize height and width of the image in pixels; default: the student's own
 */
export function studentOperations(
  student: StudentConfig,
  imageSize = student.encoder.imageSize,
): number {
  // A student whose own size it is does the same.
  const ladder = { ...student.ladder, ownGrid: undefined };
  const encoder = { ...student.encoder, imageSize }, config = { ...student, encoder, ladder };
  if (!isTransformer(encoder)) return convolutionOperations(encoder, config);
  const { width, depth, registers = 0 } = encoder;
  const [rows, columns] = studentGrid(encoder);
  const patches = keptCount(rows * columns, config.tokenMask), tokens = 1 + registers + patches;
  const matrices = studentLayout(config).entries.filter(({ shape }) => shape.length > 1);
  const products = matrices.reduce(
    (sum, { name, size }) => sum + size * rowsThrough(name, { patches, tokens, imageSize }),
    0,
  );
  // Tokens with tokens, and the attention with the values.
  return 2 * (products + 2 * depth * tokens * tokens * width);
}

/** Of a convolutional student: its trained stages and its projectors. */
function convolutionOperations(encoder: ConvolutionalConfig, config: StudentConfig): number {
  const stages = convolutionalStages(encoder), grids = stageGrids(stages, encoder.imageSize);
  const [patchRows, patchColumns] = config.ladder.grid, patches = patchRows * patchColumns;
  const products = studentLayout(config).entries.reduce((sum, { name, shape, size }) => {
    const stage = Number(/^encoder\.stages\.(\d+)\./.exec(name)?.[1] ?? -1);
    if (shape.length < 2 || stage >= 0 && stage < (config.freeze ?? 0)) return sum;
    const [rows, columns] = grids[stage] ?? [0, 0];
    const through = { patches, tokens: patches, imageSize: encoder.imageSize };
    return sum + size * (stage < 0 ? rowsThrough(name, through) : rows * columns);
  }, 0);
  return 2 * products;
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
