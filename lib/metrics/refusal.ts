/** Errors of metrics. */
import { UserError } from "../errors/user_error.ts";

/**
 * An error that names what was attempted, what was found and expected, and what to do.
 *
 * @param attempt such as "fit a segmentation head".
 * @param remedy without its full stop.
 */
export function metricRefusal(attempt: string, found: string, remedy: string): UserError {
  return new UserError(`Cannot ${attempt}: ${found}. ${remedy}.`);
}
