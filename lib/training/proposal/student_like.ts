/** A student of the shape of a network, whose weights it starts from. */
import { type EncoderConfig, encoderStages, isTransformer } from "../../nn/encoder.ts";
import type { RecipeInput } from "../../recipe/input.ts";
import { usualNormalization } from "../../recipe/student_config.ts";
import type { MeasuredNetwork } from "./facts.ts";

/** Whether a network is one that a student can be. */
export function canStartStudent({ encoder }: Pick<MeasuredNetwork, "encoder">): boolean {
  // A MobileNetV2 without its head is no student of that kind.
  return encoder !== undefined && !("head" in encoder && encoder.head === false);
}

/**
 * The student of a recipe that is like a network and starts from it, its first third frozen: edges and textures
 * are known already, and what does not change is computed once.
 *
 * @param source a network that {@linkcode canStartStudent}
 * @param size side in pixels of the images that enter
 */
export function studentLike(
  { spec, encoder, ownInput }: MeasuredNetwork,
  size: number,
): RecipeInput["student"] {
  const from = spec.checkpoint ?? spec.name;
  const freeze = Math.floor(encoderStages(encoder!).length / 3);
  const student = shapeOf(encoder!, size);
  const start = { from, ...freeze > 0 && { freeze } };
  const usual = usualNormalization(student.kind);
  const { mean, std } = ownInput;
  const isUsual = `${mean}` === `${usual.mean}` && `${std}` === `${usual.std}`;
  return { ...student, ...start, ...!isUsual && { mean, std } };
}

/**
 * Stages that a ladder reads of a student of so many stages: the last frozen one, and then one in four of the
 * others to the last.
 */
export function rungsOf(stages: number, freeze: number): number[] {
  const first = Math.max(0, freeze - 1), last = stages - 1;
  return [
    ...new Set([0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(first + share * (last - first)))),
  ];
}

function shapeOf(encoder: EncoderConfig, size: number): RecipeInput["student"] {
  if (isTransformer(encoder)) {
    const { width, depth, heads, patchSize, mlpRatio, registers, layerScale, stem } = encoder;
    const { hiddenWidths, headCounts, queryWidths } = encoder;
    return {
      ...{ width, depth, heads, patchSize, dropPath: 0 },
      ...mlpRatio !== undefined && { mlpRatio },
      ...registers ? { registers } : {},
      ...layerScale !== undefined && { layerScale },
      ...stem !== undefined && { stem },
      ...hiddenWidths !== undefined && { hiddenWidths },
      ...headCounts !== undefined && { headCounts },
      ...queryWidths !== undefined && { queryWidths },
    };
  }
  const { imageSize: _imageSize, scaled: _scaled, ...shape } = encoder;
  return { ...shape, inputSize: size };
}
