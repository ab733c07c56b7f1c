/** The report of one step, from what the step measured and when. */
import type { StepMeasurements } from "../method/step.ts";
import type { StepReport } from "../runs/step_report.ts";
import type { HostBatch } from "./batch.ts";
import type { TrainingSetup } from "./setup.ts";
import type { StepTiming } from "./step_timer.ts";

/** A step that is done. */
export interface FinishedStep {
  readonly host: HostBatch;
  readonly measurements: StepMeasurements;
  /** Why nothing was updated, where the guard refused the step. */
  readonly incident?: string | undefined;
  /** Whether updates before it were undone, too. */
  readonly undone?: boolean | undefined;
}

/** The report of a step: one line of the log. */
export function reportStep(
  { recipe, plan }: Pick<TrainingSetup, "recipe" | "plan">,
  { host, measurements, incident }: FinishedStep,
  timing: StepTiming,
): StepReport {
  const step = host.step + 1;
  return {
    step,
    steps: plan.steps,
    epoch: step / plan.stepsPerEpoch,
    images: step * recipe.optimization.batchSize,
    ...measurements,
    losses: inRecipeOrder(recipe, measurements.losses),
    shares: inRecipeOrder(recipe, measurements.shares),
    learningRate: host.scheduled.learningRate,
    standardizerWeight: host.scheduled.standardizerWeight,
    ...timing,
    // Absent rather than undefined: reports are compared with lines that are read back from the log.
    ...incident !== undefined && { incident },
  };
}

/** Values by teacher in the order of the recipe: compiled functions give them in the order of the alphabet. */
function inRecipeOrder<Value>(
  { teachers }: Pick<TrainingSetup["recipe"], "teachers">,
  values: { readonly [teacher: string]: Value },
): { readonly [teacher: string]: Value } {
  const named = teachers.flatMap(({ name }) =>
    name in values ? [[name, values[name]!] as const] : []
  );
  return { ...Object.fromEntries(named), ...values };
}
