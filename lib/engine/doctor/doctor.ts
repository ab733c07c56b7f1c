/**
 * Checks everything that a run needs, with advice for each thing that is missing.
 *
 * @module
 */
import { UserError } from "../../errors/user_error.ts";

/** Result of one check. */
export interface CheckResult {
  /** What was checked, such as "devices". */
  readonly name: string;
  /** Whether it passed. */
  readonly ok: boolean;
  /** Finding, or the message of the failure. */
  readonly detail: string;
  /** The user's next step; null where the check passed. */
  readonly remedy: string | null;
}

/** Results of all checks. */
export interface DoctorReport {
  /** False where an essential check failed. */
  readonly ok: boolean;
  /** One result for each check, in the order in which they ran. */
  readonly checks: readonly CheckResult[];
}

/** A check before it is run. */
export interface DoctorCheck {
  /** What is checked, such as "devices". */
  readonly name: string;
  /** Whether runs need it. */
  readonly essential: boolean;
  /** Returns the finding; throws where something is missing. */
  run(): Promise<string> | string;
  /** Next step where it fails. Default: the last sentence of a {@link UserError}. */
  readonly remedy?: string | undefined;
}

/**
 * Runs checks in turn; one that fails does not stop the others.
 *
 * @param options onCheck: called with each result as soon as it is there.
 */
export async function runChecks(
  checks: readonly DoctorCheck[],
  { onCheck }: { readonly onCheck?: ((result: CheckResult) => void) | undefined } = {},
): Promise<DoctorReport> {
  const results: CheckResult[] = [];
  let ok = true;
  for (const { name, essential, run, remedy } of checks) {
    let result: CheckResult;
    try {
      result = { name, ok: true, detail: await run(), remedy: null };
    } catch (error) {
      ok &&= !essential;
      result = { name, ok: false, ...adviceOf(error, remedy) };
    }
    results.push(result);
    onCheck?.(result);
  }
  return { ok, checks: results };
}

/** A {@link UserError} ends with the next step; other errors hold only the finding. */
function adviceOf(error: unknown, remedy?: string): Pick<CheckResult, "detail" | "remedy"> {
  const message = error instanceof Error ? error.message : String(error);
  if (remedy !== undefined) return { detail: message, remedy };
  const [, detail, last] = /^([\s\S]*)(?:\. |\n)(\p{Lu}[\s\S]*)$/u.exec(message) ?? [];
  if (!(error instanceof UserError) || detail === undefined || last === undefined) {
    return { detail: message, remedy: "Report this with the whole output" };
  }
  return { detail, remedy: last };
}
