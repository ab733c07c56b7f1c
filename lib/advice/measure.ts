/** Measures what an advice is made from, in about two minutes. */
import { teacherModel } from "../evaluation/evaluate_run.ts";
import { type SelectionMaterial, selectionMaterial } from "../evaluation/selection/material.ts";
import { openPredictability } from "../evaluation/selection/subset_scores.ts";
import type { DecodeOptions } from "../images/codec/decode_options.ts";
import type { Work } from "../io/progress_line.ts";
import { numberStatistics } from "../metrics/representation/standardize_rows.ts";
import { defineRecipe } from "../recipe/recipe.ts";
import type { RecipeInput } from "../recipe/input.ts";
import type { BackboneSpec } from "../teachers/backbone_spec.ts";
import { openBackbone } from "../teachers/open_backbone.ts";
import type {
  MeasuredNetwork,
  ProposalFacts,
  ProposalRequest,
} from "../training/proposal/facts.ts";
import { measureFacts } from "../training/proposal/measure_facts.ts";
import { proposeRecipe, teacherAt } from "../training/proposal/propose_recipe.ts";
import { chooseStudent, earlyObjections, fewestImages, largestFirst } from "./advise.ts";
import { chooseTeachers } from "./choose_teachers.ts";
import type { AdviceFacts, AdviceRequest, TeacherFacts } from "./facts.ts";
import { countDistinct } from "./measure_duplicates.ts";
import { measureStudents, millisecondsAlone } from "./measure_students.ts";
import { measureSteps } from "./measure_steps.ts";

/** Seconds that all measuring takes, about. */
export const measuringSeconds = 120;

/** Minutes for which sizes are chosen where none are given, as `distill` does. */
const usualMinutes = 10;

/** Shares of the seconds: features of the teachers, and steps. */
const shares = { features: 0.25, steps: 0.3 };

/** Seconds for steps that remain in any case. */
const leastStepSeconds = 10;

/** Images by which teachers are compared, at least and at most. */
const fewestCompared = 120, mostCompared = 600;

/** Options of {@linkcode measureAdvice}. */
export interface MeasureAdviceOptions extends DecodeOptions {
  /** Name of the recipe. */
  readonly name: string;
  /** Folder or zip of images. */
  readonly images: string;
  /** Networks to learn from, at least two. */
  readonly teachers: readonly BackboneSpec[];
  /** A clock in milliseconds. */
  readonly now: () => number;
  /** How busy the machine is, as {@linkcode AdviceFacts.load}. Default: not known. */
  readonly load?: (() => number | undefined) | undefined;
  readonly onNote?: ((line: string) => void) | undefined;
  readonly onWork?: ((work: Work) => void) | undefined;
}

/** What was measured, and the recipe that it was measured by. */
export interface MeasuredAdvice {
  readonly facts: AdviceFacts;
  /** Of the student that is advised, with all parts of the method. */
  readonly recipe: RecipeInput;
}

/**
 * Counts images, times teachers, compares their features, counts near-duplicates, times students in use where there is
 * a target and, unless it is clear before that distilling is not worth it, takes some steps and measures the disk.
 *
 * @throws {UserError} for images and networks that cannot be opened
 */
