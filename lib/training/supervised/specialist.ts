/** Trains a small vision transformer from labels: the specialists that the demo then unites. */
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../engine/backend.ts";
import {
  augment,
  type AugmentationParameters,
  augmentationTensors,
} from "../../augmentation/augment.ts";
import { drawAugmentations } from "../../augmentation/draw.ts";
import { joinPacks } from "../../images/packs/joined_pack.ts";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import { sampler } from "../../images/packs/sampler.ts";
import { initLinear } from "../../nn/linear.ts";
import {
  initVisionTransformer,
  type VisionTransformerConfig,
} from "../../nn/vision_transformer.ts";
import { type AdamState, adamW, initAdam } from "../../tensors/adamw.ts";
import { flatten, layoutOf } from "../../tensors/parameters.ts";
import { randomStream } from "../../tensors/random.ts";
import { compileLazily } from "../../engine/compile_lazily.ts";
import { imagenetNormalization, normalizeImages } from "../../images/normalize.ts";
import { augmentationOf } from "../setup.ts";
import type { RecipeOptimization } from "../../recipe/options.ts";
import type { RecipeImages } from "../../recipe/image_options.ts";
import { learningRateAt } from "../../recipe/training_plan.ts";
import { openSource } from "../open_source.ts";
import { openSupervision } from "./labels.ts";
import { type LessonTensors, specialistGradients } from "./step.ts";
import type { UpdateInputs } from "../../method/step.ts";
import { encodeStudent } from "../../runs/student_file.ts";
import { flatToHost } from "../../method/state.ts";
import { StepTimer } from "../step_timer.ts";
import { planTraining } from "../../recipe/training_plan.ts";
import { UserError } from "../../errors/user_error.ts";

/** How one specialist is trained. */
export interface SpecialistRecipe {
  /** Name in the zoo. */
  readonly name: string;
  /** What it knows, for the zoo. */
  readonly description: string;
  /** Root of all randomness. */
  readonly seed: number;
  /** Labelled images. */
  readonly images: RecipeImages;
  /**
   * What is learnt: "class" (default), the class of an image, by CLS and by the mean of the patches; or
   * "parts", on images of the world and without augmentation: which share of every patch is which part
   * of an object, and CLS those of the whole image.
   */
  readonly lesson?: "class" | "parts";
  /** The network to train. */
  readonly network: VisionTransformerConfig;
  /** AdamW and its schedule. */
  readonly optimization: RecipeOptimization;
  /** Part of each label that is spread over all classes. */
  readonly labelSmoothing: number;
}

/** One step of a specialist's training. */
export interface SpecialistReport {
  /** Updates done. */
  readonly step: number;
  /** Updates in all. */
  readonly steps: number;
  /** Cross-entropy. */
  readonly loss: number;
  /** Share of the batch that was classified rightly, 0 to 1. */
  readonly accuracy: number;
  /** Of late. */
  readonly imagesPerSecond: number;
  /** Expected. */
  readonly secondsLeft: number;
}

/**
 * Trains a vision transformer with cross-entropy on its CLS token and on its patches.
 *
 * @returns the encoder, without its classifier, as the bytes of a safetensors file that
 * `readVisionTransformer` reads
 * @throws {UserError} for missing or unreadable images
 */
export async function trainSpecialist(
  recipe: SpecialistRecipe,
  onReport: (report: SpecialistReport) => void = () => {},
): Promise<Uint8Array> {
  await startEngine();
  const { network, optimization } = recipe;
  const { sources, canvas } = recipe.images;
  if (sources.length === 0) throw new UserError(`Cannot train "${recipe.name}" without images`);
  const packs: ImagePack[] = [];
  for (const source of sources) packs.push(await openSource(source, { canvas }));
  const images = joinPacks(packs);
  const lesson = openSupervision(recipe, images);
  const plan = planTraining(recipe, images.count);
  const random = randomStream(recipe.seed);
  const order = sampler(random, { images: images.count, batchSize: optimization.batchSize });
  const augmentation = augmentationOf(recipe);

  const tree = {
    encoder: initVisionTransformer(network, random.at("encoder")),
    head: initLinear({ inputs: network.width, outputs: lesson.outputs }, random.at("head")),
  };
  const layout = layoutOf(tree);
  let parameters = tf.tidy(() => flatten(tree, layout));
  let adam = initAdam(layout);
  tf.dispose(tree);

  const gradientsOf = compileLazily(
    (
      flat: tf.Tensor1D,
      pixels: tf.Tensor4D,
      drawn: AugmentationParameters,
      wanted: LessonTensors,
    ) => {
      const views = normalizeImages(augment(pixels, drawn, augmentation), imagenetNormalization);
      return specialistGradients(flat, views, wanted, { encoder: network, layout });
    },
    { mode: "graph", name: "specialist" },
  );
  const update = compileLazily(
    (flat: tf.Tensor1D, gradients: tf.Tensor1D, state: AdamState, inputs: UpdateInputs) =>
      adamW(flat, gradients, state, { learningRate: inputs.learningRate, step: inputs.update }, {
        ...optimization,
        layout,
      }),
    { mode: "xla", name: "update" },
  );
  const tokens = (network.imageSize / network.patchSize) ** 2;
  const timer = new StepTimer(optimization.batchSize, () => performance.now());
  for (let step = 0; step < plan.steps; step++) {
    const { epoch, images: indices } = order.at(step);
    const { cls, patch } = lesson.targets(indices);
    const inputs = {
      pixels: tf.tensor4d(Float32Array.from(images.read(indices)), [
        indices.length,
        images.canvas,
        images.canvas,
        3,
      ]),
      drawn: augmentationTensors(
        drawAugmentations(augmentation, images.canvas, random, { epoch, images: indices }),
      ),
      wanted: {
        cls: tf.tensor2d(cls, [indices.length, lesson.outputs]),
        ...patch && { patch: tf.tensor3d(patch, [indices.length, tokens, lesson.outputs]) },
      },
      update: { learningRate: tf.scalar(learningRateAt(plan, step)), update: tf.scalar(step + 1) },
    };
    const { gradients, report } = await gradientsOf(
      parameters,
      inputs.pixels,
      inputs.drawn,
      inputs.wanted,
    );
    const updated = await update(parameters, gradients, adam, inputs.update);
    const [loss = NaN, accuracy = NaN] = await report.data<"float32">();
    tf.dispose([inputs, gradients, report, parameters, adam]);
    ({ parameters, state: adam } = updated);
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
