/** When Page and Hinkley's test raises its alarm on streams of images, with and without drift. */
import { freshPageHinkley, pageHinkley } from "../../metrics/drift/page_hinkley.ts";
import { type FeatureMatrix, featureMean } from "../../metrics/feature_matrix.ts";
import type { RandomStream } from "../../tensors/random.ts";

/** Images of a stream, and the place of the first changed one. */
const length = 600, change = 300, streams = 200;

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
 * Draws streams of the distances of images from the mean of the clean ones.
 *
 * @param changed features of the same images by the name of their drift and grade
 */
export function benchStream(
  clean: FeatureMatrix,
  changed: ReadonlyMap<string, FeatureMatrix>,
  random: RandomStream,
): StreamBench {
  const mean = featureMean(clean);
  const usual = distances(clean, mean);
  const middle = usual.reduce((sum, value) => sum + value, 0) / usual.length;
  const deviation = Math.sqrt(
    usual.reduce((sum, value) => sum + (value - middle) ** 2, 0) / usual.length,
  );
  const alarmOf = (later: Float64Array, stream: number) => {
    const draws = random.at(stream).uniform(length);
    let state = freshPageHinkley;
    for (let i = 0; i < length; i++) {
      const from = i < change ? usual : later;
      const value = (from[Math.floor(draws[i]! * from.length)]! - middle) / deviation;
      const step = pageHinkley(state, value, options);
      if (step.alarm) return i;
      state = step.state;
    }
    return undefined;
  };
  const alarmsOf = (later: Float64Array) =>
    Array.from({ length: streams }, (_, stream) => alarmOf(later, stream))
      .filter((at) => at !== undefined);
  return {
    ...{ options, streams, length, change },
    falseAlarms: alarmsOf(usual).length,
    found: [...changed].map(([drift, features]) => {
      const delays = alarmsOf(distances(features, mean))
        .map((at) => at - change).filter((delay) => delay >= 0).sort((a, b) => a - b);
      return { drift, alarms: delays.length, delay: delays[delays.length >> 1] ?? null };
    }),
  };
}

/** Of each row from a mean. */
function distances({ features, width }: FeatureMatrix, mean: Float64Array): Float64Array {
  const squares = new Float64Array(features.length / width);
  features.forEach((value, i) =>
    squares[Math.floor(i / width)]! += (value - mean[i % width]!) ** 2
  );
  return squares.map(Math.sqrt);
}
