/** What `distill` and `demo` share: a recipe to its end, with progress, comparison and report. */
import { evaluateRun } from "../../evaluation/evaluate_run.ts";
import type { Evaluation } from "../../evaluation/results.ts";
import { showProgress } from "../../tracking/progress.ts";
import type { Recipe } from "../../recipe/options.ts";
import { distill } from "../../training/distill.ts";
import type { DistillSummary } from "../../training/finish.ts";
import type { Tracker } from "../../tracking/trackers.ts";
import { reportRun } from "../../report/page/run_report.ts";

/** How to run. */
export interface RunRecipeOptions {
  readonly folder: string;
  readonly resume: boolean;
  /** Names of what may differ from what a resumed run was begun with. Default: nothing. */
  readonly allow?: readonly string[];
  /** Also told of every step. Default: nobody. */
  readonly trackers?: readonly Tracker[];
  readonly signal: AbortSignal;
  /** At most so many train and test images of each task. Default: all. */
  readonly evaluationLimit?: number;
  readonly note: (line: string) => void;
}

/** Distils, then measures the student against its teachers, a random one and pixels. */
export async function runRecipe(
  recipe: Recipe,
  options: RunRecipeOptions,
): Promise<{ summary: DistillSummary; evaluation?: Evaluation; report: string }> {
  const { folder, resume, allow = [], trackers = [], signal, note } = options;
  const progress = showProgress();
  const steps = distill(recipe, {
    folder,
    resume,
    allow,
    trackers,
    signal,
    onNote: (line) => progress.note(line),
  });
  let next = await steps.next();
  for (; !next.done; next = await steps.next()) {
    progress.report(next.value);
    if (next.value.incident !== undefined) progress.note(`warning: ${next.value.incident}`);
  }
  progress.end();
  const summary = next.value;
  if (!summary.finished) {
    note(`stopped after step ${summary.steps}; go on with --resume --run ${folder}`);
  }
  const measured = summary.finished && recipe.evaluation.tasks.length > 0;
  if (measured) note("measuring the student, its teachers, a random student and pixels");
  const evaluation = measured
    ? await evaluateRun(folder, {
      onRow: ({ model, task, value }) => note(`  ${model} on ${task}: ${value.toFixed(1)} %`),
      ...(options.evaluationLimit === undefined ? {} : { limit: options.evaluationLimit }),
    })
    : undefined;
  const report = await reportRun(folder);
  return { summary, report, ...(evaluation === undefined ? {} : { evaluation }) };
}
