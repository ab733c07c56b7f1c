/**
 * Looks at everything that a run needs, and says for each thing that is missing what to do.
 *
 * @module
 */
import { UserError } from "../../errors/user_error.ts";

/** One thing that was looked at. */
export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** What was found. */
  readonly detail: string;
  /** What to do; null where nothing is to be done. */
  readonly remedy: string | null;
}

/** What the doctor found. */
export interface DoctorReport {
  /** False only where something is missing without which nothing runs as it should. */
  readonly ok: boolean;
  readonly checks: readonly CheckResult[];
}

/** A check before it is run. */
export interface DoctorCheck {
  readonly name: string;
  /** Whether runs cannot do without it. */
  readonly essential: boolean;
  /** Returns what was found; throws where it is missing. */
  run(): Promise<string> | string;
  /** What to do where it is missing. Default: the last sentence of a {@link UserError}. */
  readonly remedy?: string;
}

/**
 * Runs the examinations in turn, each of which may fail without harm to the others.
 *
 * @param onCheck Called with each check as soon as it is done.
 */
export async function runChecks(
  examinations: readonly DoctorCheck[],
  { onCheck = () => {} }: { onCheck?: (check: CheckResult) => void } = {},
): Promise<DoctorReport> {
  const checks: CheckResult[] = [];
  let ok = true;
  for (const { name, essential, run, remedy } of examinations) {
    let check: CheckResult;
    try {
      check = { name, ok: true, detail: await run(), remedy: null };
    } catch (error) {
      ok &&= !essential;
      check = { name, ok: false, ...adviceOf(error, remedy) };
    }
    checks.push(check);
    onCheck(check);
  }
  return { ok, checks };
}

/** A {@link UserError} ends with what to do next; other errors tell only what was found. */
function adviceOf(error: unknown, remedy?: string): Pick<CheckResult, "detail" | "remedy"> {
  const message = error instanceof Error ? error.message : String(error);
  if (remedy !== undefined) return { detail: message, remedy };
  const [, detail, last] = /^([\s\S]*)(?:\. |\n)(\p{Lu}[\s\S]*)$/u.exec(message) ?? [];
  if (!(error instanceof UserError) || detail === undefined || last === undefined) {
    return { detail: message, remedy: "Report this with the whole output" };
  }
  return { detail, remedy: last };
}
