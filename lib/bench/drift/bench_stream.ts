/** When Page and Hinkley's test raises its alarm on streams of images, with and without drift. */
import { freshPageHinkley, pageHinkley } from "../../metrics/drift/page_hinkley.ts";
import type { FeatureMatrix } from "../../metrics/feature_matrix.ts";
import { alongAxes, principalAxes } from "../../metrics/representation/principal_axes.ts";
import type { RandomStream } from "../../tensors/random.ts";
import { meanOf } from "../../metrics/mean_of.ts";

/** Images of a stream, and the place of the first changed one. */
const length = 600, change = 300, streams = 200;

/** Principal axes of the clean images, at most. */
const axes = 32;

/** In deviations of the distance of images from their mean. */
const options = { tolerance: 0.25, threshold: 20 } as const;

/** Outcome of {@linkcode benchStream}. */
export interface StreamBench {
  readonly options: typeof options;
  readonly streams: number;
  readonly length: number;
  readonly change: number;
  /** Streams without drift that raised an alarm. */
  readonly falseAlarms: number;
  /** By drift and grade: streams that raised an alarm after the change, and images to the middle one of these. */
  readonly found: readonly {
    readonly drift: string;
    readonly alarms: number;
    readonly delay: number | null;
  }[];
}

/**
 * Draws streams of the distances of images from the mean of the clean ones, along their principal axes and in units
 * of deviations; a rise and a fall of the distance both count.
 *
 * @param changed features of the same images by the name of their drift and grade
 */
export async function benchStream(
  clean: FeatureMatrix,
  changed: ReadonlyMap<string, FeatureMatrix>,
  random: RandomStream,
): Promise<StreamBench> {
  const found = await principalAxes(clean), count = Math.min(axes, found.count);
  const kept = { ...found, count, axes: found.axes.subarray(0, count * clean.width) };
  const distances = async (features: FeatureMatrix) => {
    const along = await alongAxes(features, kept);
    const squares = new Float64Array(along.features.length / count);
    along.features.forEach((value, i) =>
      squares[Math.floor(i / count)]! += value ** 2 / found.variances[i % count]!
    );
    return squares.map(Math.sqrt);
  };
  const usual = await distances(clean);
  const middle = meanOf(usual);
  const deviation = Math.sqrt(
    usual.reduce((sum, value) => sum + (value - middle) ** 2, 0) / usual.length,
  );
  const alarmOf = (later: Float64Array, stream: number) => {
    const draws = random.at(stream).uniform(length);
    const states = [freshPageHinkley, freshPageHinkley];
    for (let i = 0; i < length; i++) {
      const from = i < change ? usual : later;
      const value = (from[Math.floor(draws[i]! * from.length)]! - middle) / deviation;
      for (const [side, sign] of [1, -1].entries()) {
        const step = pageHinkley(states[side]!, sign * value, options);
        if (step.alarm) return i;
        states[side] = step.state;
      }
    }
    return undefined;
  };
  const alarmsOf = (later: Float64Array) =>
    Array.from({ length: streams }, (_, stream) => alarmOf(later, stream))
      .filter((at) => at !== undefined);
  const rows: StreamBench["found"][number][] = [];
  for (const [drift, features] of changed) {
    const delays = alarmsOf(await distances(features))
      .map((at) => at - change).filter((delay) => delay >= 0).sort((a, b) => a - b);
    rows.push({ drift, alarms: delays.length, delay: delays[delays.length >> 1] ?? null });
  }
  return {
    ...{ options, streams, length, change },
    falseAlarms: alarmsOf(usual).length,
    found: rows,
  };
}
