/** How a group of processes ends: once, for a reason that everyone hears. */
import { UserError } from "../../errors/user_error.ts";

/** The group ended before its work was done; the message names the process that is missing and why. */
export class GroupFailure extends UserError {}

/** The leader has done the group's work: the others have nothing to do any more. */
export class GroupFinished extends Error {
  override readonly name = "GroupFinished";
}

/** The end of a group, which comes at most once. */
export class GroupEnd {
  private error: GroupFailure | GroupFinished | undefined;
  private readonly listeners: ((error: GroupFailure | GroupFinished) => void)[] = [];

  /** Why it has ended; undefined while it lives. */
  get reason(): GroupFailure | GroupFinished | undefined {
    return this.error;
  }

  /** Ends the group; only the first reason counts. */
  come(error: GroupFailure | GroupFinished): void {
    if (this.error !== undefined) return;
    this.error = error;
    for (const listener of this.listeners.splice(0)) listener(error);
  }

  /** Calls back at the end, at once where it has come. */
  onCome(listener: (error: GroupFailure | GroupFinished) => void): void {
    if (this.error === undefined) this.listeners.push(listener);
    else listener(this.error);
  }

  /**
   * The value of a promise, or the end where that comes first.
   *
   * @throws {GroupFailure} where the group failed
   * @throws {GroupFinished} where it has done its work
   */
  async before<T>(promise: Promise<T>): Promise<T> {
    const end = Promise.withResolvers<never>();
    end.promise.catch(() => {});
    this.onCome(end.reject);
    promise.catch(() => {});
    try {
      return await Promise.race([promise, end.promise]);
    } finally {
      const at = this.listeners.indexOf(end.reject);
      if (at >= 0) this.listeners.splice(at, 1);
    }
  }
}
