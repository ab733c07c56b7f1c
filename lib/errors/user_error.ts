/**
 * A mistake that the person at the keyboard can mend: a missing folder, an unknown option, a file
 * with a wrong digest. The message names the attempt, the finding, the expectation and
 * the next step. Tasks print it without a stack trace and leave with exit status 2.
 *
 * @example
 * ```ts
 * import { UserError } from "@hashigo/hashigo";
 * const error = new UserError('Cannot open "cats": no such folder. Give a folder or a zip file');
 * if (!(error instanceof Error)) throw new Error("A UserError is an Error");
 * ```
 */
export class UserError extends Error {
  /** Identifies the class where `instanceof` cannot, as across realms. */
  override readonly name = "UserError";
}
