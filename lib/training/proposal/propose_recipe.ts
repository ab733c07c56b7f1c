/** A recipe for somebody who has images, teachers and minutes: every choice follows from what was measured. */
import { UserError } from "../../errors/user_error.ts";
import { encoderStages } from "../../nn/encoder.ts";
import { visionTransformerShapes } from "../../nn/parameter_shapes.ts";
import { layoutOfShapes } from "../../tensors/shapes.ts";
import type { RecipeInput } from "../../recipe/input.ts";
import type { BackboneSpec } from "../../teachers/backbone_spec.ts";
import {
  type MeasuredNetwork,
  type ProposalFacts,
  type ProposalRequest,
  type TransformerSize,
  transformerSizes,
} from "./facts.ts";
import { canStartStudent, rungsOf, studentLike } from "./student_like.ts";

/** Sides in pixels that images are shown at: the multiples of usual patches. */
const sizes = [32, 48, 64, 96, 128, 160, 192, 224] as const;

/** Networks made for large images know more of small ones that are enlarged, up to about this factor. */
const mostEnlarged = 1.5;

/** Passes over the images that shall find time, the first of them with the teachers. */
const passes = 2;

/**
 * Sides in pixels that are not gone below while images allow it: pretrained networks see little of small images,
 * so fewer images are rather shown.
 */
const least = { pretrained: 96, scratch: 64 } as const;

/** Share of the minutes for steps; the rest is measuring, compiling and checkpoints. */
const stepShare = 0.85;

/**
 * Seconds of a training step over those of a forward pass of the same network, of one whose first third is
 * frozen, with its projectors: as measured with EfficientNet-Lite0 (docs/results.md).
 */
const stepOverForward = 3.2;

/** A proposed recipe, and what it was chosen by. */
export interface Proposal {
  readonly recipe: RecipeInput;
  /** Side in pixels at which the student sees images. */
  readonly size: number;
  /** The network that the student starts from. */
  readonly source?: MeasuredNetwork | undefined;
  /** Images of a pass. */
  readonly images: number;
}

/**
 * Chooses the size of images, the student, the ladder, the batch and, where the minutes are not enough for one
 * pass over all images, a part of them. How many steps and views fit is planned by the run itself, from its
 * first steps (`budget`).
 *
 * @throws {UserError} for fewer images than the smallest batch, or a network that no student can start from.
 */
export function proposeRecipe(request: ProposalRequest, facts: ProposalFacts): Proposal {
  const source = sourceOf(request, facts);
  const batchSize = batchSizeFor(request, facts.images);
  const size = chooseSize(request, facts, source);
  const first = secondsOfImage(request, facts, { source, size });
  const fitting = Math.floor(stepShare * 60 * request.minutes / (first.teachers + first.step));
  const images = Math.min(facts.images, Math.max(2 * batchSize, fitting));
  const common = {
    name: request.name,
    images: {
      sources: request.images.map((path) => ({ path })),
      // What the student enlarges is drawn small.
      size: source === undefined || isTransformerSource(source) ? size : Math.min(size, facts.side),
      ...images < facts.images && { subset: { images, choice: "random" as const } },
      augmentation: { scale: [0.35, 1] as const, blur: false, solarize: false, grey: 0.1 } as const,
    },
    teachers: facts.teachers.map((teacher) => teacherAt(teacher, size)),
    budget: { minutes: request.minutes },
    mode: "graph" as const,
    checkpoint: { every: 250 },
    ...request.evaluate.length > 0 && {
      evaluation: {
        tasks: [...request.evaluate],
        metrics: ["knn", "logistic"] as const,
        readout: "chosen" as const,
      },
    },
  };
  const batches = Math.max(2, Math.min(40, Math.floor(images / batchSize)));
  const recipe: RecipeInput = source === undefined
    ? { ...common, ...fromScratch(transformerSizeOf(request), { size, batchSize }) }
    : { ...common, ...warmStarted(source, { size, batchSize, batches }) };
  return { recipe, size, source, images };
}

/** The network that the student starts from. */
function sourceOf(
  { student }: ProposalRequest,
  { teachers, source }: ProposalFacts,
): MeasuredNetwork | undefined {
  if (student !== undefined && "size" in student) return undefined;
  if (student === undefined) return teachers.find(canStartStudent);
  const named = source ??
    teachers.find(({ spec: { name, checkpoint } }) => [name, checkpoint].includes(student.from));
  if (named !== undefined && canStartStudent(named)) return named;
  throw new UserError(
    `Cannot start the student from "${student.from}": its network is none that a student can be. Give a ` +
      `convolutional network or a vision transformer, or a size: ${sizeNames()}`,
  );
}