export async function measureAdvice(
  request: AdviceRequest,
  options: MeasureAdviceOptions,
): Promise<MeasuredAdvice> {
  const { name, now, onWork } = options;
  const begun = now();
  const asked: ProposalRequest = {
    ...{ name, images: [options.images], teachers: options.teachers, evaluate: [] },
    minutes: request.minutes ?? usualMinutes,
  };
  const proposed = await measureFacts(asked, undefined, { now, onWork });
  const { size } = proposeRecipe(asked, proposed);
  const images = await countDistinct(options.images, options);
  const material = await featuresOf(proposed, size, options);
  onWork?.({ stage: "who predicts whom…" });
  const compared = await compare(material, images.distinct >= fewestImages.network);
  const teachers = await teacherFacts(proposed.teachers, material, {
    ...{ size, now, onWork, isTimed: request.target !== undefined },
  });
  // Size foretells how good a network is at least as well as scores do (data/results/select.md).
  const order = compared.choice.taken.toSorted((a, b) => largestFirst(teachers[a]!, teachers[b]!));
  const students = await measureStudents(
    order.map((place) => proposed.teachers[place]!),
    (student) => defineRecipe(proposeRecipe({ ...asked, student }, proposed).recipe),
    { isTimed: request.target !== undefined, now, onWork },
  );
  const facts: AdviceFacts = {
    seconds: (now() - begun) / 1000,
    load: options.load?.(),
    images,
    ...{ teachers, students, ...compared },
  };
  const student = chooseStudent(facts, request.target);
  const ordered = order.map((place) => proposed.teachers[place]!)
    .toSorted((a, b) =>
      Number(b.spec.name === student.name) - Number(a.spec.name === student.name)
    );
  const { recipe, ...proposal } = proposeRecipe(
    { ...asked, student: student.request },
    { ...proposed, teachers: ordered },
  );
  if (earlyObjections(facts, request).length > 0) return { facts, recipe };
  const steps = await measureSteps(recipe, {
    // Who names minutes wants to know whether they are enough for all images.
    images: request.minutes === undefined ? proposal.images : proposed.images,
    // A busy machine may have taken longer for what comes before.
    seconds: Math.max(
      leastStepSeconds,
      Math.min(shares.steps * measuringSeconds, measuringSeconds - facts.seconds),
    ),
    viewSeconds: order.reduce((sum, place) => sum + teachers[place]!.viewMilliseconds / 1000, 0),
    ...{ now, onWork },
  });
  return {
    facts: { ...facts, ...steps, seconds: (now() - begun) / 1000 },
    recipe,
  };
}

/** Features of some images by all teachers, each at its size in the recipe. */
async function featuresOf(
  { teachers, images }: ProposalFacts,
  size: number,
  { images: path, onNote, onWork, background, maximumPixels }: MeasureAdviceOptions,
): Promise<SelectionMaterial> {
  const seconds = teachers.reduce((sum, teacher) => sum + viewSeconds(teacher, size), 0);
  const affordable = Math.floor(shares.features * measuringSeconds / seconds);
  return await selectionMaterial(
    teachers.map((teacher) => teacherModel(teacherAt(teacher, size))),
    {
      images: path,
      canvas: size,
      limit: Math.min(images, mostCompared, Math.max(fewestCompared, affordable)),
      // They were timed before.
      ...{ isTimed: false, onNote, onWork, background, maximumPixels },
    },
  );
}

/** Seconds of a view, reckoned by its area from those of the size at which the teacher was timed. */
function viewSeconds(teacher: MeasuredNetwork, size: number): number {
  const { inputSize = teacher.ownInput.size } = teacherAt(teacher, size);
  return teacher.seconds * (inputSize / teacher.timedSize) ** 2;
}

/** Who predicts whom, and whom nobody needs; of too few different images nothing is said, and all are taken. */
async function compare(
  material: SelectionMaterial,
  isEnough: boolean,
): Promise<Pick<AdviceFacts, "r2" | "fromOthers" | "choice">> {
  const places = [...material.candidates.keys()];
  if (!isEnough) return { r2: [], fromOthers: [], choice: { taken: places, left: [] } };
  const known = await openPredictability(material, 0);
  const r2: (readonly number[])[] = [], fromOthers: number[] = [];
  for (const place of places) {
    r2.push((await known.from([place])).r2);
    fromOthers.push((await known.from(places.filter((other) => other !== place))).r2[place]!);
  }
  return { r2, fromOthers, choice: await chooseTeachers(places.length, known) };
}

async function teacherFacts(
  teachers: readonly MeasuredNetwork[],
  material: SelectionMaterial,
  { size, isTimed, now, onWork }: Pick<MeasureAdviceOptions, "now" | "onWork"> & {
    readonly size: number;
    readonly isTimed: boolean;
  },
): Promise<TeacherFacts[]> {
  const facts: TeacherFacts[] = [];
  for (const [place, teacher] of teachers.entries()) {
    const spec = teacherAt(teacher, size);
    const { deviation } = numberStatistics(material.images.features[place]!);
    if (isTimed) onWork?.({ stage: `one image at a time: ${spec.name}…` });
    const network = await openBackbone(spec);
    try {
      facts.push({
        ...{ name: spec.name, licence: network.licence, inputSize: network.input.size },
        viewMilliseconds: 1000 * viewSeconds(teacher, size),
        megabytes: 4 * network.parameterCount / 1e6,
        deviation: deviation.toSorted()[deviation.length >> 1]!,
        ...isTimed && { milliseconds: await millisecondsAlone(network, now) },
      });
    } finally {
      network.dispose();
    }
  }
  return facts;
}
