/**
 * A mistake that the person at the keyboard can mend: a missing folder, an unknown option, a file
 * with a wrong digest. The message says what was attempted, what was found, what was expected and
 * what to do next. Tasks print it without a stack trace and leave with exit status 2.
 *
 * @example
 * ```ts
 * import { UserError } from "@hashigo/hashigo";
 * const error = new UserError('Cannot open "cats": no such folder. Give a folder or a zip file');
 * if (!(error instanceof Error)) throw new Error("A UserError is an Error");
 * ```
 */
export class UserError extends Error {
  /** Tells it from other errors where classes cannot. */
  override readonly name = "UserError";
}
