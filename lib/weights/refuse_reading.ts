/**
 * Errors of the readers of weights: what was attempted, what was found, and what to do.
 *
 * @module
 */
import { UserError } from "../errors/user_error.ts";

/**
 * Throws the {@link UserError} "Cannot read FILE: found FAULT. ADVICE".
 *
 * @param advice What to do; by default, to make or fetch the file again.
 */
export type Refuse = (fault: string, advice?: string) => never;

const fetchAgain = "The file is cut short, damaged or of another format: make or fetch it again";

/**
 * Makes the {@link Refuse} of one file.
 *
 * @param name The file as messages name it.
 */
export function refuseReading(name: string): Refuse {
  return (fault, advice = fetchAgain) => {
    throw new UserError(`Cannot read ${name}: found ${fault}. ${advice}`);
  };
}

/**
 * Quotes text of a file for a message: a hostile name can be megabytes long, and move the cursor.
 */
export function quote(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  // deno-lint-ignore no-control-regex
  return `"${short.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, "?")}"`;
}
