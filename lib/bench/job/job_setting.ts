/** What `deno task bench job` measures: a whole distillation, from encoded files to an updated student. */
import type { Recipe } from "../../recipe/options.ts";
import { defineRecipe } from "../../recipe/recipe.ts";

/** A job; every number may be changed by `--set`. PyTorch is given the same, as JSON. */
export interface JobSetting {
  readonly student: JobStudent;
  /** Image files, each seen once in a pass. */
  readonly images: number;
  /** Side of the encoded images in pixels. */
  readonly fileSide: number;
  /** Images of a step. */
  readonly batch: number;
  /** Side of the views in pixels, and that of the packed images from which they are cut. */
  readonly size: number;
  readonly canvas: number;
  /** Side at which MobileNetV2 sees the views. */
  readonly mobilenetSize: number;
  /** Blocks, and width of the tokens, of a transformer. */
  readonly depth: number;
  readonly width: number;
  /** Hidden width of the heads of a convolutional student. */
  readonly hidden: number;
}

/** Kinds of students. */
export type JobStudent = "transformer" | "mobilenet_v2";

/** Side of a patch, and width of an attention head, of the transformer. */
export const patchSize = 8, headWidth = 64;

/** Stages that the ladder of a MobileNetV2 reads. */
export const mobilenetBlocks = [6, 10, 13, 16, 18] as const;

const common = { images: 384, fileSide: 256, batch: 32, depth: 12, width: 192, hidden: 512 };

/**
 * The settings by the student's kind: a ViT-Ti/8 that learns CLS and patches, and a MobileNetV2 that learns
 * CLS, both of teachers that lie with the package.
 */
export const jobSettings: Readonly<Record<JobStudent, JobSetting>> = {
  transformer: { student: "transformer", ...common, size: 64, canvas: 96, mobilenetSize: 128 },
  mobilenet_v2: { student: "mobilenet_v2", ...common, size: 96, canvas: 128, mobilenetSize: 96 },
};

/**
 * The recipe of a job: two passes over one view of each image. The first asks the teachers and keeps what
 * they say, the second reads it.
 *
 * @param files folder of the encoded images
 */
export function jobRecipe(setting: JobSetting, files: string): Recipe {
  const { student, size, canvas, batch, width, depth, hidden, mobilenetSize } = setting;
  const isTransformer = student === "transformer";
  return defineRecipe({
    name: `bench_job_${student}`,
    images: { sources: [{ path: files }], size, canvas, views: 1 },
    teachers: [
      { name: "mobilenet_v2_imagenet", inputSize: mobilenetSize },
      "world_shape",
      "world_texture",
    ],
    student: isTransformer
      ? { width, depth, heads: Math.max(1, Math.floor(width / headWidth)), patchSize }
      : { kind: student },
    ladder: isTransformer ? {} : { blocks: [...mobilenetBlocks], hidden, lastHidden: hidden },
    optimization: { batchSize: batch, epochs: 2, learningRate: 3e-4 },
    mode: isTransformer ? "xla" : "graph",
    featureCache: { tokens: isTransformer ? ["cls", "patch"] : ["cls"] },
  });
}

/** All kinds of students. */
export const jobStudents = Object.keys(jobSettings) as JobStudent[];
