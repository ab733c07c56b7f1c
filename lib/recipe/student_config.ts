/** Shape of the student that a recipe describes; nothing is opened for it. */
import { UserError } from "../errors/user_error.ts";
import { imagenetNormalization } from "../images/normalize.ts";
import { type EncoderConfig, encoderStages } from "../nn/encoder.ts";
import { supervisedGrid } from "../nn/token_grid.ts";
import type { LadderConfig } from "../method/projectors/ladder.ts";
import type { TeacherShape } from "../method/tokens.ts";
import type { ProjectorConfig } from "../method/projectors/projector.ts";
import type { StateShape } from "../method/state.ts";
import type { StudentConfig } from "../method/student.ts";
import type { BackboneInput } from "../teachers/input.ts";
import type { Recipe } from "./options.ts";
import type { RecipeStudent, RecipeTransformer } from "./student_options.ts";

/** Whether a student is a vision transformer. */
export function isTransformerStudent(student: RecipeStudent): student is RecipeTransformer {
  return student.kind === undefined || student.kind === "transformer";
}

/** The encoder that a recipe describes. */
export function encoderConfigOf(
  { student, images }: Pick<Recipe, "student" | "images">,
): EncoderConfig {
  if (isTransformerStudent(student)) {
    const { from: _from, source: _source, freeze: _freeze, ...rest } = student;
    const { mean: _mean, std: _std, ...others } = rest;
    const { resolutions: _resolutions, tokenMask: _tokenMask, recompute: _, ...shape } = others;
    return { imageSize: images.size, ...shape };
  }
  const { from: _from, source: _source, freeze: _freeze, ...own } = student;
  const { mean: _mean, std: _std, resolutions: _resolutions, recompute: _, ...shape } = own;
  const { inputSize: imageSize = images.size, batchNorm, ...rest } = shape;
  // Absent stands for folded.
  return { imageSize, ...rest, ...batchNorm === "scaled" && { scaled: true } };
}

/** Size and normalisation of the images that a student takes. */
export function studentInputOf(recipe: Pick<Recipe, "student" | "images">): BackboneInput {
  const { kind, mean, std } = recipe.student, usual = usualNormalization(kind);
  const size = encoderConfigOf(recipe).imageSize;
  return { size, mean: mean ?? usual.mean, std: std ?? usual.std };
}

/** What the published weights of a kind of student expect of their images. */
export function usualNormalization(
  kind: RecipeStudent["kind"] = "transformer",
): Pick<BackboneInput, "mean" | "std"> {
  return normalizations[kind];
}

const normalizations: Readonly<
  Record<NonNullable<RecipeStudent["kind"]>, Pick<BackboneInput, "mean" | "std">>
> = {
  transformer: imagenetNormalization,
  resnet: imagenetNormalization,
  resnet_cifar: imagenetNormalization,
  mobilenet_v2: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  efficientnet_lite: {
    mean: [127 / 255, 127 / 255, 127 / 255],
    std: [128 / 255, 128 / 255, 128 / 255],
  },
};

/**
 * The student that a recipe describes, for teachers of these shapes.
 *
 * @throws {UserError} Where patches cannot be compared one by one, or `patchStage` is not there.
 */
export function studentConfigOf(recipe: Recipe, teachers: readonly TeacherShape[]): StudentConfig {
  const encoder = encoderConfigOf(recipe), stages = encoderStages(encoder);
  const { patchStage = stages.length - 1 } = recipe.ladder;
  const { width } = stages.at(-1)!, { grid } = stages[patchStage]!;
  checkGrids(recipe, teachers, grid);
  const source = sourceOf(recipe, teachers, width);
  const narrowed = teachers.map((teacher) => narrowTo(recipe.standardizer.axes, teacher));
  const shape = {
    ...{ width, depth: stages.length, grid, teachers: narrowed },
    // Absent where all are of one shape.
    ...stages.some((stage) => stage.width !== width || `${stage.grid}` !== `${grid}`) && { stages },
  };
  const tokenMask = isTransformerStudent(recipe.student) && recipe.student.tokenMask;
  return {
    encoder,
    ladder: projectorConfigOf(recipe, shape, source),
    // Absent where all patches are seen.
    ...tokenMask && { tokenMask },
    // Absent where nothing is frozen.
    ...recipe.student.freeze && { freeze: recipe.student.freeze },
    // Absent where all is kept for the gradient.
    ...recipe.student.recompute && { recompute: true },
    ...recipe.ladder.recompute && { recomputeHeads: true },
  };
}

