/** Statistics of what the first batches of a run give, before any step is taken. */
import * as tf from "@tensorflow/tfjs";
import { compileLazily } from "../engine/compile_lazily.ts";
import type { StatisticsFit } from "../method/standardizers/fit.ts";
import type { Targets } from "../method/standardizers/statistics.ts";
import { drawBatch, type HostBatch } from "./batch.ts";
import { type LazyViews, lazyViews } from "./lazy_views.ts";
import { type TrainingSetup, viewsOf } from "./setup.ts";

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
  const { recipe, plan, images } = setup;
  const mode = recipe.mode === "eager" ? "eager" : "graph";
  const views = compileLazily(viewsOf(setup), { mode, name: "views" });
  try {
    for (let step = 0; step < Math.min(batches, plan.steps); step++) {
      const host = drawBatch(setup, step), drawn = lazyViews(images.canvas, host, views);
      const features = await compute(drawn.get, host);
      await fit.add(features);
      await drawn.dispose();
      tf.dispose(features);
    }
  } finally {
    views.dispose();
  }
}
