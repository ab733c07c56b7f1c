/**
 * How readers of weights say no: one sentence for what was attempted, found, and to be done.
 *
 * @module
 */
import { UserError } from "../errors/user_error.ts";

/** Throws a {@link UserError}; `found` completes "Cannot read FILE: found". */
export type Refuse = (found: string, next?: string) => never;

const damaged = "The file is cut short, damaged or of another format: make or fetch it again";

/** The refusals of one file, `name` as it stands in messages. */
export function refuseReading(name: string): Refuse {
  return (found, next = damaged) => {
    throw new UserError(`Cannot read ${name}: found ${found}. ${next}`);
  };
}

/** Text of a file for a message: hostile names can be megabytes long, and move the cursor. */
export function quote(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  // deno-lint-ignore no-control-regex
  return `"${short.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, "?")}"`;
}
