/** Numbers that a step holds for each image, reckoned from the shapes of a student and its teachers. */
import { blocksOf, type StudentConfig } from "../../method/student.ts";
import type { TeacherShape } from "../../method/tokens.ts";
import {
  type ConvolutionalConfig,
  convolutionalStages,
} from "../../nn/convolutional/convolutional_config.ts";
import { placedLayers } from "../../nn/convolutional/network.ts";
import { encoderStages, isTransformer } from "../../nn/encoder.ts";
import { keptCount } from "../../nn/kept_tokens.ts";
import type { Grid } from "../../nn/token_grid.ts";
import { studentGrid } from "../../nn/vision_transformer.ts";

/** Numbers of a block that wait for the gradient, per token and unit of width: see the tests for peaks. */
const keptByBlock = 8;
/** Numbers of a hidden layer that wait for the gradient, per token and hidden unit. */
const keptByHidden = 2;
/** Numbers of a convolution that wait for the gradient, per output: its activation. */
const keptByLayer = 1;
/** Numbers of a prediction and its distance, per token and unit of the teacher's width. */
const keptByPrediction = 2;

/** Numbers of the encoder that wait for the gradient, per image. */
export function encoderFloats(config: StudentConfig): number {
  const { encoder, recompute, tokenMask } = config;
  if (!isTransformer(encoder)) return convolutionFloats(encoder, config);
  const { width, depth, heads, mlpRatio = 4, registers = 0 } = encoder;
  const [rows, columns] = studentGrid(encoder);
  const tokens = 1 + registers + keptCount(rows * columns, tokenMask);
  const linear = keptByBlock * width + keptByHidden * mlpRatio * width;
  // Logits of the attention and what the softmax makes of them.
  const block = tokens * (linear + 2 * heads * tokens);
  return recompute ? depth * tokens * width + block : depth * block;
}

/** Numbers of the trained stages that wait for the gradient, per image: the activations of each layer. */
function convolutionFloats(
  encoder: ConvolutionalConfig,
  { freeze = 0, recompute }: Pick<StudentConfig, "freeze" | "recompute">,
): number {
  const byStage: number[] = [], ends: number[] = [];
  for (
    const { stage, side, layer } of placedLayers(convolutionalStages(encoder), encoder.imageSize)
  ) {
    if (stage < freeze) continue;
    ends[stage] = side ** 2 * layer.outputs;
    byStage[stage] = (byStage[stage] ?? 0) + keptByLayer * ends[stage];
  }
  const sum = (floats: number[]) => floats.reduce((sum, one) => sum + one, 0);
  return recompute ? sum(ends) + Math.max(0, ...byStage.filter(Boolean)) : sum(byStage);
}

/**
 * Numbers of heads and predictions, per image: of all teachers, or of the largest where one at a time is there.
 *
 * @param teachers those that count. Default: all of the student's
 */
export function projectorFloats(
  { encoder, ladder, recomputeHeads }: StudentConfig,
  teachers: readonly TeacherShape[] = ladder.teachers,
): number {
  const { width, grid } = encoderStages(encoder).at(-1)!, rungs = blocksOf({ encoder, ladder });
  const { hidden = width, lastHidden = 4 * width } = "lastHidden" in ladder
    ? { hidden: width, ...ladder }
    : { hidden: width };
  const units = (rungs.length - 1) * hidden + lastHidden;
  const floats = teachers.map((teacher) =>
    comparedTokens(teacher, grid) * (keptByHidden * units + keptByPrediction * teacher.width)
  );
  return recomputeHeads ? Math.max(0, ...floats) : floats.reduce((sum, one) => sum + one, 0);
}

/** Numbers of a teacher's features of one image: as they come, and where axes of them are learnt those, too. */
export function targetFloats({ encoder }: StudentConfig, teacher: TeacherShape): number {
  const { grid } = encoderStages(encoder).at(-1)!, { width, featureWidth = 0 } = teacher;
  return comparedTokens(teacher, grid) * (width + featureWidth);
}

/** Tokens of a teacher that are compared. */
function comparedTokens({ tokens, grid: [rows, columns] }: TeacherShape, own: Grid): number {
  return tokens.includes("patch") ? 1 + Math.min(own[0] * own[1], rows * columns) : 1;
}
