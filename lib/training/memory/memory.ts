/**
 * The memory of a training step, reckoned from shapes before anything is opened. It counts what must be
 * there at the same time, so it is a lower bound: what it refuses would not have fitted.
 *
 * @module
 */
import type { MemoryEstimate } from "../../io/memory.ts";
import { studentLayout } from "../../method/student.ts";
import type { TeacherShape } from "../../method/tokens.ts";
import { keptTokensOf } from "../../recipe/feature_cache.ts";
import type { Recipe } from "../../recipe/options.ts";
import { studentConfigOf } from "../../recipe/student_config.ts";
import { inputFloats, tokenGrid } from "../../teachers/backbone_memory.ts";
import type { BackboneSpec } from "../../teachers/backbone_spec.ts";
import { zoo } from "../../teachers/zoo/entries.ts";
import { encoderFloats, projectorFloats, targetFloats } from "./activations.ts";
import { gradientBytes, stateBytes } from "./state_bytes.ts";

const bytesOfNumber = 4;

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
  const teachers = known.length === 0 ? [] : config.ladder.teachers;
  const pixels = 3 * bytesOfNumber;
  // What one part at a time needs, per image of the whole batch.
  const inParts = bytesOfNumber / accumulate;
  const layout = studentLayout(config), { sharded = false } = recipe.optimization;
  const { parameters, moments } = stateBytes(layout, { processes, sharded });
  return {
    fixed: parameters + moments + gradientBytes(layout, accumulate),
    perItem: {
      // The images and views of this batch and of the next.
      images: 2 * pixels * (canvas ** 2 + size ** 2),
      "the student's activations": inParts * encoderFloats(config),
      projectors: inParts * projectorFloats(config, teachers),
      targets: bytesOfNumber *
        teachers.reduce((sum, teacher) => sum + targetFloats(config, teacher), 0),
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