/**
 * The student in steps in which its images have another size than its own: the same parameters, other grids.
 *
 * @param student of the recipe, at its own size
 * @param size height and width in pixels
 */
export function studentAtSize(
  { ladder: { patchStage } }: Pick<Recipe, "ladder">,
  student: StudentConfig,
  size: number,
): StudentConfig {
  const { encoder, ladder } = student;
  if (size === encoder.imageSize) return student;
  const stages = encoderStages({ ...encoder, imageSize: size });
  const { grid } = stages[patchStage ?? stages.length - 1]!;
  // Positions of a transformer stay those of its own size, and so does the encoder as a whole.
  return { ...student, ladder: { ...ladder, grid, stages, ownGrid: ladder.grid } };
}

/** Name of the teacher that the student is said to resemble, or else starts from. */
export function sourceNameOf(
  { student: { from, source }, teachers }: Pick<Recipe, "student" | "teachers">,
): string | undefined {
  return source ?? teachers.find(({ name, checkpoint }) => (checkpoint ?? name) === from)?.name;
}

/** The teacher that the student predicts by itself: its source, where it is of the same width. */
function sourceOf(
  recipe: Recipe,
  teachers: readonly TeacherShape[],
  width: number,
): string | undefined {
  const source = sourceNameOf(recipe), teacher = teachers.find(({ name }) => name === source);
  if (teacher === undefined || teacher.width === width) return teacher?.name;
  if (recipe.student.source === undefined) return undefined;
  throw new UserError(
    `Cannot predict the teacher "${source}" by the student itself ("student.source"): found features of ` +
      `${teacher.width} channels, expected the student's ${width}. Name a teacher of this width, or leave it out`,
  );
}

/** A teacher of which at most so many principal axes are predicted; as it is where it is no wider. */
function narrowTo(axes = Infinity, teacher: TeacherShape): TeacherShape {
  const { width } = teacher;
  return axes < width ? { ...teacher, width: axes, featureWidth: width } : teacher;
}

/** Refuses teachers whose patches cannot be compared one by one, before a step meets them. */
function checkGrids(
  { balancing }: Recipe,
  teachers: readonly TeacherShape[],
  student: LadderConfig["grid"],
) {
  if (balancing.kind !== "teacher_drop" || balancing.level !== "patch") return;
  const grids = teachers.filter(({ tokens }) => tokens.includes("patch"))
    .map(({ name, grid }) => ({ name, grid: supervisedGrid(student, grid).join(" x ") }));
  const other = grids.find(({ grid }) => grid !== grids[0]?.grid);
  if (other === undefined) return;
  throw new UserError(
    `Cannot drop teachers patch by patch: the patches of "${grids[0]!.name}" are compared on ` +
      `${grids[0]!.grid}, those of "${other.name}" on ${other.grid}. Expected one grid; choose ` +
      'teachers (or input sizes) of one grid, or balancing.level="image"',
  );
}

/** Which tensors the state of a run has, for teachers of these shapes. */
export function stateShapeOf(
  { standardizer, balancing }: Pick<Recipe, "standardizer" | "balancing">,
  teachers: readonly TeacherShape[],
): StateShape {
  return {
    teachers: teachers.map((teacher) => narrowTo(standardizer.axes, teacher)),
    standardizer: standardizer.kind,
    averages: balancing.kind === "ada_loss",
  };
}

function rising(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** Hidden width of the heads of a convolutional student, whose last stage is wide. */
const convolutionalHidden = 512;

function projectorConfigOf(
  { ladder, student }: Recipe,
  shape: Pick<LadderConfig, "width" | "depth" | "grid" | "stages" | "teachers">,
  source: string | undefined,
): ProjectorConfig {
  const { kind, blocks, patchStage: _patchStage, inputs, from: _from, ...others } = ladder;
  const { recompute: _, ...options } = others;
  const transformer = isTransformerStudent(student), { freeze = 0 } = student;
  const hidden = transformer
    ? {}
    : { hidden: convolutionalHidden, lastHidden: convolutionalHidden };
  switch (kind) {
    case "top":
      return { kind, ...shape, ...hidden, ...options };
    case "transformer":
      return { kind, ...shape, heads: transformer ? student.heads : 1 };
    default:
      return {
        ...{ ...shape, ...hidden, ...options },
        // Absent stands for all blocks, raw inputs and a student from scratch.
        ...blocks !== "all"
          ? { blocks }
          : freeze > 1 && { blocks: rising(freeze - 1, shape.depth) },
        ...(inputs ?? (transformer ? "raw" : "standardized")) === "standardized" &&
          { standardized: true },
        ...source !== undefined && { source },
      };
  }
}
