/** The report of one step, from what the step measured and when. */
import type { StepMeasurements } from "../method/step.ts";
import type { StepReport } from "../runs/step_report.ts";
import type { HostBatch } from "./batch.ts";
import type { HeldOutMeasurement } from "./teacher_stop/watch.ts";
import type { TrainingSetup } from "./setup.ts";
import type { StepTiming } from "./step_timer.ts";

/** A step that is done. */
export interface FinishedStep {
  readonly host: HostBatch;
  readonly measurements: StepMeasurements;
  /** Names of teachers that did not count. Default: none. */
  readonly stopped?: readonly string[] | undefined;
  /** Why nothing was updated, where the guard refused the step. */
  readonly incident?: string | undefined;
  /** Measured after the step, where it was time. */
  readonly heldOut?: HeldOutMeasurement | undefined;
  /** Whether updates before it were undone, too. */
  readonly undone?: boolean | undefined;
}

/** The report of a step: one line of the log. */
export function reportStep(
  { recipe, plan }: Pick<TrainingSetup, "recipe" | "plan">,
  { host, measurements, incident, stopped = [], heldOut }: FinishedStep,
  timing: StepTiming,
): StepReport {
  const step = host.step + 1;
  return {
    step,
    steps: plan.steps,
    epoch: step / plan.stepsPerEpoch,
    images: step * recipe.optimization.batchSize,
    ...measurements,
    losses: inRecipeOrder(recipe, without(measurements.losses, stopped)),
    shares: inRecipeOrder(recipe, measurements.shares),
    learningRate: host.scheduled.learningRate,
    standardizerWeight: host.scheduled.standardizerWeight,
    ...timing,
    // Absent rather than undefined: reports are compared with lines that are read back from the log.
    ...incident !== undefined && { incident },
    ...heldOut !== undefined && { heldOut: inRecipeOrder(recipe, heldOut.losses) },
    ...heldOut !== undefined && heldOut.stopping.length > 0 && { stopping: heldOut.stopping },
  };
}

/** Teachers that stopped see nothing, so their losses mean nothing. */
function without<Value>(
  values: { readonly [teacher: string]: Value },
  stopped: readonly string[],
): { readonly [teacher: string]: Value } {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !stopped.includes(name)));
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
