/** Statistics of what the first batches of a run give, before any step is taken. */
import * as tf from "@tensorflow/tfjs";
import { compileLazily } from "../engine/compile_lazily.ts";
import type { StatisticsFit } from "../method/standardizers/fit.ts";
import type { Targets } from "../method/standardizers/statistics.ts";
import { drawBatch, type HostBatch } from "./batch.ts";
import { type LazyViews, lazyViews } from "./lazy_views.ts";
import { type TrainingSetup, viewsOf } from "./setup.ts";

/**
 * Goes through the first batches of a run, with the views that the first steps will see.
 *
 * @param batches most batches
 * @param use gets the views, which are freed after it
 */
export async function forFirstBatches(
  setup: TrainingSetup,
  batches: number,
  use: (views: LazyViews["get"], host: HostBatch) => Promise<void>,
): Promise<void> {
  const { recipe, plan, images } = setup;
  const mode = recipe.mode === "eager" ? "eager" : "graph";
  const views = compileLazily(viewsOf(setup), { mode, name: "views" });
  try {
    for (let step = 0; step < Math.min(batches, plan.steps); step++) {
      const host = drawBatch(setup, step), drawn = lazyViews(images.canvas, host, views);
      await use(drawn.get, host);
      await drawn.dispose();
    }
  } finally {
    views.dispose();
  }
}

/**
 * Adds the first batches of a run to a fit. They are the views that the first steps will see, so a cache of
 * features serves both.
 *
 * @param options batches: most batches; compute: what is fitted to, of a batch, which is then disposed of
 */
export async function fitFirstBatches(
  setup: TrainingSetup,
  fit: StatisticsFit,
  { batches, compute }: {
    readonly batches: number;
    readonly compute: (views: LazyViews["get"], host: HostBatch) => Promise<Targets>;
  },
): Promise<void> {
  await forFirstBatches(setup, batches, async (views, host) => {
    const features = await compute(views, host);
    await fit.add(features);
    tf.dispose(features);
  });
}
