/** Trackers are told of every step; none of them can stop a run or make it wait. */
import type { StepReport } from "../runs/step_report.ts";

/** Anything that wants to see every step: TensorBoard's files, a dashboard, one's own notebook. */
export interface Tracker {
  /** In warnings. */
  readonly name: string;
  /** Told of every step, one after another. */
  track(report: StepReport): void | Promise<void>;
  /** Told once, after the last step. */
  close?(): void | Promise<void>;
}

/** Several trackers, kept away from the run. */
export interface Trackers {
  /** Returns at once: a tracker that is still busy finds the report in its queue. */
  track(report: StepReport): void;
  /** Waits for what is left in the queues, but not for long. */
  close(): Promise<void>;
}

/**
 * Keeps trackers away from a run: one that throws is left out from then on, one that falls behind
 * loses reports rather than holding up a step, and each of it is told once. Only a tracker that
 * blocks the thread itself cannot be kept off.
 *
 * @param options longestQueue: reports that wait for one tracker, default 1000; patience:
 * milliseconds that all have at the end, default 5000; onWarning: told in one line of what a tracker
 * missed.
 *
 * @example
 * ```ts
 * import { isolateTrackers } from "./trackers.ts";
 * const warnings: string[] = [];
 * const offline = { name: "offline", track: () => Promise.reject(new Error("no network")) };
 * const trackers = isolateTrackers([offline], { onWarning: (line) => warnings.push(line) });
 * await trackers.close();
 * if (warnings.length > 0) throw new Error("It was told nothing yet");
 * ```
 */
export function isolateTrackers(
  trackers: readonly Tracker[],
  options: {
    readonly longestQueue?: number;
    readonly patience?: number;
    readonly onWarning?: (line: string) => void;
  } = {},
): Trackers {
  const { longestQueue = 1000, patience = 5000, onWarning = () => {} } = options;
  const kept = trackers.map((tracker) => keepOne(tracker, longestQueue, onWarning));
  return {
    track: (report) => kept.forEach((one) => one.track(report)),
    async close() {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<"late">((resolve) => {
        timer = setTimeout(() => resolve("late"), patience);
      });
      await Promise.all(kept.map(async (one) => {
        if (await Promise.race([one.close(), late]) !== "late") return;
        onWarning(`${one.name} was not ready after ${patience / 1000} s; its end was not awaited`);
      }));
      clearTimeout(timer);
    },
  };
}

function keepOne(tracker: Tracker, longestQueue: number, onWarning: (line: string) => void) {
  const queue: StepReport[] = [];
  let [failed, busy, missed] = [false, false, 0];
  let working = Promise.resolve();
  const fail = (error: unknown) => {
    failed = true;
    queue.length = 0;
    const reason = error instanceof Error ? error.message : String(error);
    onWarning(`${tracker.name} failed and is told no more: ${reason}`);
  };
  // A tracker that answers at once has done its work before `track` returns.
  const work = async () => {
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const answer = tracker.track(next);
        if (answer !== undefined) await answer;
      }
    } catch (error) {
      fail(error);
    }
    busy = false;
  };
  return {
    name: tracker.name,
    track(report: StepReport) {
      if (failed) return;
      if (queue.length >= longestQueue) {
        if (missed++ === 0) onWarning(`${tracker.name} falls behind and misses reports`);
        return;
      }
      queue.push(report);
      if (busy) return;
      busy = true;
      working = work();
    },
    async close() {
      await working;
      try {
        await tracker.close?.();
      } catch (error) {
        if (!failed) fail(error);
      }
    },
  };
}
