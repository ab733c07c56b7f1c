/** Counts and times of a server, as the text that Prometheus reads. */

/** Upper ends of the intervals of seconds that are counted. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** What a server counts. */
export interface ServerMetrics {
  /** An answer, with its status and the seconds that it took. */
  answered(status: number, seconds: number): void;
  /** A batch of so many images. */
  computed(images: number): void;
  /** All counts as text, beside the images that wait now. */
  text(waiting: number): string;
}

/**
 * Counters that begin at zero.
 *
 * @example
 * ```ts
 * import { serverMetrics } from "./metrics.ts";
 * const metrics = serverMetrics();
 * metrics.answered(200, 0.02);
 * if (!metrics.text(0).includes('hashigo_requests_total{status="200"} 1')) throw new Error("One");
 * ```
 */
export function serverMetrics(): ServerMetrics {
  const byStatus = new Map<number, number>();
  const within = bounds.map(() => 0);
  let [seconds, count, batches, images] = [0, 0, 0, 0];
  return {
    answered(status, took) {
      byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
      seconds += took;
      count++;
      bounds.forEach((bound, i) => within[i]! += Number(took <= bound));
    },
    computed(size) {
      batches++;
      images += size;
    },
    text: (waiting) =>
      [
        "# HELP hashigo_requests_total Answers by status.",
        "# TYPE hashigo_requests_total counter",
        ...[...byStatus].sort(([a], [b]) => a - b)
          .map(([status, total]) => `hashigo_requests_total{status="${status}"} ${total}`),
        "# HELP hashigo_request_seconds Time from a request to its answer.",
        "# TYPE hashigo_request_seconds histogram",
        ...bounds.map((bound, i) => `hashigo_request_seconds_bucket{le="${bound}"} ${within[i]}`),
        `hashigo_request_seconds_bucket{le="+Inf"} ${count}`,
        `hashigo_request_seconds_sum ${seconds}`,
        `hashigo_request_seconds_count ${count}`,
        "# HELP hashigo_batches_total Batches that were computed.",
        "# TYPE hashigo_batches_total counter",
        `hashigo_batches_total ${batches}`,
        "# HELP hashigo_images_total Images that were computed.",
        "# TYPE hashigo_images_total counter",
        `hashigo_images_total ${images}`,
        "# HELP hashigo_waiting Images that wait or are being computed.",
        "# TYPE hashigo_waiting gauge",
        `hashigo_waiting ${waiting}`,
        "",
      ].join("\n"),
  };
}
