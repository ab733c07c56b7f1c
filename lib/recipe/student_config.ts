/** Shape of the student that a recipe describes; nothing is opened for it. */
import { UserError } from "../errors/user_error.ts";
import { supervisedGrid } from "../nn/token_grid.ts";
import type { LadderConfig } from "../method/projectors/ladder.ts";
import type { TeacherShape } from "../method/tokens.ts";
import type { ProjectorConfig } from "../method/projectors/projector.ts";
import type { StateShape } from "../method/state.ts";
import type { StudentConfig } from "../method/student.ts";
import type { Recipe } from "./options.ts";

/** The student that a recipe describes, for teachers of these shapes. */
export function studentConfigOf(recipe: Recipe, teachers: readonly TeacherShape[]): StudentConfig {
  const { student, images, standardizer } = recipe;
  checkGrids(recipe, teachers);
  const side = images.size / student.patchSize;
  const { tokenMask, ...encoder } = student;
  return {
    encoder: { imageSize: images.size, ...encoder },
    // Absent stands for none.
    ...tokenMask && { tokenMask },
    ladder: projectorConfigOf(recipe, {
      width: student.width,
      depth: student.depth,
      grid: [side, side],
      teachers: teachers.map((teacher) => narrowTo(standardizer.axes, teacher)),
    }),
  };
}

/** A teacher of which at most so many principal axes are predicted; as it is where it is no wider. */
function narrowTo(axes = Infinity, teacher: TeacherShape): TeacherShape {
  const { width } = teacher;
  return axes < width ? { ...teacher, width: axes, featureWidth: width } : teacher;
}

/** Refuses teachers whose patches cannot be compared one by one, before a step meets them. */
function checkGrids({ balancing, images, student }: Recipe, teachers: readonly TeacherShape[]) {
  if (balancing.kind !== "teacher_drop" || balancing.level !== "patch") return;
  const side = images.size / student.patchSize;
  const grids = teachers.filter(({ tokens }) => tokens.includes("patch"))
    .map(({ name, grid }) => ({ name, grid: supervisedGrid([side, side], grid).join(" x ") }));
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

function projectorConfigOf(
  { ladder, student: { heads } }: Recipe,
  shape: Pick<LadderConfig, "width" | "depth" | "grid" | "teachers">,
): ProjectorConfig {
  const { kind, blocks, ...options } = ladder;
  switch (kind) {
    case "top":
      return { kind, ...shape, ...options };
    case "transformer":
      return { kind, ...shape, heads };
    default:
      // Absent stands for all blocks.
      return { ...shape, ...options, ...blocks !== "all" && { blocks } };
  }
}
