/** Processes that are none: several trainers in one, whose sum is taken here. */
import * as tf from "@tensorflow/tfjs";
import { GroupFailure, GroupFinished } from "../../../lib/engine/collectives/group_end.ts";
import type { ProcessGroup } from "../../../lib/engine/collectives/process_group.ts";
import { flatToHost, stateToHost } from "../../../lib/method/state.ts";
import type { StepMeasurements } from "../../../lib/method/step.ts";
import type { Recipe } from "../../../lib/recipe/options.ts";
import type { Teacher } from "../../../lib/teachers/backbone.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { drawBatch } from "../../../lib/training/batch.ts";
import { openPrefix } from "../../../lib/training/prefix.ts";
import { setUpTraining } from "../../../lib/training/setup.ts";
import { freshState } from "../../../lib/training/start.ts";
import { openTargets } from "../../../lib/training/targets.ts";
import { keepSlices, openSharding } from "../../../lib/training/processes/sharding.ts";
import { makeTrainer, type StepGroup } from "../../../lib/training/trainer.ts";
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

/** An operation that begins when all have come, and gives each rank its own result. */
function meeting(size: number, compute: (ofRanks: tf.Tensor[]) => tf.Tensor[]) {
  let waiting: { values: tf.Tensor; resolve: (result: tf.Tensor) => void }[] = [];
  return (rank: number) => <T extends tf.Tensor>(values: T) => {
    const { promise, resolve } = Promise.withResolvers<tf.Tensor>();
    waiting[rank] = { values, resolve };
    if (Object.keys(waiting).length === size) {
      const all = waiting;
      waiting = [];
      const results = tf.tidy(() => compute(all.map(({ values }) => values)));
      all.forEach(({ resolve }, i) => resolve(results[i]!));
    }
    return promise as Promise<T>;
  };
}

/** So many processes whose collectives are computed in this one, in the order of their ranks. */
export function pretendedGroups(size: number): StepGroup[] {
  const forAll = (result: tf.Tensor) => Array.from({ length: size }, () => result.clone());
  const allReduce = meeting(size, (all) => forAll(tf.addN(all)));
  const allGather = meeting(size, (all) => forAll(tf.concat(all)));
  const allToAll = meeting(
    size,
    (all) => all.map((_, rank) => tf.concat(all.map((rows) => tf.slice(rows, rank, 1)))),
  );
  return Array.from({ length: size }, (_, rank) => ({
    ...{ rank, size },
    allReduce: allReduce(rank),
    allGather: allGather(rank),
    allToAll: allToAll(rank),
  }));
}

/** Whole processes that are none: what they say to each other too, until the leader ends them. */
export function pretendedProcesses(size: number): ProcessGroup[] {
  const end = Promise.withResolvers<never>();
  end.promise.catch(() => {});
  const words = Array.from({ length: size }, () => new TransformStream<unknown>());
  const writers = words.map(({ writable }) => writable.getWriter());
  const readers = words.map(({ readable }) => readable.getReader());
  const broadcast = meeting(size, ([given]) => Array.from({ length: size }, () => given!.clone()));
  return pretendedGroups(size).map(({ rank, allReduce, allGather, allToAll }) => {
    const untilEnded = <T, R>(operate: (values: T) => Promise<R>) => (values: T): Promise<R> =>
      Promise.race([operate(values), end.promise]);
    return {
      ...{ rank, size, start: () => Promise.resolve() },
      allReduce: untilEnded(allReduce),
      allGather: untilEnded(allGather),
      allToAll: untilEnded(allToAll),
      broadcast: untilEnded((values: tf.Tensor1D | { readonly size: number }) => {
        const given = values instanceof tf.Tensor && rank === 0 ? values : undefined;
        return broadcast(rank)(given as tf.Tensor1D);
      }),
      say: untilEnded(async (word: unknown) => {
        if (rank > 0) return (await readers[rank]!.read()).value;
        const text = JSON.stringify(word);
        writers.slice(1).forEach((writer) => void writer.write(JSON.parse(text)));
        return word;
      }),
      untilEnd: () =>
        end.promise.catch((error) => {
          if (!(error instanceof GroupFinished)) throw error;
        }),
      finish: () => Promise.resolve(end.reject(new GroupFinished())),
      fail: (reason: string) => Promise.resolve(end.reject(new GroupFailure(reason))),
    };
  });
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
    const { state: whole, layout } = await freshState(setup);
    const sharding = group && recipe.optimization.sharded ? openSharding(group, layout) : undefined;
    const state = sharding ? keepSlices(whole, sharding) : whole;
    const prefix = await openPrefix(own, layout, state.tensors.parameters);
    const trainer = makeTrainer(own, layout, await openTargets(own), prefix, group);
    return { own, state, layout, sharding, trainer, measurements: [] as StepMeasurements[] };
  }));
  for (let step = 0; step < steps; step++) {
    await Promise.all(ranks.map(async (rank) => {
      const { own, trainer } = rank;
      using gradients = await trainer.gradients(rank.state, trainer.prepare(drawBatch(own, step)));
      rank.measurements.push(gradients.measurements);
      rank.state = await trainer.update(gradients, step + 1);
    }));
  }
  // The others give their slices until a step comes, and here none does.
  ranks.slice(1).forEach(({ sharding, state }) => void sharding?.goOn(state));
  const states: Awaited<ReturnType<typeof stateToHost>>[] = [];
  for (const { state, layout, sharding, trainer } of ranks) {
    if (sharding === undefined) states.push(await stateToHost(state, layout));
    else if (states.length === 0) states.push(await sharding.toHost(state));
    // Parameters are whole at each.
    else states.push(await flatToHost(state.tensors.parameters, layout));
    trainer.dispose();
    tf.dispose(state.tensors);
  }
  setup.images.close();
  return { states, measurements: ranks.map(({ measurements }) => measurements) };
}
