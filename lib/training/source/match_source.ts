/** A narrower student's start: channels of a network, matched to it on the first images of the run. */
import * as tf from "@tensorflow/tfjs";
import { compileLazily } from "../../engine/compile_lazily.ts";
import type { Work } from "../../io/progress_line.ts";
import { prepareImages } from "../../method/encoder_input.ts";
import type { StagesParameters } from "../../nn/convolutional/network.ts";
import { type EncoderParameters, isTransformer } from "../../nn/encoder.ts";
import { isNarrower, matchStages } from "../../nn/pruning/match_stages.ts";
import { encoderConfigOf } from "../../recipe/student_config.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { namedTensors } from "../../tensors/parameters.ts";
import { drawBatch } from "../batch.ts";
import { lazyViews } from "../lazy_views.ts";
import { sizeAtStep, studentOf } from "../resolution.ts";
import { type TrainingSetup, viewsOf } from "../setup.ts";
import { weightsFrom } from "./warm_start.ts";

/** Images that are looked at, at least; each gives as many rows as a map has places. */
const matchedImages = 512;

/** Images that go through a layer at once. */
const imagesAtOnce = 32;

/**
 * What a student takes of the network that it starts from, as {@linkcode weightsFrom} has it; the channels of a
 * narrower convolutional one are matched to the source's on the views that the first steps will see.
 *
 * @param source borrowed
 * @param onWork gets a line before the work, where there is some
 * @returns the caller's
 */
export async function matchedWeights(
  setup: TrainingSetup,
  source: Backbone,
  onWork: (work: Work) => void = () => {},
): Promise<EncoderParameters> {
  const selected = weightsFrom(setup.recipe, source);
  const [from, to] = [source.encoder, encoderConfigOf(setup.recipe)];
  if (from === undefined || isTransformer(from) || isTransformer(to) || !isNarrower(from, to)) {
    return selected;
  }
  onWork({ stage: `fitting the student's layers to ${source.name}…` });
  const batches = await firstImages(setup);
  try {
    return await matchStages(
      { config: from, parameters: source.parameters as StagesParameters },
      { config: to, parameters: selected as StagesParameters },
      batches,
    );
  } finally {
    tf.dispose([...batches, ...namedTensors(selected).map(([, tensor]) => tensor)]);
  }
}

/** The first images as the student takes them, `[at most 32, size, size, 3]` each. */
async function firstImages(setup: TrainingSetup): Promise<tf.Tensor4D[]> {
  const { recipe, plan, images: { canvas } } = setup, batches: tf.Tensor4D[] = [];
  const { input } = studentOf(setup, sizeAtStep(setup, 0));
  const mode = recipe.mode === "eager" ? "eager" : "graph";
  const views = compileLazily(viewsOf(setup), { mode, name: "views" });
  try {
    const steps = Math.min(plan.steps, Math.ceil(matchedImages / recipe.optimization.batchSize));
    for (let step = 0; step < steps; step++) {
      const drawn = lazyViews(canvas, drawBatch(setup, step), views);
      const view = await drawn.get();
      batches.push(...tf.tidy(() => inParts(prepareImages(view, input))));
      await drawn.dispose();
    }
    return batches;
  } finally {
    views.dispose();
  }
}

/** The images of a batch, few at a time. */
function inParts(images: tf.Tensor4D): tf.Tensor4D[] {
  const count = images.shape[0];
  return Array.from({ length: Math.ceil(count / imagesAtOnce) }, (_, i) => {
    const first = i * imagesAtOnce;
    return tf.slice(images, first, Math.min(imagesAtOnce, count - first));
  });
}
