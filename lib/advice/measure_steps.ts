/** What steps of a recipe and the keeping of features cost here. */
import { freeSpace } from "../io/disk_space.ts";
import { availableMemory } from "../io/memory.ts";
import type { Work } from "../io/progress_line.ts";
import { cacheFolder } from "../io/user_cache.ts";
import type { RecipeInput } from "../recipe/input.ts";
import { defineRecipe } from "../recipe/recipe.ts";
import { randomStream } from "../tensors/random.ts";
import type { StepSeconds } from "../training/budget/fit_steps.ts";
import { timeRecipe } from "../training/budget/time_recipe.ts";
import { measureCacheRates } from "../training/feature_cache/measure_rates.ts";
import type { AdviceFacts } from "./facts.ts";

/** Batches of images that the measured steps see. */
const batches = 10;

/** Bytes that are written and read again, about. */
const rateBytes = 64e6;

/** Share of the seconds for steps beyond the few that are needed. */
const moreShare = 0.3;

/** Batches whose features are computed in any case, and the student's part of a step as a share of the teachers'. */
const needed = { batches: 9, student: 0.5 };

/** Fewest images of a step that is timed. */
const leastBatch = 8;

/**
 * Takes some steps on some of the images, and fills and reads a cache of their records. Both lie in the folder in which
 * features would be kept, and are removed.
 *
 * @param recipe of one folder of images
 * @param options images: of a pass; seconds: of steps, about; viewSeconds: of all teachers, for one view
 */
export async function measureSteps(
  recipe: RecipeInput,
  { images, seconds, viewSeconds, now, onWork }: {
    readonly images: number;
    readonly seconds: number;
    readonly viewSeconds: number;
    readonly now: () => number;
    readonly onWork?: ((work: Work) => void) | undefined;
  },
): Promise<Required<Pick<AdviceFacts, "step" | "cache">>> {
  const { subset: _, ...shown } = recipe.images;
  const { batchSize } = recipe.optimization;
  const timedBatch = batchWithin(batchSize, seconds, viewSeconds);
  const few = batches * timedBatch;
  const timed = defineRecipe({
    ...recipe,
    optimization: { ...recipe.optimization, batchSize: timedBatch },
    images: { ...shown, sources: shown.sources.map((source) => ({ ...source, limit: few })) },
  });
  await Deno.mkdir(cacheFolder("features"), { recursive: true });
  // A name that counts as nothing where a killed process leaves it.
  const folder = await Deno.makeTempDir({ dir: cacheFolder("features"), prefix: "advice.partial" });
  try {
    onWork?.({ stage: "taking some steps…" });
    const { speed, viewBytes } = await timeRecipe(timed, {
      ...{ seconds: moreShare * seconds, folder, now, onWork },
    });
    onWork?.({ stage: "measuring the disk…" });
    const width = Math.ceil(viewBytes / 2);
    const records = batchSize * Math.max(1, Math.round(rateBytes / viewBytes / batchSize));
    const rates = measureCacheRates(folder, { records, width, batch: batchSize }, {
      ...{ repeats: 3, random: randomStream(0).at("rates"), now },
    });
    const { kind, batches: fitted } = timed.standardizer;
    return {
      step: {
        ...{ speed: scaled(speed, batchSize / timedBatch), images, batchSize, timedBatch },
        fittedBatches: kind === "ema" || kind === "batch" ? 0 : fitted,
      },
      cache: {
        viewBytes,
        readMilliseconds: 1000 * Math.min(...rates.recordSeconds) / records,
        diskBytesPerSecond: rates.bytes / Math.max(1e-6, rates.diskSeconds),
        freeBytes: await freeSpace(folder),
        memoryBytes: availableMemory(),
      },
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The largest batch, halved as often as needed, whose few steps find time. */
function batchWithin(batchSize: number, seconds: number, viewSeconds: number): number {
  const takes = (batch: number) => needed.batches * (1 + needed.student) * batch * viewSeconds;
  let batch = batchSize;
  while (batch >= 2 * leastBatch && takes(batch) > (1 - moreShare) * seconds) batch /= 2;
  return batch;
}

/** Seconds of larger steps, where images cost the same in each. */
function scaled(speed: StepSeconds, factor: number): StepSeconds {
  const { startSeconds, stepSeconds, newViewSeconds, fitSeconds } = speed;
  return {
    startSeconds,
    stepSeconds: factor * stepSeconds,
    ...newViewSeconds !== undefined && { newViewSeconds: factor * newViewSeconds },
    ...fitSeconds !== undefined && { fitSeconds: factor * fitSeconds },
  };
}