/** Such as "tiny, small or base". */
export function sizeNames(): string {
  const names = Object.keys(transformerSizes);
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

function transformerSizeOf({ student }: ProposalRequest): TransformerSize {
  return student !== undefined && "size" in student ? student.size : "small";
}

function isTransformerSource({ encoder }: MeasuredNetwork): boolean {
  return encoder !== undefined && "patchSize" in encoder;
}

/**
 * The largest batch of which there are at least two.
 *
 * @throws {UserError} where there are too few images for the smallest
 */
export function batchSizeFor(
  { images: paths }: Pick<ProposalRequest, "images">,
  images: number,
): number {
  const batch = [64, 32, 16, 8].find((size) => 2 * size <= images);
  if (batch !== undefined) return batch;
  throw new UserError(
    `Cannot distil with the images of ${
      paths.map((path) => `"${path}"`).join(", ")
    }: found ${images}, ` +
      "expected at least 16, two batches of 8. Give more images, or a recipe with a smaller batch",
  );
}

/** The largest size at which all passes find time, and else the smallest that shows enough. */
function chooseSize(
  request: ProposalRequest,
  facts: ProposalFacts,
  source: MeasuredNetwork | undefined,
): number {
  const fits = sizes.filter((size) => size <= mostEnlarged * facts.side && canSee(source, size));
  const enough = source === undefined ? least.scratch : least.pretrained;
  const small = fits.find((size) => size >= enough) ?? fits.at(-1) ?? smallest(source);
  return fits.filter((size) => {
    const { teachers, step } = secondsOfImage(request, facts, { source, size });
    return size <= small ||
      facts.images * (teachers + passes * step) <= stepShare * 60 * request.minutes;
  }).at(-1) ?? small;
}

/** Whether a student of the shape of a network can see images of a size. */
function canSee(source: MeasuredNetwork | undefined, size: number): boolean {
  if (source === undefined) return true;
  const { stride } = source;
  return size >= stride && (!isTransformerSource(source) || size % stride === 0);
}

/** The least that a network can see, not below 32 px. */
function smallest(source: MeasuredNetwork | undefined): number {
  if (source === undefined) return 32;
  return source.stride * Math.ceil(32 / source.stride);
}

/** Seconds of one image: of all teachers, and of a step of the student. */
function secondsOfImage(
  request: ProposalRequest,
  { teachers, operationsPerSecond }: ProposalFacts,
  { source, size }: { readonly source: MeasuredNetwork | undefined; readonly size: number },
): { readonly teachers: number; readonly step: number } {
  const all = teachers.reduce((sum, one) => sum + secondsAt(one, inputSizeAt(one, size)), 0);
  const step = source === undefined
    ? transformerOperations(transformerSizeOf(request), size) / operationsPerSecond
    : stepOverForward * secondsAt(source, size);
  return { teachers: all, step };
}

/** A network's cost grows with the area of its images. */
function secondsAt({ seconds, timedSize }: MeasuredNetwork, size: number): number {
  return seconds * (size / timedSize) ** 2;
}

/** Operations of a training step of one image: three passes, and as much again beside the products. */
function transformerOperations(name: TransformerSize, size: number): number {
  const config = { ...transformerSizes[name], imageSize: size, patchSize: patchSizeAt(size) };
  const { size: parameters } = layoutOfShapes(visionTransformerShapes(config));
  return 2 * 3 * 2 * parameters * ((size / config.patchSize) ** 2 + 1);
}

/** At least six patches a side. */
function patchSizeAt(size: number): number {
  return size >= 96 ? 16 : size >= 48 ? 8 : 4;
}

/**
 * The size at which a teacher sees the views: that of the student, as near as its network allows, and never
 * more than that of its own training.
 */
function inputSizeAt({ ownInput, stride }: MeasuredNetwork, size: number): number {
  if (ownInput.size <= size) return ownInput.size;
  // Sizes such as 513 are one more than whole strides.
  const rest = ownInput.size % stride;
  const places = Math.max(1, Math.round((size - rest) / stride));
  return Math.min(ownInput.size, places * stride + rest);
}

/** A teacher as a recipe names it. */
export function teacherAt(teacher: MeasuredNetwork, size: number): BackboneSpec {
  const inputSize = teacher.spec.inputSize ?? inputSizeAt(teacher, size);
  return inputSize === teacher.ownInput.size ? teacher.spec : { ...teacher.spec, inputSize };
}

type Trained = Pick<
  RecipeInput,
  "student" | "ladder" | "featureCache" | "standardizer" | "optimization"
>;

/** Settings of the main job, recipes/tiny_imagenet.ts. */
function warmStarted(
  source: MeasuredNetwork,
  { size, batchSize, batches }: {
    readonly size: number;
    readonly batchSize: number;
    readonly batches: number;
  },
): Trained {
  const student = studentLike(source, size);
  const blocks = rungsOf(encoderStages(source.encoder!).length, student.freeze ?? 0);
  return {
    student,
    ladder: { blocks },
    featureCache: { tokens: ["cls"] },
    standardizer: { kind: "fixed", batches, leastDeviation: 0.05 },
    optimization: {
      batchSize,
      learningRates: { backbone: 3e-4, heads: 2e-3 },
      decay: "heads",
      weightDecay: 0.02,
      maximumGradientNorm: 3,
      beta2: 0.98,
    },
  };
}

/** Settings of recipes/tiny_imagenet_from_scratch.ts. */
function fromScratch(
  name: TransformerSize,
  { size, batchSize }: { readonly size: number; readonly batchSize: number },
): Trained {
  const { depth } = transformerSizes[name];
  return {
    student: {
      ...transformerSizes[name],
      patchSize: patchSizeAt(size),
      stem: "convolution",
      initialization: "scaled",
      dropPath: 0,
    },
    // Half the rungs are as good, by the paper's table I.
    ladder: { blocks: Array.from({ length: depth / 2 }, (_, i) => 2 * i + 1) },
    featureCache: true,
    standardizer: { start: 0.05 },
    optimization: { batchSize, learningRate: 2e-3 },
  };
}
