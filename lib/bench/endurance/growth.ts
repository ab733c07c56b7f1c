/** Growth of a measurement over a long run, from medians: single steps are noisy. */
import { median } from "../bench_engine.ts";

/** Medians of the fourth and of the last tenth, and the growth from one to the other. */
export interface Growth {
  readonly early: number;
  readonly late: number;
  readonly percent: number;
}

/** The first three tenths are left out: memory of compilation is released late. */
export function growth(values: readonly number[]): Growth {
  const tenth = Math.floor(values.length / 10);
  const early = median(values.slice(3 * tenth, 4 * tenth));
  const late = median(values.slice(-tenth));
  return { early, late, percent: 100 * (late - early) / early };
}
