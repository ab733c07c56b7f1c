/** A recipe with its images and teachers opened, ready to train. */
import type * as tf from "@tensorflow/tfjs";
import { augment, type AugmentationParameters } from "../augmentation/augment.ts";
import { type Augmentation, scaledBlur } from "../augmentation/augmentation.ts";
import { startEngine } from "../engine/backend.ts";
import type { ImagePack } from "../images/packs/pack_file.ts";
import { type Sampler, sampler } from "../images/packs/sampler.ts";
import type { Work } from "../io/progress_line.ts";
import type { BatchPart } from "../method/batch_parts.ts";
import type { StudentConfig } from "../method/student.ts";
import { type Grid, supervisedGrid } from "../nn/token_grid.ts";
import { keptTokensOf } from "../recipe/feature_cache.ts";
import type { Recipe } from "../recipe/options.ts";
import { studentConfigOf } from "../recipe/student_config.ts";
import { planTraining, type TrainingPlan } from "../recipe/training_plan.ts";
import type { RunPlan } from "../runs/run_plan.ts";
import { type Backbone, shapeOf, type Teacher } from "../teachers/backbone.ts";
import { keepTokens } from "../teachers/keep_tokens.ts";
import { openBackbone } from "../teachers/open_backbone.ts";
import { type RandomStream, randomStream } from "../tensors/random.ts";
import { chooseImages, type Rehearsal } from "./images/choose_images.ts";
import { describeImages, openImages } from "./images/open_images.ts";

/** A recipe with everything it names opened; none of it changes during a run. */
export interface TrainingSetup {
  readonly recipe: Recipe;
  /** Those of a pass. */
  readonly images: ImagePack;
  /** Those that are measured and not trained on, where the recipe has some. */
  readonly heldOut?: ImagePack | undefined;
  /** What is known of the run whose images are rehearsed, where there is one. */
  readonly rehearsal?: Rehearsal | undefined;
  readonly augmentation: Augmentation;
  /** Which images each step sees. */
  readonly order: Sampler;
  readonly teachers: readonly Teacher[];
  readonly student: StudentConfig;
  /** Of a run with a budget of minutes, one pass, until its steps are measured. */
  readonly plan: TrainingPlan;
  /** How the length was planned, where the recipe has a budget of minutes. */
  readonly budget?: RunPlan | undefined;
  readonly random: RandomStream;
  /** The part of every batch that this process sees. Default: all of it. */
  readonly part?: BatchPart | undefined;
  /** Network from which a fresh student starts. Default: it is opened where it is needed. */
  readonly source?: Backbone | undefined;
  /** Run whose heads a fresh student takes over where they fit. Default: all are drawn. */
  readonly headsFrom?: string | undefined;
  /** Folder of the feature cache. Default: the user's. */
  readonly features?: string | undefined;
}

/** A setup whose length is planned: so many steps and views. */
export function withPlan(setup: TrainingSetup, budget: RunPlan): TrainingSetup {
  return { ...setup, budget, plan: planTraining(setup.recipe, setup.images.count, budget) };
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
 * @param options teachers: instead of those that the recipe names; onNote: gets lines that stay;
 * onWork: how far the packing of images has come
 * @throws {UserError} for a missing image source or teacher, or a plan that cannot be
 */
export async function setUpTraining(
  recipe: Recipe,
  options: {
    readonly teachers?: readonly Teacher[] | undefined;
    readonly onNote?: ((line: string) => void) | undefined;
    readonly onWork?: ((work: Work) => void) | undefined;
  } = {},
): Promise<TrainingSetup> {
  const { onNote = () => {}, onWork } = options;
  await startEngine();
  const sources = await openImages(recipe, onNote, onWork);
  const teachers = (options.teachers ?? await openTeachers(recipe, onNote))
    .map((teacher) => keepTokens(teacher, keptTokensOf(recipe)))
    .sort((a, b) => a.name < b.name ? -1 : 1);
  const random = randomStream(recipe.seed);
  const teacher = teachers.find(({ name }) => name === recipe.teachers[0]?.name) ?? teachers[0]!;
  const { images, heldOut } = await chooseImages(sources, recipe, { teacher, random, onWork });
  for (const line of describeImages(sources, recipe, { images, heldOut })) onNote(line);
  const student = studentConfigOf(recipe, teachers.map(shapeOf));
  for (const teacher of teachers) onNote(describeTeacher(teacher, student.ladder.grid));
  return {
    recipe,
    images,
    heldOut,
    ...sources.rehearsal && { rehearsal: sources.rehearsal },
    augmentation: augmentationOf(recipe),
    order: sampler(random, { images: images.count, batchSize: recipe.optimization.batchSize }),
    teachers,
    student,
    plan: recipe.budget === undefined
      ? planTraining(recipe, images.count)
      // One pass may be shorter than the warm-up.
      : planTraining(
        { ...recipe, optimization: { ...recipe.optimization, warmupSteps: 0 } },
        images.count,
      ),
    random,
  };
}

/** The teachers that a recipe names. */
async function openTeachers(recipe: Recipe, onNote: (line: string) => void): Promise<Teacher[]> {
  const teachers: Teacher[] = [];
  for (const teacher of recipe.teachers) {
    onNote(`teacher: ${teacher.name}`);
    const backbone = await openBackbone(teacher);
    for (const note of backbone.notes ?? []) onNote(`  ${note}`);
    teachers.push(backbone);
  }
  return teachers;
}

/** A teacher's shape, and the grid on which its patches are compared with the student's. */
function describeTeacher({ name, width, tokens, grid, input }: Teacher, student: Grid): string {
  const [full, compared] = [grid(), supervisedGrid(student, grid())].map((size) =>
    size.join(" x ")
  );
  const patches = tokens.includes("patch") ? `grid ${full} compared on ${compared}` : "no patches";
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
