/** What `deno task bench step` times. */
import { imagenetNormalization } from "../images/normalize.ts";
import type { StepConfig } from "../method/step.ts";
import type { Layout } from "../tensors/parameters.ts";
import type { StudentConfig, StudentParameters } from "../method/student.ts";
import { encoderStages, isTransformer } from "../nn/encoder.ts";
import { optimizerOf } from "../recipe/parameter_groups.ts";
import { defineRecipe } from "../recipe/recipe.ts";

/** Shape of the step of a vision transformer; PyTorch is given the same, as JSON. */
export interface TransformerSetting {
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

/** Shape of the step of a convolutional student that starts from its first teacher. */
export interface ConvolutionalSetting {
  readonly student: "mobilenet_v2";
  readonly batch: number;
  readonly imageSize: number;
  /** Stages that are not trained; the step takes what they give. */
  readonly freeze: number;
  /** Stages that the ladder reads, and the hidden width of its heads. */
  readonly blocks: readonly number[];
  readonly hidden: number;
  /** Widths of the teachers' CLS tokens. */
  readonly teacherWidths: readonly number[];
}

/** Shape of a step; a transformer's carries no name of a student. */
export type BenchSetting = TransformerSetting | ConvolutionalSetting;

/** The settings by the student's kind. */
export const standardSettings = {
  /** ViT-Ti/8 at 64 pixels with four teachers of width 768, batch 32. */
  transformer: {
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
  } satisfies TransformerSetting as TransformerSetting,
  /** MobileNetV2 at 96 pixels from its seventh block on, as the main run trains it. */
  mobilenet_v2: {
    student: "mobilenet_v2",
    batch: 64,
    imageSize: 96,
    freeze: 7,
    blocks: [6, 10, 13, 16, 18],
    hidden: 512,
    teacherWidths: [1280, 1280, 64, 320],
  } satisfies ConvolutionalSetting as ConvolutionalSetting,
} as const;

/** Kinds of students whose step can be timed. */
export type BenchStudent = keyof typeof standardSettings;

/** Whether a setting is that of a convolutional student. */
export function isConvolutional(setting: BenchSetting): setting is ConvolutionalSetting {
  return "student" in setting;
}

/** The student of a setting, with its ladder. */
export function studentOf(setting: BenchSetting): StudentConfig {
  return isConvolutional(setting) ? convolutionalOf(setting) : transformerOf(setting);
}

function transformerOf(setting: TransformerSetting): StudentConfig {
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

function convolutionalOf(setting: ConvolutionalSetting): StudentConfig {
  const { student: kind, imageSize, freeze, blocks, hidden, teacherWidths } = setting;
  const encoder = { kind, imageSize }, stages = encoderStages(encoder);
  const { width, grid } = stages.at(-1)!;
  const teachers = teacherWidths.map((teacherWidth, i) => ({
    name: `teacher_${i}`,
    width: teacherWidth,
    tokens: ["cls"] as const,
    grid,
  }));
  return {
    encoder,
    ladder: {
      ...{ width, depth: stages.length, grid, stages, teachers, blocks },
      ...{ hidden, lastHidden: hidden, standardized: true, source: teachers[0]!.name },
    },
    freeze,
  };
}

/** Groups of AdamW and the limit of the gradient, as the main run has them for its pretrained student. */
const warmStart = {
  learningRates: { backbone: 2e-4, heads: 2e-3 },
  decay: "heads",
  maximumGradientNorm: 3,
} as const;

/** The constants of the step: those that a recipe has by default, and groups where a student starts warm. */
export function stepConfigOf(
  student: StudentConfig,
  layout: Layout<StudentParameters>,
): StepConfig {
  const { imageSize } = student.encoder;
  const { balancing, standardizer, optimization } = defineRecipe({
    name: "bench",
    images: { sources: [{ world: { seed: 0, images: 1 } }], size: imageSize },
    teachers: student.ladder.teachers.map(({ name }) => name),
    // None of the constants depends on the student.
    student: { patchSize: imageSize, width: 8, depth: 1, heads: 1 },
    optimization: { batchSize: 2, steps: 1 },
  });
  return {
    student,
    layout,
    input: { size: imageSize, ...imagenetNormalization },
    balancing,
    standardizer: standardizer.kind,
    optimizer: optimizerOf({
      optimization: isTransformer(student.encoder)
        ? optimization
        : { ...optimization, ...warmStart },
      student,
    }),
  };
}
