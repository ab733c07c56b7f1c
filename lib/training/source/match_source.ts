/** A narrower student's start: channels of a network, matched to it on the first images of the run. */
import * as tf from "@tensorflow/tfjs";
import { disposeTree } from "../../engine/compiler/tree.ts";
import type { Work } from "../../io/progress_line.ts";
import { prepareImages } from "../../method/encoder_input.ts";
import type { StagesParameters } from "../../nn/convolutional/network.ts";
import type { EncoderParameters } from "../../nn/encoder.ts";
import { matchStages } from "../../nn/pruning/match_stages.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { forFirstBatches } from "../fit_first_batches.ts";
import { sizeAtStep, studentOf } from "../resolution.ts";
import type { TrainingSetup } from "../setup.ts";
import { narrowingOf, weightsFrom } from "./warm_start.ts";

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
  const narrowing = narrowingOf(setup.recipe, source.encoder);
  if (narrowing === undefined) return selected;
  onWork({ stage: `fitting the student's layers to ${source.name}…` });
  const batches = await firstImages(setup);
  try {
    return await matchStages(
      { config: narrowing.from, parameters: source.parameters as StagesParameters },
      { config: narrowing.to, parameters: selected as StagesParameters },
      batches,
    );
  } finally {
    disposeTree([batches, selected]);
  }
}

/** The first images as the student takes them, `[at most 32, size, size, 3]` each. */
async function firstImages(setup: TrainingSetup): Promise<tf.Tensor4D[]> {
  const parts: tf.Tensor4D[] = [], { input } = studentOf(setup, sizeAtStep(setup, 0));
  const batches = Math.ceil(matchedImages / setup.recipe.optimization.batchSize);
  await forFirstBatches(setup, batches, async (views) => {
    const seen = await views();
    parts.push(...tf.tidy(() => inParts(prepareImages(seen, input))));
  });
  return parts;
}

/** The images of a batch, few at a time. */
function inParts(images: tf.Tensor4D): tf.Tensor4D[] {
  const count = images.shape[0];
  return Array.from({ length: Math.ceil(count / imagesAtOnce) }, (_, i) => {
    const first = i * imagesAtOnce;
    return tf.slice(images, first, Math.min(imagesAtOnce, count - first));
  });
}
