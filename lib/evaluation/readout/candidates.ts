/** The readouts that are tried: one short list for teachers, students and baselines alike. */
import { encoderStages } from "../../nn/encoder.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { asItIs, type Readout } from "../../teachers/readout/readout.ts";

/** Depths of the late stages that are read beside the last, as shares of the number of the last. */
const depths = [0.9, 0.75, 0.5] as const;

/** Weights that are tried for the predictions of a teacher. */
const weights = [0.5, 0.7, 1] as const;

/**
 * The readouts that are tried first: the feature as it is, the same standardised, and beside it one, two or
 * three stages at nine, seven and a half and five tenths of the depth, standardised; two of them raw, too. Of a
 * network whose stages cannot be seen, the first two.
 *
 * @example
 * ```ts
 * import { firstCandidates } from "./candidates.ts";
 * import { loadTeacher } from "@hashigo/hashigo/teachers";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * await startEngine();
 * const teacher = await loadTeacher("resnet20_cifar10");
 * const stages = firstCandidates(teacher).map(({ stages }) => stages.join(" "));
 * if (stages[3] !== "last 8 6") throw new Error("Ten stages, 0 to 9");
 * ```
 */
export function firstCandidates(
  { encoder, stages }: Pick<Backbone, "encoder" | "stages">,
): Readout[] {
  const alone: Readout[] = [asItIs, { ...asItIs, standardized: true }];
  if (encoder === undefined || stages === undefined) return alone;
  const last = encoderStages(encoder).length - 1;
  const late = [...new Set(depths.map((depth) => Math.floor(depth * last)))]
    .filter((stage) => stage < last);
  const beside = late.map((_, i): Readout => ({ stages: ["last", ...late.slice(0, i + 1)] }));
  return [
    ...alone,
    ...beside.map((readout) => ({ ...readout, standardized: true })),
    ...beside.slice(1, 2),
  ];
}

/**
 * What is tried beside the best so far: the predictions of one more teacher, at weights 0.5, 0.7 and 1. Only
 * students of runs have predictions.
 *
 * @example
 * ```ts
 * import { extendByPredictions } from "./candidates.ts";
 * const more = extendByPredictions({ stages: ["last"], predictions: { a: 1 } }, ["a", "b"]);
 * if (more.length !== 3 || more[0]?.predictions?.b !== 0.5) throw new Error("b at three weights");
 * ```
 */
export function extendByPredictions(best: Readout, teachers: readonly string[]): Readout[] {
  const { predictions = {} } = best;
  return teachers.filter((teacher) => !(teacher in predictions)).flatMap((teacher) =>
    weights.map((weight) => ({ ...best, predictions: { ...predictions, [teacher]: weight } }))
  );
}
