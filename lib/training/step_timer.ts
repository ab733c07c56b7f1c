/** Speed of a run, and the share of the time that it waits for images; the clock is an argument. */

/** Timing of the steps so far. */
export interface StepTiming {
  /** Images per second, averaged over the last steps. */
  readonly imagesPerSecond: number;
  /** Share of the time, 0 to 1, in which the engine waited for images. */
  readonly waitingShare: number;
  /** Seconds since the run began in this process. */
  readonly seconds: number;
  /** Expected seconds to the end; NaN before the fifth step, when the rate says nothing yet. */
  readonly secondsLeft: number;
}

/** Steps whose time says what the others will take. */
const tellingSteps = 5;

/** Smooths step times; the first steps, which compile, are left out of the rate. */
export class StepTimer {
  readonly #now: () => number;
  readonly #start: number;
  readonly #batchSize: number;
  readonly #warmup = 2;
  #last: number;
  #done = 0;
  #step = NaN;
  #waiting = 0;

  /** @param now milliseconds, such as `performance.now` */
  constructor(batchSize: number, now: () => number) {
    this.#now = now;
    this.#batchSize = batchSize;
    this.#start = this.#last = now();
  }

  /**
   * Call once when a step has ended.
   *
   * @param waited milliseconds of this step in which nothing was computed for want of images
   * @param stepsLeft steps still to do
   */
  lap(waited: number, stepsLeft: number): StepTiming {
    const now = this.#now();
    const elapsed = now - this.#last;
    this.#last = now;
    this.#done++;
    const weight = this.#done <= this.#warmup ? 1 : Math.max(0.02, 1 / (this.#done - this.#warmup));
    const mixed = (old: number, fresh: number) =>
      Number.isNaN(old) ? fresh : old + weight * (fresh - old);
    this.#step = mixed(this.#step, elapsed);
    this.#waiting = mixed(this.#waiting, waited);
    return {
      imagesPerSecond: (1000 * this.#batchSize) / this.#step,
      waitingShare: Math.min(1, this.#waiting / this.#step),
      seconds: (now - this.#start) / 1000,
      secondsLeft: stepsLeft === 0
        ? 0
        : this.#done < tellingSteps
        ? NaN
        : (stepsLeft * this.#step) / 1000,
    };
  }
}
