/** What the numbers of a run suggest to do next, in a sentence or two under its outcome. */
import { describeStudent } from "../../../recipe/describe_student.ts";
import type { EvaluationRow } from "../../../metrics/comparison/evaluation_row.ts";
import type { StepReport } from "../../../runs/step_report.ts";
import { grouped, percent } from "../../format.ts";
import type { ReportInput } from "../report_input.ts";
import { meanOf } from "../../../metrics/mean_of.ts";

/** Falls of the loss over the last quarter of a run that are more, or less, than the noise of its steps. */
const [stillFalling, flat] = [0.05, 0.02];

/** Halves of intervals that are too wide to see a difference, in points. */
const wideInterval = 2;

/** Sentences, the most useful first; none where nothing follows from the numbers. */
export function adviceOn(input: ReportInput): string[] {
  return [...adviceOnLength(input), ...adviceOnImages(input.rows)];
}

/** Whether more steps would help. */
function adviceOnLength({ reports, recipe, rows }: ReportInput): string[] {
  const last = reports.at(-1);
  if (last === undefined) return [];
  const passes = `${last.epoch.toFixed(1)} passes`;
  if (last.step < last.steps) {
    return [
      `The run stands at step ${grouped(last.step)} of ${
        grouped(last.steps)
      } (${passes}): resume it.`,
    ];
  }
  const fall = lateFall(reports);
  if (fall === undefined) return [];
  const { budget, optimization: { epochs } } = recipe;
  const longer = budget !== undefined
    ? `budget.minutes=${2 * budget.minutes}`
    : epochs === undefined
    ? `optimization.steps=${2 * last.steps}`
    : `optimization.epochs=${2 * epochs}`;
  if (fall > stillFalling || last.epoch < 1) {
    return [
      `The loss is still falling after ${passes} (by ${
        percent(Math.max(0, fall))
      } over the last quarter of the ` +
      `run): a longer run, such as --set ${longer}, brings the student closer to its teachers.`,
    ];
  }
  const loses = rows.some(({ verdict }) => verdict?.outcome === "loss");
  if (fall > flat || !loses) return [];
  return [
    `The loss has been flat for the last quarter of the run (${passes}): more steps alone would change little. A ` +
    `larger student (now ${describeStudent(recipe)}) or more images may.`,
  ];
}

/** By which share the loss fell over the last quarter of the run; losses of all teachers count alike. */
function lateFall(reports: readonly StepReport[]): number | undefined {
  const size = Math.floor(reports.length / 8);
  if (size < 2) return undefined;
  const mean = (part: readonly StepReport[]) => {
    const totals = part.map(({ losses }) =>
      meanOf(Object.values(losses).map(({ total }) => total))
    );
    return meanOf(totals.filter(Number.isFinite));
  };
  const before = mean(reports.slice(-3 * size, -2 * size));
  const fall = 1 - mean(reports.slice(-size)) / before;
  return Number.isFinite(fall) ? fall : undefined;
}

/** Whether more test images would tell more. */
function adviceOnImages(rows: readonly EvaluationRow[]): string[] {
  const unsure = rows.filter(({ verdict }) =>
    verdict?.outcome === "tie" && (verdict.high - verdict.low) / 2 > wideInterval
  );
  const [widest] = unsure.toSorted((a, b) => a.images - b.images);
  if (widest?.verdict === undefined) return [];
  const half = ((widest.verdict.high - widest.verdict.low) / 2).toFixed(1);
  return [
    `A tie within ±${half} points, as on ${widest.task}, says little: with more than ` +
    `${grouped(widest.images)} test images the interval is narrower.`,
  ];
}
