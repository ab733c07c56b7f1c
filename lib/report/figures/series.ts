/** From a value for each update to a line that can be read. */
import { meanOf } from "../../metrics/mean_of.ts";

/** Points of a line. */
export interface Series {
  /** Steps. */
  readonly x: number[];
  /** Values. */
  readonly y: number[];
}

/**
 * Smooths a series by a moving mean and thins it out. Values that are not finite are left out of the
 * mean.
 *
 * @param x Step of each value.
 * @param values One value for each update.
 * @param options points: at most so many are kept, default 240; window: share of the series in one mean,
 *   default 0.02; 0 keeps the values as they are.
 *
 * @example
 * ```ts
 * import { smooth } from "./series.ts";
 * const { x, y } = smooth([0, 1, 2, 3], [1, NaN, 1, 1]);
 * if (x.length !== 4 || y[1] !== 1) throw new Error("NaN is left out");
 * ```
 */
export function smooth(
  x: readonly number[],
  values: readonly number[],
  options: { readonly points?: number; readonly window?: number } = {},
): Series {
  const { points = 240, window = 0.02 } = options;
  const half = window > 0 ? Math.max(1, Math.round(values.length * window / 2)) : 0;
  const count = Math.min(points, values.length);
  const series: Series = { x: [], y: [] };
  for (let i = 0; i < count; i++) {
    const centre = count === 1 ? 0 : Math.round(i * (values.length - 1) / (count - 1));
    // At both ends the window is cut, not shrunk: a mean of few values would twitch.
    const near = values.slice(Math.max(0, centre - half), centre + half + 1).filter(
      Number.isFinite,
    );
    if (near.length === 0) continue;
    series.x.push(x[centre] ?? centre);
    series.y.push(round(meanOf(near)));
  }
  return series;
}

/** Five significant digits are more than a screen can show, and keep a page small. */
function round(value: number): number {
  return Number(value.toPrecision(5));
}
