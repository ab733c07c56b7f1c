/** Comparison of students with the best of their teachers. */
import { randomStream } from "../../tensors/random.ts";
import { lowerIsBetter } from "./evaluation_metric.ts";
import { pairedBootstrap } from "./paired_bootstrap.ts";
import type { EvaluationRow, MeasuredRow, Verdict } from "./evaluation_row.ts";

/**
 * Adds a verdict to the row of every student that has a teacher beside it, by a
 * {@linkcode pairedBootstrap} over the test images of the task. The best teacher is picked by those same
 * images, which favours it a little; each verdict stands alone, so of twenty equal pairs about
 * one will seem to differ.
 *
 * @param seed draws the images, the same as for the intervals of {@linkcode evaluateModels}.
 * @throws {UserError} where the models of one task were measured on different numbers of images.
 *
 * @example
 * ```ts
 * import { addVerdicts } from "@hashigo/hashigo/metrics";
 * import type { MeasuredRow } from "./evaluation_row.ts";
 * const row = { task: "a", metric: "k-NN accuracy", low: 0, high: 100, images: 4, seconds: 1 };
 * const student = { role: "student", row: { ...row, model: "s", value: 50 } } as const;
 * const teacher = { role: "teacher", row: { ...row, model: "t", value: 75 } } as const;
 * const measured: MeasuredRow[] = [
 *   { ...student, scores: Float64Array.of(1, 0, 1, 0) },
 *   { ...teacher, scores: Float64Array.of(1, 1, 1, 0) },
 * ];
 * const [first] = addVerdicts(measured, 0);
 * if (first?.verdict?.outcome !== "tie") throw new Error("One image of four is no difference");
 * ```
 */
export function addVerdicts(measured: readonly MeasuredRow[], seed: number): EvaluationRow[] {
  return measured.map((result) => {
    const { role, row } = result;
    const teacher = role === "student" ? bestTeacher(measured, result) : undefined;
    return teacher === undefined ? row : { ...row, verdict: judge(result, teacher, seed) };
  });
}

function bestTeacher(
  measured: readonly MeasuredRow[],
  { row: { task, metric }, testImages }: MeasuredRow,
): MeasuredRow | undefined {
  const sign = lowerIsBetter(metric) ? -1 : 1;
  return measured
    .filter(({ role, row }) => role === "teacher" && row.task === task && row.metric === metric)
    // Of other images under the same name no difference could be taken.
    .filter((teacher) => teacher.testImages === testImages)
    .reduce<MeasuredRow | undefined>(
      (best, next) => best && sign * best.row.value >= sign * next.row.value ? best : next,
      undefined,
    );
}

function judge(student: MeasuredRow, teacher: MeasuredRow, seed: number): Verdict {
  const { task, metric } = student.row;
  const draws = randomStream(seed).at("bootstrap", task);
  const { difference, low, high, p } = pairedBootstrap(student.scores, teacher.scores, draws);
  const better = lowerIsBetter(metric) ? high < 0 : low > 0;
  const worse = lowerIsBetter(metric) ? low > 0 : high < 0;
  return {
    outcome: better ? "win" : worse ? "loss" : "tie",
    against: teacher.row.model,
    difference: 100 * difference,
    low: 100 * low,
    high: 100 * high,
    p,
  };
}
