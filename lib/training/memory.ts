/**
 * The memory of a training step, reckoned from shapes before anything is opened. It counts what must be
 * there at the same time, so it is a lower bound: what it refuses would not have fitted.
 *
 * @module
 */
import type { MemoryEstimate } from "../io/memory.ts";
import { blocksOf, studentLayout } from "../method/student.ts";
import { keptTokensOf } from "../recipe/feature_cache.ts";
import {
  encoderConfigOf,
  isTransformerStudent,
  studentConfigOf,
} from "../recipe/student_config.ts";
import { keptCount } from "../nn/kept_tokens.ts";
import { placedLayers } from "../nn/convolutional/network.ts";
import { convolutionalStages } from "../nn/convolutional/convolutional_config.ts";
import { encoderStages, isTransformer } from "../nn/encoder.ts";
import type { Recipe } from "../recipe/options.ts";
import type { BackboneSpec } from "../teachers/backbone_spec.ts";
import { inputFloats, tokenGrid } from "../teachers/backbone_memory.ts";
import { zoo } from "../teachers/zoo/entries.ts";
import type { TeacherShape } from "../method/tokens.ts";

const bytesOfNumber = 4;

/** Numbers of a block that wait for the gradient, per token and unit of width: see the tests for peaks. */
const keptByBlock = 8;
/** Numbers of a hidden layer that wait for the gradient, per token and hidden unit. */
const keptByHidden = 2;
/** Numbers of a convolution that wait for the gradient, per output: its activation. */
const keptByLayer = 1;
/** Numbers of a target and its prediction, per token and unit of the teacher's width. */
const keptByTarget = 3;

/** Memory of the steps of a recipe, for as many of its teachers as are known by name. */
export function trainingMemory(recipe: Recipe): MemoryEstimate {
  const { images: { size, canvas }, optimization: { batchSize } } = recipe;
  const known = recipe.teachers.flatMap((teacher) => shapeOfSpec(teacher, keptTokensOf(recipe)));
  const shapes = known.length === 0 ? [smallestTeacher] : known.map(({ shape }) => shape);
  const config = studentConfigOf(recipe, shapes);
  const pixels = 3 * bytesOfNumber;
  return {
    // Parameters, their gradient and two moments; after the update all but the gradient once more.
    fixed: 7 * bytesOfNumber * studentLayout(config).size,
    perItem: {
      // The images and views of this batch and of the next.
      images: 2 * pixels * (canvas ** 2 + size ** 2),
      "the student's activations": bytesOfNumber * studentFloats(recipe),
      "projectors and targets": bytesOfNumber * projectorFloats(recipe, known),
      "the teachers' activations": bytesOfNumber *
        Math.max(0, ...known.map(({ floats }) => floats)),
    },
    items: batchSize,
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
  return depth * tokens * (linear + 2 * heads * tokens);
}

/** Numbers of the trained stages that wait for the gradient, per image: the activations of each layer. */
function convolutionFloats(recipe: Recipe): number {
  const config = encoderConfigOf(recipe);
  if (isTransformer(config)) return 0;
  const { freeze = 0 } = recipe.student;
  return placedLayers(convolutionalStages(config), config.imageSize)
    .filter(({ stage }) => stage >= freeze)
    .reduce((sum, { side, layer }) => sum + keptByLayer * side ** 2 * layer.outputs, 0);
}

/** Numbers of projectors, targets and losses, per image. */
function projectorFloats(recipe: Recipe, known: readonly KnownTeacher[]): number {
  const { encoder, ladder } = studentConfigOf(recipe, [smallestTeacher]);
  const { axes = Infinity } = recipe.standardizer;
  const { width, grid } = encoderStages(encoder).at(-1)!, rungs = blocksOf({ encoder, ladder });
  const { hidden = width, lastHidden = 4 * width } = "lastHidden" in ladder
    ? { hidden: width, ...ladder }
    : { hidden: width };
  const units = (rungs.length - 1) * hidden + lastHidden;
  const own = grid[0] * grid[1];
  return known.reduce((sum, { shape: { width, tokens, grid: [rows, columns] } }) => {
    const count = tokens.includes("patch") ? 1 + Math.min(own, rows * columns) : 1;
    // Whole features, and what the loss keeps of their axes.
    const targets = axes < width ? width + keptByTarget * axes : keptByTarget * width;
    return sum + count * (keptByHidden * units + targets);
  }, 0);
}
