/** Mean of the numbers since it was last taken. */

/** A mean that is being collected. */
export interface RunningMean {
  /** Counts a number in, unless it is not finite. */
  add(value: number): void;
  /** The mean so far, NaN where there is none; begins anew. */
  take(): number;
}

/** Begins with nothing. */
export function runningMean(): RunningMean {
  let [sum, count] = [0, 0];
  return {
    add(value) {
      if (!Number.isFinite(value)) return;
      sum += value;
      count += 1;
    },
    take() {
      const mean = sum / count;
      [sum, count] = [0, 0];
      return mean;
    },
  };
}
