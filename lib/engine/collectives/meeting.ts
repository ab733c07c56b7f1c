/** How the processes of a group find each other, and hear of each other until its end. */
import type { GroupEnd } from "./group_end.ts";
import { type GroupPlace, loopbackHost } from "./group_place.ts";
import type { GroupLimits } from "./limits.ts";
import type { PeerAddress } from "./messages.ts";

/** One process's end of the meeting, which the leader holds. */
export interface Meeting {
  readonly end: GroupEnd;
  /**
   * Says that this process has opened all that it needs: for the first run that the group shares, and again for each
   * later one.
   *
   * @param port at which its server will listen, or listens
   * @param facts what the leader compares
   * @returns the addresses of all servers by rank, when all processes are ready
   */
  ready(port: number, facts: unknown): Promise<readonly PeerAddress[]>;
  /** Says that the server of this process listens; the leader waits until all do. */
  serving(): Promise<void>;
  /** Gives the leader's word to all others; theirs is ignored. */
  say(word: unknown): Promise<unknown>;
  /** Counts an operation that this process has come to. */
  countOperation(): void;
  /** Names of those that have not come to the operation that this process waits in, as far as is known. */
  behind(): readonly string[];
  /** Name of a rank, for people. */
  nameOf(rank: number): string;
  /** Ends the group for all, with a reason that names who is missing. */
  fail(reason: string): Promise<void>;
  /** Ends the group for all, its work done. */
  finish(): Promise<void>;
}

/** What both kinds of end of a meeting are opened with. */
export interface MeetingOptions {
  readonly place: GroupPlace;
  readonly limits: GroupLimits;
  /** Whoever does not give the same is refused. */
  readonly key: string;
  /** Gets lines for people, such as whom it waits for. */
  readonly onNote: (line: string) => void;
  /** A clock in milliseconds. */
  readonly now: () => number;
}

/** Whether nothing outside this machine can reach a host. */
export function isLoopback(host: string): boolean {
  return host === loopbackHost || host === "localhost" || host === "::1";
}

/** Name of a process for people, as far as it is known. */
export function rankName(
  { rank, size }: Pick<GroupPlace, "rank" | "size">,
  known?: { readonly process: number; readonly host: string },
): string {
  const title = rank === 0 ? `the leader (rank 0 of ${size}` : `rank ${rank} of ${size}`;
  if (known === undefined) return rank === 0 ? `${title})` : title;
  const where = `process ${known.process} on ${known.host}`;
  return rank === 0 ? `${title}, ${where})` : `${title} (${where})`;
}

/** The sentence about a process that says nothing any more. */
export function silenceText(names: readonly string[], seconds: number): string {
  return `${names.join(" and ")} said nothing for ${seconds} s: it hangs, or is cut off`;
}

/** Waits for conditions that messages change. */
export class Conditions {
  private readonly waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];

  constructor(private readonly end: GroupEnd) {}

  /** Looks again, after a message. */
  check(): void {
    for (const one of [...this.waiting]) {
      if (!one.holds()) continue;
      this.waiting.splice(this.waiting.indexOf(one), 1);
      one.resolve();
    }
  }

  /**
   * Resolves when a condition holds.
   *
   * @throws {GroupFailure} {@link GroupFinished} where the group ends before
   */
  async until(holds: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.waiting.push({ holds, resolve });
    this.check();
    await this.end.before(promise);
  }
}
