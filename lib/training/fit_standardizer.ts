/** Statistics of the teachers from the first batches, before any step is taken. */
import * as tf from "@tensorflow/tfjs";
import { compileLazily } from "../engine/compile_lazily.ts";
import { fitStatistics } from "../method/standardizers/fit.ts";
import type { Statistics } from "../method/standardizers/statistics.ts";
import { drawBatch, uploadBatch } from "./batch.ts";
import { type TrainingSetup, viewsOf } from "./setup.ts";
import { lazyViews, type TargetSource } from "./targets.ts";

/**
 * Fits the kinds of standardisation that do not run along with the training; undefined for the others.
 * It looks at the views that the first steps will see, so a feature cache serves both.
 */
export async function fitStandardizer(
  setup: TrainingSetup,
  targets: TargetSource,
): Promise<Statistics | undefined> {
  const { recipe, plan, random } = setup;
  const { kind, batches } = recipe.standardizer;
  if (kind === "ema" || kind === "batch") return undefined;
  const fit = fitStatistics(kind);
  const views = compileLazily(viewsOf(setup), {
    mode: recipe.mode === "eager" ? "eager" : "graph",
    name: "views",
  });
  try {
    for (let step = 0; step < Math.min(batches, plan.steps); step++) {
      const host = drawBatch(setup, step);
      const inputs = uploadBatch(setup, host);
      const drawn = lazyViews(() => views(inputs.pixels, inputs.augmentation));
      const features = await targets.compute(drawn.get, host);
      await fit.add(features);
      await drawn.dispose();
      tf.dispose([inputs, features]);
    }
    return fit.finish(random.at("standardizer"));
  } finally {
    views.dispose();
  }
}
