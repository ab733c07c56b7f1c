/** Trackers get the report of every step; none of them can stop a run or make it wait. */
import type { StepReport } from "../runs/step_report.ts";

/** A receiver of step reports: TensorBoard's files, a dashboard, a notebook. */
export interface Tracker {
  /** Its name in warnings. */
  readonly name: string;
  /** Gets the report of every step, one after another. */
  track(report: StepReport): void | Promise<void>;
  /** Called once, after the last step. */
  close?(): void | Promise<void>;
}

/** Several trackers, kept away from the run. */
export interface Trackers {
  /** Returns at once: the report waits in the queue of a tracker that is still busy. */
  track(report: StepReport): void;
  /** Waits until the queues are empty, but not for long. */
  close(): Promise<void>;
}

/**
 * Isolates trackers from a run: one that throws is left out from then on, one that falls behind
 * loses reports rather than holding up a step, and there is one warning of each. Only a tracker that
 * blocks the thread itself cannot be isolated.
 *
 * @param options longestQueue: reports that wait for one tracker, default 1000; patience:
 * milliseconds that all have at the end, default 5000; onWarning: gets the warnings, one line each.
 *
 * @example
 * ```ts
 * import { isolateTrackers } from "./trackers.ts";
 * const warnings: string[] = [];
 * const offline = { name: "offline", track: () => Promise.reject(new Error("no network")) };
 * const trackers = isolateTrackers([offline], { onWarning: (line) => warnings.push(line) });
 * await trackers.close();
 * if (warnings.length > 0) throw new Error("It got no report yet");
 * ```
 */
export function isolateTrackers(
  trackers: readonly Tracker[],
  options: {
    readonly longestQueue?: number | undefined;
    readonly patience?: number | undefined;
    readonly onWarning?: ((line: string) => void) | undefined;
  } = {},
): Trackers {
  const { longestQueue = 1000, patience = 5000, onWarning = () => {} } = options;
  const isolated = trackers.map((tracker) => isolateTracker(tracker, longestQueue, onWarning));
  return {
    track: (report) => isolated.forEach((tracker) => tracker.track(report)),
    async close() {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<"late">((resolve) => {
        timer = setTimeout(() => resolve("late"), patience);
      });
      await Promise.all(isolated.map(async (tracker) => {
        if (await Promise.race([tracker.close(), late]) !== "late") return;
        onWarning(
          `${tracker.name} was not ready after ${patience / 1000} s; its end was not awaited`,
        );
      }));
      clearTimeout(timer);
    },
  };
}

function isolateTracker(tracker: Tracker, longestQueue: number, onWarning: (line: string) => void) {
  const queue: StepReport[] = [];
  let [failed, busy, missed] = [false, false, 0];
  let working = Promise.resolve();
  const fail = (error: unknown) => {
    failed = true;
    queue.length = 0;
    const reason = error instanceof Error ? error.message : String(error);
    onWarning(`${tracker.name} failed and gets no more reports: ${reason}`);
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
