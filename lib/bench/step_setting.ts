/** What `deno task bench step` times. */
import { imagenetNormalization } from "../images/normalize.ts";
import type { StepConfig } from "../method/step.ts";
import type { Layout } from "../tensors/parameters.ts";
import type { StudentConfig, StudentParameters } from "../method/student.ts";
import { defineRecipe } from "../recipe/recipe.ts";

/** Shape of the step; PyTorch is given the same, as JSON. */
export interface BenchSetting {
  readonly batch: number;
  readonly imageSize: number;
  readonly patchSize: number;
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  /** Hidden width of the ladder's heads, and of those on the last block. */
  readonly hidden: number;
  readonly lastHidden: number;
  /** Number of teachers, each on the student's own grid. */
  readonly teachers: number;
  readonly teacherWidth: number;
}

/** ViT-Ti/8 at 64 pixels with four teachers of width 768, batch 32. */
export const standardSetting: BenchSetting = {
  batch: 32,
  imageSize: 64,
  patchSize: 8,
  width: 192,
  depth: 12,
  heads: 3,
  hidden: 192,
  lastHidden: 768,
  teachers: 4,
  teacherWidth: 768,
};

/** The student of a setting, with its ladder. */
export function studentOf(setting: BenchSetting): StudentConfig {
  const { imageSize, patchSize, width, depth, heads, hidden, lastHidden } = setting;
  const side = imageSize / patchSize, grid = [side, side] as const;
  const teachers = Array.from({ length: setting.teachers }, (_, i) => ({
    name: `teacher_${i}`,
    width: setting.teacherWidth,
    tokens: ["cls", "patch"] as const,
    grid,
  }));
  return {
    encoder: { imageSize, patchSize, width, depth, heads },
    ladder: { width, depth, grid, teachers, hidden, lastHidden },
  };
}

/** The constants of the step: those that a recipe has by default. */
export function stepConfigOf(
  student: StudentConfig,
  layout: Layout<StudentParameters>,
): StepConfig {
  const { imageSize, ...encoder } = student.encoder;
  const { balancing, standardizer, optimization } = defineRecipe({
    name: "bench",
    images: { sources: [{ world: { seed: 0, images: 1 } }], size: imageSize },
    teachers: student.ladder.teachers.map(({ name }) => name),
    student: encoder,
    optimization: { batchSize: 2, steps: 1 },
  });
  return {
    student,
    layout,
    input: { size: student.encoder.imageSize, ...imagenetNormalization },
    balancing,
    standardizer: standardizer.kind,
    optimizer: optimization,
  };
}
