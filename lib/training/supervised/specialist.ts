/** Trains a small vision transformer from labels: the specialists that the demo then unites. */
import * as tf from "@tensorflow/tfjs";
import { augment } from "../../augmentation/augment.ts";
import { startEngine } from "../../engine/backend.ts";
import { compileLazily } from "../../engine/compile_lazily.ts";
import { UserError } from "../../errors/user_error.ts";
import { imagenetNormalization, normalizeImages } from "../../images/normalize.ts";
import { joinPacks } from "../../images/packs/joined_pack.ts";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import { sampler } from "../../images/packs/sampler.ts";
import { flatToHost } from "../../method/state.ts";
import { type DistillTensors, distillUpdate, type UpdateInputs } from "../../method/step.ts";
import { initLinear } from "../../nn/linear.ts";
import { initVisionTransformer } from "../../nn/vision_transformer.ts";
import { optimizerOf } from "../../recipe/parameter_groups.ts";
import { learningRateAt, planTraining } from "../../recipe/training_plan.ts";
import { encodeStudent } from "../../teachers/student_file.ts";
import { initAdam } from "../../tensors/adamw.ts";
import { flatten, type Layout, layoutOf } from "../../tensors/parameters.ts";
import { type RandomStream, randomStream } from "../../tensors/random.ts";
import { drawImages, type ImageTensors, uploadImages } from "../batch.ts";
import { openSource } from "../open_source.ts";
import { augmentationOf } from "../setup.ts";
import { StepTimer } from "../step_timer.ts";
import { openSupervision, type SupervisedTargets, type Supervision } from "./labels.ts";
import type { SpecialistRecipe } from "./recipe.ts";
import { type LessonTensors, specialistGradients, type SpecialistParameters } from "./step.ts";

/** One step of a specialist's training. */
export interface SpecialistReport {
  /** Updates done. */
  readonly step: number;
  /** Updates in all. */
  readonly steps: number;
  /** Cross-entropy. */
  readonly loss: number;
  /** Share of the batch that is classified correctly, 0 to 1. */
  readonly accuracy: number;
  /** Images per second of late. */
  readonly imagesPerSecond: number;
  /** Expected seconds to the end. */
  readonly secondsLeft: number;
}

/**
 * Trains a vision transformer with cross-entropy on its CLS token and on its patches.
 *
 * @returns the encoder, without its classifier, as the bytes of a safetensors file that
 * `readEncoder` reads
 * @throws {UserError} for missing or unreadable images
 */
export async function trainSpecialist(
  recipe: SpecialistRecipe,
  onReport: (report: SpecialistReport) => void = () => {},
): Promise<Uint8Array> {
  await startEngine();
  const { network, optimization: { batchSize } } = recipe;
  const images = await openImages(recipe);
  const augmentation = augmentationOf(recipe);
  const supervision = openSupervision(recipe, images);
  const plan = planTraining(recipe, images.count);
  const random = randomStream(recipe.seed);
  const order = sampler(random, { images: images.count, batchSize });
  const start = drawParameters(recipe, supervision, random);
  const { layout } = start;
  let { parameters } = start, adam = initAdam(layout);
  const { gradientsOf, update } = compiledParts(recipe, layout);
  const tokens = (network.imageSize / network.patchSize) ** 2;
  const timer = new StepTimer(batchSize, () => performance.now());
  for (let step = 0; step < plan.steps; step++) {
    const { epoch, images: indices } = order.at(step);
    const host = drawImages({ images, augmentation, random }, { indices, view: epoch });
    const inputs = {
      images: uploadImages(images.canvas, host),
      targets: uploadTargets(supervision.targets(indices), [
        indices.length,
        tokens,
        supervision.outputs,
      ]),
      update: { learningRate: tf.scalar(learningRateAt(plan, step)), update: tf.scalar(step + 1) },
    };
    const { gradients, report } = await gradientsOf(parameters, inputs.images, inputs.targets);
    const updated = await update({ parameters, adam }, gradients, inputs.update);
    const [loss = NaN, accuracy = NaN] = await report.data<"float32">();
    tf.dispose([inputs, gradients, report, parameters, adam]);
    ({ parameters, adam } = updated);
    const { imagesPerSecond, secondsLeft } = timer.lap(0, plan.steps - step - 1);
    onReport({ step: step + 1, steps: plan.steps, loss, accuracy, imagesPerSecond, secondsLeft });
  }
  const host = await flatToHost(parameters, layout);
  tf.dispose([parameters, adam]);
  gradientsOf.dispose();
  update.dispose();
  images.close();
  return encodeStudent(host, network, { description: recipe.description });
}

async function openImages({ name, images }: SpecialistRecipe): Promise<ImagePack> {
  const { sources, canvas } = images;
  if (sources.length === 0) throw new UserError(`Cannot train "${name}" without images`);
  const packs: ImagePack[] = [];
  for (const source of sources) {
    if ("run" in source) {
      throw new UserError(
        `Cannot train "${name}" on images of the run "${source.run}", whose labels are not known. Name its images`,
      );
    }
    packs.push(await openSource(source, { canvas }));
  }
  return joinPacks(packs);
}

function drawParameters(
  { network }: SpecialistRecipe,
  { outputs }: Supervision,
  random: RandomStream,
): { parameters: tf.Tensor1D; layout: Layout<SpecialistParameters> } {
  const tree = {
    encoder: initVisionTransformer(network, random.at("encoder")),
    head: initLinear({ inputs: network.width, outputs }, random.at("head")),
  };
  const layout = layoutOf(tree);
  const parameters = tf.tidy(() => flatten(tree, layout));
  tf.dispose(tree);
  return { parameters, layout };
}

function compiledParts(recipe: SpecialistRecipe, layout: Layout<SpecialistParameters>) {
  const { network } = recipe, optimizer = optimizerOf({ optimization: recipe.optimization });
  const augmentation = augmentationOf(recipe);
  return {
    gradientsOf: compileLazily(
      (flat: tf.Tensor1D, images: ImageTensors, targets: LessonTensors) => {
        const pixels = augment(images.pixels, images.augmentation, augmentation);
        const views = normalizeImages(pixels, imagenetNormalization);
        return specialistGradients(flat, views, targets, { encoder: network, layout });
      },
      { mode: "graph", name: "specialist" },
    ),
    update: compileLazily(
      (
        tensors: Pick<DistillTensors, "parameters" | "adam">,
        gradients: tf.Tensor1D,
        inputs: UpdateInputs,
      ) => distillUpdate(tensors, gradients, inputs, { layout, optimizer }),
      { mode: "xla", name: "update", reuse: 1 },
    ),
  };
}

function uploadTargets(
  { cls, patch }: SupervisedTargets,
  [batch, tokens, outputs]: readonly [batch: number, tokens: number, outputs: number],
): LessonTensors {
  return {
    cls: tf.tensor2d(cls, [batch, outputs]),
    // Absent where there are none: each key is an input of the compiled function.
    ...patch && { patch: tf.tensor3d(patch, [batch, tokens, outputs]) },
  };
}
