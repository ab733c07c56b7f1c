/**
 * Times what the cache of teacher features saves: an epoch with cached features beside one that
 * computes them, and the reading of records in random order beside a plain read of as many bytes.
 */
import { distill } from "../training/distill.ts";
import { defineRecipe } from "../recipe/recipe.ts";
import { measureCacheRates } from "../training/feature_cache/measure_rates.ts";
import { randomStream } from "../tensors/random.ts";
import { processorName } from "../cli/recording.ts";
import { median } from "./bench_engine.ts";
import { machineText } from "../report/format.ts";

/** Sizes; every one is a number that `--set` may change. */
export interface CacheBenchSetting {
  /** Images of an epoch. */
  readonly images: number;
  /** Images of a step. */
  readonly batch: number;
  /** Records that are read. */
  readonly records: number;
  /** Numbers of a record. */
  readonly width: number;
}

/** Records as of a teacher of width 768 with CLS and 4 x 4 patches, 210 MB. */
export const cacheSetting: CacheBenchSetting = {
  images: 640,
  batch: 32,
  records: 8192,
  width: 17 * 768,
};

/** Outcome of {@linkcode benchCache}; times are medians. */
export interface CacheBench {
  readonly setting: CacheBenchSetting;
  /** Of an epoch that computes the teachers' features. */
  readonly liveSeconds: number;
  /** Of one that reads them from the cache. */
  readonly cachedSeconds: number;
  /** Largest relative difference of the losses of the two. */
  readonly lossDifference: number;
  readonly cacheBytes: number;
  /** Of reading all records in random order, checksums verified. */
  readonly recordSeconds: number;
  /** Of reading the whole file in order. */
  readonly plainSeconds: number;
  readonly repeats: number;
  readonly machine: { readonly cpu: string; readonly cores: number };
}

/** Measures both kinds of epochs, which take turns, and the reading of records. */
export async function benchCache(
  setting: CacheBenchSetting,
  { repeats, onProgress }: {
    readonly repeats: number;
    readonly onProgress: (line: string) => void;
  },
): Promise<CacheBench> {
  const folder = await Deno.makeTempDir({ prefix: "hashigo_bench_cache" });
  try {
    onProgress("filling the cache");
    await runEpoch(setting, `${folder}/first`, true);
    const live: Epoch[] = [], cached: Epoch[] = [];
    for (let round = 1; round <= repeats; round++) {
      live.push(await runEpoch(setting, `${folder}/live ${round}`, false));
      cached.push(await runEpoch(setting, `${folder}/cached ${round}`, true));
      const times = [live.at(-1)!, cached.at(-1)!].map(({ seconds }) => seconds.toFixed(2));
      onProgress(`round ${round} of ${repeats}: live ${times[0]} s, cached ${times[1]} s`);
    }
    const differences = live[0]!.losses.map((loss, i) =>
      Math.abs(cached[0]!.losses[i]! - loss) / loss
    );
    onProgress("reading records");
    const rates = measureCacheRates(folder, setting, {
      ...{ repeats, random: randomStream(0).at("bench"), now: () => performance.now() },
    });
    return {
      setting,
      liveSeconds: median(live.map(({ seconds }) => seconds)),
      cachedSeconds: median(cached.map(({ seconds }) => seconds)),
      lossDifference: Math.max(...differences),
      cacheBytes: rates.bytes,
      recordSeconds: median(rates.recordSeconds),
      plainSeconds: median(rates.plainSeconds),
      repeats,
      machine: { cpu: processorName(), cores: navigator.hardwareConcurrency },
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The result for people. */
export function cacheTable(result: CacheBench): string[] {
  const { setting, liveSeconds, cachedSeconds, recordSeconds, plainSeconds, cacheBytes } = result;
  const seconds = (value: number) => `${value.toFixed(2).padStart(6)} s`;
  const rate = (value: number) =>
    `${seconds(value)}, ${(cacheBytes / 1e9 / value).toFixed(2)} GB/s`;
  return [
    `One epoch of ${setting.images} images in batches of ${setting.batch}, MobileNetV2 and ResNet-56`,
    `  features computed  ${seconds(liveSeconds)}`,
    `  features cached    ${seconds(cachedSeconds)}   ${
      (liveSeconds / cachedSeconds).toFixed(2)
    } ` +
    `times as fast; losses differ by ${result.lossDifference.toExponential(0)} at most`,
    `${setting.records} records of ${setting.width} numbers, ${(cacheBytes / 1e6).toFixed(0)} MB`,
    `  in random order, verified  ${rate(recordSeconds)}`,
    `  the file, plainly          ${rate(plainSeconds)}   the cache takes ` +
    `${(recordSeconds / plainSeconds).toFixed(2)} times as long`,
    `${machineText(result.machine)}, medians of ${result.repeats} turns`,
  ];
}

interface Epoch {
  readonly seconds: number;
  readonly losses: readonly number[];
}

/** Runs an epoch; its time is twice that of its second half, when everything is compiled. */
async function runEpoch(
  { images, batch }: CacheBenchSetting,
  folder: string,
  featureCache: boolean,
): Promise<Epoch> {
  const recipe = defineRecipe({
    name: "bench_cache",
    images: {
      sources: [{ path: "data/images/land_use.zip", split: "train", limit: images }],
      size: 32,
      views: 1,
    },
    teachers: [{ name: "mobilenet_v2_imagenet", inputSize: 96 }, "resnet56_cifar10"],
    student: { width: 96, depth: 4, heads: 3, patchSize: 8 },
    optimization: { batchSize: batch, epochs: 1, learningRate: 1e-3 },
    mode: "graph",
    featureCache,
  });
  const losses: number[] = [];
  const times: number[] = [];
  for await (const { loss } of distill(recipe, { folder })) {
    losses.push(loss);
    times.push(performance.now());
  }
  const half = times.length >> 1;
  const perStep = (times.at(-1)! - times[half - 1]!) / (times.length - half);
  return { seconds: perStep * times.length / 1000, losses };
}
