/**
 * The memory of a training step, reckoned from shapes before anything is opened. It counts what must be
 * there at the same time, so it is a lower bound: what it refuses would not have fitted.
 *
 * @module
 */
import type { MemoryEstimate } from "../../io/memory.ts";
import { blocksOf, studentLayout } from "../../method/student.ts";
import { keptTokensOf } from "../../recipe/feature_cache.ts";
import {
  encoderConfigOf,
  isTransformerStudent,
  studentConfigOf,
} from "../../recipe/student_config.ts";
import { keptCount } from "../../nn/kept_tokens.ts";
import { placedLayers } from "../../nn/convolutional/network.ts";
import { convolutionalStages } from "../../nn/convolutional/convolutional_config.ts";
import { encoderStages, isTransformer } from "../../nn/encoder.ts";
import type { Grid } from "../../nn/token_grid.ts";
import type { Recipe } from "../../recipe/options.ts";
import type { BackboneSpec } from "../../teachers/backbone_spec.ts";
import { inputFloats, tokenGrid } from "../../teachers/backbone_memory.ts";
import { zoo } from "../../teachers/zoo/entries.ts";
import type { TeacherShape } from "../../method/tokens.ts";
import { stateBytes } from "./state_bytes.ts";

const bytesOfNumber = 4;

/** Numbers of a block that wait for the gradient, per token and unit of width: see the tests for peaks. */
const keptByBlock = 8;
/** Numbers of a hidden layer that wait for the gradient, per token and hidden unit. */
const keptByHidden = 2;
/** Numbers of a convolution that wait for the gradient, per output: its activation. */
const keptByLayer = 1;
/** Numbers of a prediction and its distance, per token and unit of the teacher's width. */
const keptByPrediction = 2;

/**
 * Memory of the steps of a recipe, for as many of its teachers as are known by name.
 *
 * @param processes that share every batch: the memory is that of one of them
 */
export function trainingMemory(recipe: Recipe, processes = 1): MemoryEstimate {
  const { images: { size, canvas }, optimization: { batchSize, accumulate = 1 } } = recipe;
  const known = recipe.teachers.flatMap((teacher) => shapeOfSpec(teacher, keptTokensOf(recipe)));
  const shapes = known.length === 0 ? [smallestTeacher] : known.map(({ shape }) => shape);
  const config = studentConfigOf(recipe, shapes);
  const pixels = 3 * bytesOfNumber;
  // What one part at a time needs, per image of the whole batch.
  const inParts = bytesOfNumber / accumulate;
  const layout = studentLayout(config), { sharded = false } = recipe.optimization;
  const { parameters, moments } = stateBytes(layout, { processes, sharded });
  return {
    // The state, the gradient of each tensor and all of them in one, and the sum of the parts.
    fixed: parameters + moments + (accumulate > 1 ? 3 : 2) * bytesOfNumber * layout.size,
    perItem: {
      // The images and views of this batch and of the next.
      images: 2 * pixels * (canvas ** 2 + size ** 2),
      "the student's activations": inParts * studentFloats(recipe),
      projectors: inParts * projectorFloats(recipe, known),
      targets: bytesOfNumber *
        known.reduce((sum, teacher) => sum + targetFloats(recipe, teacher), 0),
      "the teachers' activations": inParts * Math.max(0, ...known.map(({ floats }) => floats)),
    },
    items: batchSize / processes,
  };
}

/** Stands for teachers of which nothing is known. */
const smallestTeacher: TeacherShape = { name: "unknown", width: 1, tokens: ["cls"], grid: [1, 1] };

interface KnownTeacher {
  readonly shape: TeacherShape;
  /** Numbers that its forward pass holds at once, per image. */
  readonly floats: number;
}

/** Teachers of the zoo; what is in a checkpoint is not known before it is opened. */
function shapeOfSpec(
  { name, checkpoint, inputSize }: BackboneSpec,
  tokens: TeacherShape["tokens"],
): KnownTeacher[] {
  const entry = checkpoint === undefined ? zoo.find((entry) => entry.name === name) : undefined;
  if (entry === undefined) return [];
  const { width, input } = entry;
  const side = inputSize ?? input.size;
  const shape = { name, width, tokens, grid: tokenGrid(entry, side) };
  return [{ shape, floats: inputFloats(entry, side) }];
}

/** Numbers of the encoder that wait for the gradient, per image. */
function studentFloats(recipe: Recipe): number {
  const { student, images: { size } } = recipe;
  if (!isTransformerStudent(student)) return convolutionFloats(recipe);
  const { width, depth, heads, patchSize, mlpRatio, registers = 0, tokenMask } = student;
  const tokens = 1 + registers + keptCount((size / patchSize) ** 2, tokenMask);
  const linear = keptByBlock * width + keptByHidden * mlpRatio * width;
  // Logits of the attention and what the softmax makes of them.
  const block = tokens * (linear + 2 * heads * tokens);
  return student.recompute ? depth * tokens * width + block : depth * block;
}

/** Numbers of the trained stages that wait for the gradient, per image: the activations of each layer. */
function convolutionFloats(recipe: Recipe): number {
  const config = encoderConfigOf(recipe);
  if (isTransformer(config)) return 0;
  const { freeze = 0, recompute } = recipe.student;
  const byStage: number[] = [], ends: number[] = [];
  for (
    const { stage, side, layer } of placedLayers(convolutionalStages(config), config.imageSize)
  ) {
    if (stage < freeze) continue;
    ends[stage] = side ** 2 * layer.outputs;
    byStage[stage] = (byStage[stage] ?? 0) + keptByLayer * ends[stage];
  }
  const sum = (floats: number[]) => floats.reduce((sum, one) => sum + one, 0);
  return recompute ? sum(ends) + Math.max(0, ...byStage.filter(Boolean)) : sum(byStage);
}

/** Numbers of heads and predictions, per image: of all teachers, or of the largest where one at a time is there. */
function projectorFloats(recipe: Recipe, known: readonly KnownTeacher[]): number {
  const { encoder, ladder } = studentConfigOf(recipe, [smallestTeacher]);
  const { width, grid } = encoderStages(encoder).at(-1)!, rungs = blocksOf({ encoder, ladder });
  const { hidden = width, lastHidden = 4 * width } = "lastHidden" in ladder
    ? { hidden: width, ...ladder }
    : { hidden: width };
  const units = (rungs.length - 1) * hidden + lastHidden;
  const floats = known.map(({ shape }) =>
    tokensOf(shape, grid) *
    (keptByHidden * units + keptByPrediction * predictedWidth(recipe, shape))
  );
  return recipe.ladder.recompute
    ? Math.max(0, ...floats)
    : floats.reduce((sum, one) => sum + one, 0);
}

/** Numbers of a teacher's features of one image, whole and standardised. */
function targetFloats(recipe: Recipe, { shape }: KnownTeacher): number {
  const { grid } = encoderStages(encoderConfigOf(recipe)).at(-1)!;
  const predicted = predictedWidth(recipe, shape);
  return tokensOf(shape, grid) * (predicted < shape.width ? shape.width + predicted : shape.width);
}

/** Width of what is learnt of a teacher's features. */
function predictedWidth({ standardizer: { axes = Infinity } }: Recipe, { width }: TeacherShape) {
  return Math.min(axes, width);
}

/** Tokens of a teacher that are compared. */
function tokensOf({ tokens, grid: [rows, columns] }: TeacherShape, own: Grid): number {
  return tokens.includes("patch") ? 1 + Math.min(own[0] * own[1], rows * columns) : 1;
}
