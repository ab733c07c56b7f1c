/** Processes that are none: several trainers in one, whose sum is taken here. */
import * as tf from "@tensorflow/tfjs";
import type { ProcessGroup } from "../../../lib/engine/collectives/process_group.ts";
import { stateToHost } from "../../../lib/method/state.ts";
import type { StepMeasurements } from "../../../lib/method/step.ts";
import type { Recipe } from "../../../lib/recipe/options.ts";
import type { Teacher } from "../../../lib/teachers/backbone.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { drawBatch } from "../../../lib/training/batch.ts";
import { setUpTraining } from "../../../lib/training/setup.ts";
import { freshState } from "../../../lib/training/start.ts";
import { openTargets } from "../../../lib/training/targets.ts";
import { makeTrainer } from "../../../lib/training/trainer.ts";
import { writeFiles } from "../../images/images_fixture.ts";

/**
 * Writes images of 16 px to `FOLDER/images/a`, each with a colour of its own in every quarter: features whose
 * deviation is nothing but rounding would be blown up to targets that are nothing but rounding.
 */
export async function writeVariedImages(folder: string, count: number): Promise<void> {
  const { default: sharp } = await import("sharp");
  const files: Record<string, Uint8Array> = {};
  for (let image = 0; image < count; image++) {
    const colours = randomStream(7).at(image).uniform(12);
    const pixels = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => {
      const channel = i % 3, x = Math.floor(i / 3) % 16, y = Math.floor(i / 48);
      return 250 * colours[3 * (2 * Number(y > 7) + Number(x > 7)) + channel]!;
    });
    const raw = { width: 16, height: 16, channels: 3 } as const;
    files[`a/${String(image).padStart(3, "0")}.png`] = await sharp(pixels, { raw }).png()
      .toBuffer();
  }
  await writeFiles(`${folder}/images`, files);
}

type Sums = Pick<ProcessGroup, "rank" | "size" | "allReduce">;

/** So many processes whose sums are taken in this one, in the order of their ranks. */
export function pretendedGroups(size: number): Sums[] {
  let waiting: { values: tf.Tensor1D; resolve: (sum: tf.Tensor1D) => void; rank: number }[] = [];
  const allReduce = (rank: number) => (values: tf.Tensor1D) => {
    const { promise, resolve } = Promise.withResolvers<tf.Tensor1D>();
    waiting.push({ values, resolve, rank });
    if (waiting.length === size) {
      const all = waiting.sort((a, b) => a.rank - b.rank);
      waiting = [];
      const sum = tf.addN(all.map(({ values }) => values));
      all.forEach(({ resolve }) => resolve(sum.clone()));
      sum.dispose();
    }
    return promise;
  };
  return Array.from({ length: size }, (_, rank) => ({ rank, size, allReduce: allReduce(rank) }));
}

/** Trains by so many pretended processes; 1 is the ordinary path. */
export async function trainShared(
  recipe: Recipe,
  { teachers, size, steps }: {
    readonly teachers: readonly Teacher[];
    readonly size: number;
    readonly steps: number;
  },
) {
  const setup = await setUpTraining(recipe, { teachers });
  const groups = size === 1 ? [undefined] : pretendedGroups(size);
  const ranks = await Promise.all(groups.map(async (group) => {
    const part = group && { rank: group.rank, size: group.size };
    const own = { ...setup, ...part && { part } };
    const { state, layout } = await freshState(setup);
    const trainer = makeTrainer(own, layout, await openTargets(own), undefined, group);
    return { own, state, layout, trainer, measurements: [] as StepMeasurements[] };
  }));
  for (let step = 0; step < steps; step++) {
    await Promise.all(ranks.map(async (rank) => {
      const { own, trainer } = rank;
      using gradients = await trainer.gradients(rank.state, trainer.prepare(drawBatch(own, step)));
      rank.measurements.push(gradients.measurements);
      rank.state = await trainer.update(gradients, step + 1);
    }));
  }
  const states = [];
  for (const { state, layout, trainer } of ranks) {
    states.push(await stateToHost(state, layout));
    trainer.dispose();
    tf.dispose(state.tensors);
  }
  setup.images.close();
  return { states, measurements: ranks.map(({ measurements }) => measurements) };
}
