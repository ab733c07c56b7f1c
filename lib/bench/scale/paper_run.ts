/** UNIC's own setting as a run whose cost is reckoned. */
import { type CostedRun, transformerCost } from "../../training/scale/step_cost.ts";

/** Sizes; every one is a number that `--set` may change. */
export interface ScaleSetting {
  /** Of the student and of each teacher. */
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  readonly patchSize: number;
  readonly imageSize: number;
  readonly teachers: number;
  /** Images of an update. */
  readonly batch: number;
  /** Images of a pass, and passes. */
  readonly images: number;
  readonly epochs: number;
  /** Side of the images as they are kept, in pixels. */
  readonly canvas: number;
  /** Images that one device takes at once, at most. */
  readonly atOnce: number;
}

/**
 * ViT-B/16 with four teachers ViT-B/16 on the images of ImageNet-1K at 224 px, 128 of them on each of four cards.
 *
 * @source UNIC, appendix A: 200 epochs with teacher dropping, 100 without
 */
export const scaleSetting: ScaleSetting = {
  ...{ width: 768, depth: 12, heads: 12, patchSize: 16, imageSize: 224, teachers: 4 },
  ...{ batch: 512, images: 1_281_167, epochs: 200, canvas: 256, atOnce: 128 },
};

/** What of a run may differ from the plain one. */
export interface RunWays {
  /** Parts in which a device takes its images. Default 1. */
  readonly accumulate?: number;
  /** Whether blocks and heads are computed once more for the gradient. Default false. */
  readonly recompute?: boolean;
  /** Whether the moments are shared out. Default false. */
  readonly sharded?: boolean;
}

/** The run of a setting. */
export function paperRun(setting: ScaleSetting, ways: RunWays = {}): CostedRun {
  const { width, depth, heads, patchSize, imageSize, batch, images, epochs, canvas } = setting;
  const { accumulate = 1, recompute = false, sharded = false } = ways;
  const encoder = { imageSize, patchSize, width, depth, heads }, side = imageSize / patchSize;
  const teachers = Array.from({ length: setting.teachers }, (_, i) => ({
    name: `teacher_${i}`,
    width,
    tokens: ["cls", "patch"] as const,
    grid: [side, side] as const,
  }));
  return {
    student: {
      encoder,
      ladder: { width, depth, grid: [side, side], teachers },
      ...recompute && { recompute: true, recomputeHeads: true },
    },
    teachers: teachers.map(() => transformerCost(encoder)),
    ...{ batchSize: batch, accumulate, images, epochs, canvas, sharded },
  };
}
