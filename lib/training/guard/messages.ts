/** Messages of the guard about steps that it refuses. */
import { UserError } from "../../errors/user_error.ts";
import { RunStop } from "../run_stop.ts";
import type { StepGradients } from "../trainer.ts";
import type { Diagnosis } from "./diagnosis.ts";
import type { Anomaly } from "./policy.ts";

/** Which step was refused, why, and where it is written down. */
export function refusalText(
  { state, measurements: { loss, gradientNorm } }: StepGradients,
  { anomaly, diagnosis, record }: {
    readonly anomaly: Anomaly;
    readonly diagnosis: Diagnosis;
    /** Where the incident is written. */
    readonly record: string;
  },
): string {
  const reason = anomaly.kind === "spike"
    ? `, ${(loss / anomaly.median).toFixed(1)} times the median of the last ${anomaly.losses}, ` +
      anomaly.median.toPrecision(4)
    : ` and the gradient norm ${gradientNorm}, expected finite numbers`;
  return `at step ${
    state.step + 1
  } the loss is ${loss}${reason}. Cause: ${diagnosis.text}; ${record}`;
}

/**
 * The error that ends a run.
 *
 * @param options lost: whether the weights themselves are broken, so that the state is not worth saving
 */
export function stopError(
  folder: string,
  refusal: string,
  { lost }: { readonly lost: boolean },
): UserError {
  const head = `Cannot go on with "${folder}": ${refusal}. `;
  const other = "start again with a lower optimization.learningRate or " +
    "optimization.maximumGradientNorm=1";
  if (!lost) {
    return new RunStop(
      `${head}Nothing was updated and the state is saved. Mend the cause and add --resume, pass over ` +
        `this step by --resume --set guard.policy=skip, or ${other}`,
    );
  }
  return new UserError(
    `${head}The newest checkpoint is from before: --resume --set guard.policy=rollback, or ${other}`,
  );
}
