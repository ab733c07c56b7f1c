/** How far an evaluation of many models on many tasks has come, in lines. */
import { duration } from "../../io/duration.ts";
import { unitOfMetric } from "../../metrics/comparison/evaluation_metric.ts";
import type { EvaluationRow } from "../../metrics/comparison/evaluation_row.ts";

/** Seconds; a pair that takes less was measured before. */
const instant = 0.2;

/**
 * Reports every row and, with several pairs of a model and a task, the time left.
 *
 * @param pairs number of pairs of a model and a task
 * @param now clock in seconds
 * @returns a function to call with rows in the order in which they are measured
 */
export function evaluationProgress(
  pairs: number,
  progress: (line: string) => void,
  now: () => number = () => performance.now() / 1000,
): (row: EvaluationRow) => void {
  const begun = now();
  let [pair, pairBegun] = ["", begun];
  let [done, timed, timedSeconds] = [-1, 0, 0];
  return (row) => {
    const { model, task, metric, value, seconds } = row;
    const label = `${model} on ${task}`;
    if (label !== pair) {
      const took = now() - pairBegun;
      [pair, pairBegun] = [label, now()];
      done++;
      if (done > 0 && took > instant) {
        [timed, timedSeconds] = [timed + 1, timedSeconds + took];
        const left = (pairs - done) * timedSeconds / timed;
        progress(
          `${done} of ${pairs} done, ${duration(now() - begun)} gone, ${duration(left)} left`,
        );
      }
    }
    const amount = `${value.toFixed(1)} ${unitOfMetric(metric)}`;
    progress(`${label}, ${metric}: ${amount} (${seconds.toFixed(1)} s)`);
  };
}
