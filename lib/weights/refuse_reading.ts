/**
 * Errors of the readers of weights: what was attempted, what was found, and what to do.
 *
 * @module
 */
import { UserError } from "../errors/user_error.ts";

export { quote } from "../errors/quote.ts";

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
