/** The parts of a job on our side, each on as many images as a pass has. */
import * as tf from "@tensorflow/tfjs";
import { compileLazily } from "../../engine/compile_lazily.ts";
import { disposeTree } from "../../engine/compiler/tree.ts";
import { packImages } from "../../images/packs/pack.ts";
import type { DistillState } from "../../method/state.ts";
import type { Recipe } from "../../recipe/options.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { openBackbone } from "../../teachers/open_backbone.ts";
import { drawBatch, uploadImages } from "../../training/batch.ts";
import { distill } from "../../training/distill.ts";
import { type JobTimes, type PartTime, stopwatch, sum, wholeTimes } from "./part_time.ts";
import { acceptEverything } from "../../training/budget/time_steps.ts";
import { setUpTraining, type TrainingSetup, viewsOf } from "../../training/setup.ts";
import { freshState } from "../../training/start.ts";
import { takeStep } from "../../training/take_step.ts";
import { openTargets } from "../../training/targets.ts";
import { makeTrainer } from "../../training/trainer.ts";

/** Steps of a pass that are not counted: they compile, or still find what the pass before has prepared. */
const uncounted = 2;

/** Our side of a job, opened once. */
export interface OurJob {
  /** Numbers in the student with its heads, and in each teacher, by name. */
  readonly parameters: { readonly student: number; readonly teachers: Record<string, number> };
  /** Measures every part once. */
  measure(): Promise<JobTimes>;
  dispose(): void;
}

/**
 * Opens a job. The engine must have been started.
 *
 * @param place files: folder of the encoded images; scratch: an empty folder for packs, features and runs
 */
export async function openOurJob(
  recipe: Recipe,
  place: { readonly files: string; readonly scratch: string },
): Promise<OurJob> {
  const teachers: Backbone[] = [];
  for (const spec of recipe.teachers) teachers.push(await openBackbone(spec));
  const setup = await setUpTraining(recipe, { teachers });
  const { layout, state } = await freshState(setup);
  let current = state, round = 0;
  // Teachers are asked at every call, of the tokens that the recipe keeps.
  const targets = await openTargets({ ...setup, recipe: { ...recipe, featureCache: false } });
  const trainer = makeTrainer(setup, layout, targets);
  const views = compileLazily(viewsOf(setup), { mode: "graph", name: "views" });
  const parts = { setup, views, targets, trainer };
  // The first calls compile.
  await timeViews(parts, 1);
  current = (await timeSteps(parts, current, 1)).state;
  return {
    parameters: {
      student: layout.size,
      teachers: Object.fromEntries(teachers.map((one) => [one.name, one.parameterCount])),
    },
    async measure() {
      round++;
      const decode = await timePack(recipe, place.files, `${place.scratch}/pack_${round}`);
      const batches = setup.order.stepsPerEpoch;
      const seen = await timeViews(parts, batches);
      const steps = await timeSteps(parts, current, batches);
      current = steps.state;
      const run = `${place.scratch}/run_${round}`;
      const passes = await timeRun(recipe, { folder: run, teachers, batches });
      return wholeTimes({ decode, ...seen, step: steps.time, ...passes });
    },
    dispose() {
      trainer.dispose(); // and the targets with it
      views.dispose();
      disposeTree(current.tensors);
      setup.images.close();
      teachers.forEach((teacher) => teacher.dispose());
    },
  };
}

interface Parts {
  readonly setup: TrainingSetup;
  readonly views: (...inputs: Parameters<ReturnType<typeof viewsOf>>) => Promise<tf.Tensor4D>;
  readonly targets: Awaited<ReturnType<typeof openTargets>>;
  readonly trainer: ReturnType<typeof makeTrainer>;
}

/** Decoding and packing, into a folder that has no pack yet. */
async function timePack(recipe: Recipe, path: string, cache: string): Promise<PartTime> {
  const stop = stopwatch();
  const { images: { canvas }, workers } = recipe;
  const pack = await packImages({ path }, { canvas, cache, workers, labels: "unused" });
  pack.close();
  return stop(pack.count);
}

/** Augmentation, from packed images to views on the engine; and the teachers on these. */
async function timeViews({ setup, views, targets }: Parts, batches: number) {
  const augment: PartTime[] = [], teachers: PartTime[] = [];
  for (let step = 0; step < batches; step++) {
    const count = setup.recipe.optimization.batchSize;
    let stop = stopwatch();
    const host = drawBatch(setup, step);
    const { pixels, augmentation } = uploadImages(setup.images.canvas, host);
    const drawn = await views(pixels, augmentation);
    augment.push(stop(count));
    stop = stopwatch();
    const features = await targets.compute(() => Promise.resolve(drawn), host);
    teachers.push(stop(count));
    disposeTree([pixels, augmentation, drawn, features]);
  }
  return { augment: sum(...augment), teachers: sum(...teachers) };
}

/** Steps of the student on batches that are there. */
async function timeSteps({ setup, trainer }: Parts, state: DistillState, batches: number) {
  const times: PartTime[] = [];
  for (let step = 0; step < batches; step++) {
    const batch = trainer.prepare(drawBatch(setup, step));
    await batch.ready;
    const stop = stopwatch();
    ({ state } = await takeStep({ trainer, guard: acceptEverything }, state, batch));
    times.push(stop(setup.recipe.optimization.batchSize));
  }
  return { time: sum(...times), state };
}

/** A run of two passes: the steps of the first, which asks the teachers, and of the second, which reads. */
async function timeRun(
  recipe: Recipe,
  { folder, teachers, batches }: {
    readonly folder: string;
    readonly teachers: readonly Backbone[];
    readonly batches: number;
  },
): Promise<{ readonly firstPass: PartTime; readonly cached: PartTime }> {
  const passes: [PartTime[], PartTime[]] = [[], []];
  let stop: ReturnType<typeof stopwatch> | undefined;
  const options = { folder, teachers, features: `${folder}_features` };
  for await (const { step, waitingShare } of distill(recipe, options)) {
    const time = stop?.(recipe.optimization.batchSize);
    stop = stopwatch();
    const place = (step - 1) % batches;
    if (time === undefined || place < Math.min(uncounted, batches - 1)) continue;
    passes[step <= batches ? 0 : 1].push({ ...time, waitShare: waitingShare });
  }
  const [first, second] = passes;
  return { firstPass: meanOf(first, batches), cached: meanOf(second, batches) };
}

/** The time of as many steps as a pass has, by the mean of those that were counted. */
function meanOf(times: readonly PartTime[], batches: number): PartTime {
  const { images, seconds, processorSeconds } = sum(...times), part = batches / times.length;
  return {
    images: images * part,
    seconds: seconds * part,
    processorSeconds: processorSeconds * part,
    waitShare: times.at(-1)!.waitShare,
  };
}
