import { defaultQuarantine } from "../images/quarantine.ts";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../engine/backend.ts";
import { type Augmentation, scaledBlur } from "../images/augmentation.ts";
import { joinPacks } from "../images/joined_pack.ts";
import { type Sampler, sampler } from "../images/sampler.ts";
import type { ImagePack } from "../images/pack_file.ts";
import type { TeacherShape } from "../ladder.ts";
import { type Grid, supervisedGrid } from "../nn/token_grid.ts";
import { type Layout, layoutOf, pack } from "../parameters.ts";
import { type RandomStream, randomStream } from "../random.ts";
import { initStudent, type StudentConfig, type StudentParameters } from "../student.ts";
import type { Teacher } from "../teachers/teacher.ts";
import { describeSource, openSource } from "./open_source.ts";
import { openTeacher } from "./open_teacher.ts";
import type { Recipe } from "./recipe_types.ts";
import { keepTokens } from "./token_subset.ts";
import { studentConfigOf } from "./student_config.ts";
import { planTraining, type TrainingPlan } from "./training_plan.ts";

/** A recipe with everything it names opened: what a run works with, and none of it changes. */
export interface Distillation {
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

/** What the ladder must know of a teacher. */
export function shapeOf(teacher: Teacher): TeacherShape {
  const { name, width, tokens } = teacher;
  return { name, width, tokens, grid: teacher.grid() };
}

/**
 * Starts the engine, packs the images and loads the teachers, sorted by name so that a recipe's
 * order does not matter.
 *
 * @param given teachers of one's own, instead of those that the recipe names in the zoo
 * @throws {UserError} for a missing image source or teacher, or a plan that cannot be
 */
export async function prepareDistillation(
  recipe: Recipe,
  given: { readonly teachers?: readonly Teacher[]; readonly progress?: (line: string) => void } =
    {},
): Promise<Distillation> {
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
      whole.push(await openTeacher(teacher));
    }
  }
  const random = randomStream(recipe.seed);
  const teachers = whole.map((teacher) => keepTokens(teacher, recipe));
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

/** Freshly drawn parameters of a student, flat, and where each tensor lies. */
export function initParameters(
  student: StudentConfig,
  random: RandomStream,
): { parameters: tf.Tensor1D; layout: Layout<StudentParameters> } {
  const tree = initStudent(student, random.at("student"));
  const layout = layoutOf(tree);
  const parameters = tf.tidy(() => pack(tree, layout));
  tf.dispose(tree);
  return { parameters, layout };
}
