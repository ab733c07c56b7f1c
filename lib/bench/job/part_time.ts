/** What the parts of a job took, and the whole made of them. */
import process from "node:process";

/** What a part of a job took. */
export interface PartTime {
  readonly images: number;
  readonly seconds: number;
  /** Of all threads and processes together. */
  readonly processorSeconds: number;
  /** Share of the seconds in which nothing was computed for want of images, where that is known. */
  readonly waitShare?: number | undefined;
}

/** Names of the parts; the last two are whole: live with the teachers asked, and with their answers kept. */
export const partNames = ["decode", "augment", "teachers", "step", "live", "cached"] as const;

/** A part of a job. */
export type PartName = (typeof partNames)[number];

/** Times of all parts. */
export type JobTimes = Readonly<Record<PartName, PartTime>>;

/** Starts and stops the clock, and the count of processor time. */
export function stopwatch(): (images: number) => PartTime {
  const begun = performance.now(), used = process.cpuUsage();
  return (images) => {
    const { user, system } = process.cpuUsage(used);
    const seconds = (performance.now() - begun) / 1000;
    return { images, seconds, processorSeconds: (user + system) / 1e6 };
  };
}

/** Times of one batch after another. */
export function sum(...times: readonly PartTime[]): PartTime {
  const total = (of: (time: PartTime) => number) => times.reduce((all, time) => all + of(time), 0);
  return {
    images: total(({ images }) => images),
    seconds: total(({ seconds }) => seconds),
    processorSeconds: total(({ processorSeconds }) => processorSeconds),
  };
}

/** Times of our parts as they are measured: the first pass finds the files decoded. */
export type MeasuredTimes = Omit<JobTimes, "live"> & { readonly firstPass: PartTime };

/** The parts with the live job, which is the decoding of the files and a pass over the same images. */
export function wholeTimes({ firstPass, ...parts }: MeasuredTimes): JobTimes {
  const { seconds, processorSeconds } = sum(parts.decode, firstPass);
  return { ...parts, live: { ...firstPass, seconds, processorSeconds } };
}
