import { defaultQuarantine } from "../images/packs/quarantine.ts";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../engine/backend.ts";
import { type Augmentation, scaledBlur } from "../augmentation/augmentation.ts";
import { joinPacks } from "../images/packs/joined_pack.ts";
import { type Sampler, sampler } from "../images/packs/sampler.ts";
import type { ImagePack } from "../images/packs/pack_file.ts";
import { type Grid, supervisedGrid } from "../nn/token_grid.ts";
import { type RandomStream, randomStream } from "../tensors/random.ts";
import type { StudentConfig } from "../method/student.ts";
import type { StateShape } from "../method/state.ts";
import { shapeOf, type Teacher } from "../teachers/backbone.ts";
import { openSource } from "./open_source.ts";
import { describeSource } from "../recipe/describe_source.ts";
import { openBackbone } from "../teachers/open_backbone.ts";
import type { Recipe } from "../recipe/options.ts";
import { keepTokens } from "../teachers/keep_tokens.ts";
import { keptTokensOf } from "../recipe/feature_cache.ts";
import { studentConfigOf } from "../recipe/student_config.ts";
import { planTraining, type TrainingPlan } from "../recipe/training_plan.ts";
import { augment, type AugmentationParameters } from "../augmentation/augment.ts";

/** A recipe with everything it names opened: what a run works with, and none of it changes. */
export interface TrainingSetup {
  readonly recipe: Recipe;
  readonly images: ImagePack;
  readonly augmentation: Augmentation;
  /** Which images each step sees. */
  readonly order: Sampler;
  readonly teachers: readonly Teacher[];
  readonly student: StudentConfig;
  readonly plan: TrainingPlan;
  readonly random: RandomStream;
}

/** A recipe's augmentation for its size; blur is given for 224 px and scaled from there. */
export function augmentationOf({ images }: Pick<Recipe, "images">): Augmentation {
  const { size, augmentation } = images;
  const { blur } = augmentation;
  return { ...augmentation, size, blur: blur === false ? false : scaledBlur(blur, size) };
}

/**
 * Starts the engine, packs the images and loads the teachers, sorted by name so that a recipe's
 * order does not matter.
 *
 * @param given teachers of one's own, instead of those that the recipe names in the zoo
 * @throws {UserError} for a missing image source or teacher, or a plan that cannot be
 */
export async function setUpTraining(
  recipe: Recipe,
  given: { readonly teachers?: readonly Teacher[]; readonly progress?: (line: string) => void } =
    {},
): Promise<TrainingSetup> {
  const { progress = () => {} } = given;
  await startEngine();
  const packs: ImagePack[] = [];
  for (const source of recipe.images.sources) {
    progress(`images: ${describeSource(source)}`);
    packs.push(
      await openSource(source, {
        canvas: recipe.images.canvas,
        quarantine: recipe.images.quarantine ?? defaultQuarantine,
        ...(recipe.workers === undefined ? {} : { workers: recipe.workers }),
      }),
    );
  }
  const images = joinPacks(packs);
  for (const { name, reason } of images.quarantined ?? []) {
    progress(`warning: ${name} is unreadable and replaced by a neighbour: ${reason}`);
  }
  const whole = [...given.teachers ?? []];
  if (given.teachers === undefined) {
    for (const teacher of recipe.teachers) {
      progress(`teacher: ${teacher.name}`);
      whole.push(await openBackbone(teacher));
    }
  }
  const random = randomStream(recipe.seed);
  const teachers = whole.map((teacher) => keepTokens(teacher, keptTokensOf(recipe)));
  teachers.sort((a, b) => a.name < b.name ? -1 : 1);
  const student = studentConfigOf(recipe, teachers.map(shapeOf));
  for (const teacher of teachers) progress(describeTeacher(teacher, student.ladder.grid));
  return {
    recipe,
    images,
    augmentation: augmentationOf(recipe),
    order: sampler(random, { images: images.count, batchSize: recipe.optimization.batchSize }),
    teachers,
    student,
    plan: planTraining(recipe, images.count),
    random,
  };
}

/** What is asked of a teacher, and on which grid its patches are compared with the student's. */
function describeTeacher({ name, width, tokens, grid, input }: Teacher, student: Grid): string {
  const [own, compared] = [grid(), supervisedGrid(student, grid())].map((one) => one.join(" x "));
  const patches = tokens.includes("patch") ? `grid ${own} compared on ${compared}` : "no patches";
  const cls = tokens.includes("cls") ? "" : ", no CLS";
  return `teacher ${name}: width ${width}, ${patches}${cls}, input ${input.size} px`;
}

/**
 * One augmented view per image, which student and teachers alike see (paper appendix A).
 *
 * @returns a pure function of `pixels [batch, canvas, canvas, 3]` (0 to 255) and the drawn
 * parameters, to `[batch, size, size, 3]` in [0, 1]
 */
export function viewsOf(
  { augmentation: config }: Pick<TrainingSetup, "augmentation">,
): (pixels: tf.Tensor4D, augmentation: AugmentationParameters) => tf.Tensor4D {
  return (pixels, augmentation) => augment(pixels, augmentation, config);
}

/** Which tensors the state of a distillation has. */
export function stateShapeOf(
  { student, recipe }: Pick<TrainingSetup, "student" | "recipe">,
): StateShape {
  return {
    teachers: student.ladder.teachers,
    standardizer: recipe.standardizer.kind,
    averages: recipe.balancing.kind === "ada_loss",
  };
}
