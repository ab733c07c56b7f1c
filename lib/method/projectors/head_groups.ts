/** Shared by all projectors: the shape of student and teachers, and which heads read the same tokens. */
import type { StageShape } from "../../nn/encoder.ts";
import { type Grid, supervisedGrid } from "../../nn/token_grid.ts";
import { UserError } from "../../errors/user_error.ts";
import { type TeacherShape, type TokenType, tokenTypes } from "../tokens.ts";

/** The student that projectors read and the teachers that they predict. */
export interface ProjectorShape {
  /** Width of the student's tokens. */
  readonly width: number;
  /** Blocks of the student. */
  readonly depth: number;
  /** The student's grid of patches, on which they are compared with its teachers'. */
  readonly grid: Grid;
  /**
   * Its grid on images of its own size, by which heads are named and shared, in steps on smaller images.
   * Default: `grid`.
   */
  readonly ownGrid?: Grid | undefined;
  /** Width and grid of every block, where they are unlike. Default: `width` and `grid`. */
  readonly stages?: readonly StageShape[] | undefined;
  /** Order of the columns wherever teachers stand side by side. */
  readonly teachers: readonly TeacherShape[];
}

/** Teachers that predict from the same tokens, in the order of the configuration. */
export interface HeadGroup {
  /** `cls`, `patch`, or `patch_RxC` for a coarser grid; part of parameter names. */
  readonly name: string;
  /** The type of token that is predicted. */
  readonly token: TokenType;
  /** Where patches are compared. */
  readonly grid: Grid;
  /** Order of the columns of the first layers. */
  readonly teachers: readonly TeacherShape[];
}

/** Width and grid of one of the student's blocks. */
export function stageOf({ stages, width, grid }: ProjectorShape, block: number): StageShape {
  return stages?.[block] ?? { width, grid };
}

/** Whether projectors read no patches. */
export function readsClsOnly({ teachers }: Pick<ProjectorShape, "teachers">): boolean {
  return teachers.every(({ tokens }) => !tokens.includes("patch"));
}

/**
 * Teachers with the same token type and supervised grid share their first products.
 *
 * @example
 * ```ts
 * import { headGroups } from "./head_groups.ts";
 * const teachers = [
 *   { name: "a", width: 5, tokens: ["cls", "patch"] as const, grid: [4, 4] as const },
 *   { name: "b", width: 3, tokens: ["patch"] as const, grid: [2, 2] as const },
 * ];
 * const names = headGroups({ grid: [4, 4], teachers }).map(({ name }) => name);
 * if (names.join() !== "cls,patch,patch_2x2") throw new Error("Expected three groups");
 * ```
 */
export function headGroups(
  { grid: student, ownGrid = student, teachers }: Pick<
    ProjectorShape,
    "grid" | "ownGrid" | "teachers"
  >,
): HeadGroup[] {
  const groups = new Map<string, HeadGroup>();
  for (const token of tokenTypes) {
    for (const teacher of teachers) {
      if (!teacher.tokens.includes(token)) continue;
      const own = supervisedGrid(ownGrid, teacher.grid);
      const coarser = `${own}` !== `${ownGrid}`;
      const name = token === "patch" && coarser ? `patch_${own[0]}x${own[1]}` : token;
      // Teachers of one grid there have one here, too: that grid, or the student's where it is coarser.
      const grid = supervisedGrid(student, own);
      const group = groups.get(name) ?? { name, token, grid, teachers: [] };
      groups.set(name, { ...group, teachers: [...group.teachers, teacher] });
    }
  }
  return [...groups.values()];
}

/**
 * Refuses teachers that no projector can serve, and blocks that the student does not have.
 *
 * @param shape `blocks`: those that are read; default all.
 * @throws {UserError} Where a teacher's name or tokens, or a block's number, cannot be used.
 *
 * @example
 * ```ts
 * import { checkLadder } from "./head_groups.ts";
 * const teachers = [{ name: "a", width: 5, tokens: ["cls"] as const, grid: [2, 2] as const }];
 * checkLadder({ width: 4, depth: 2, grid: [2, 2], teachers, blocks: [0, 1] });
 * ```
 */
export function checkLadder(
  shape: ProjectorShape & { readonly blocks?: readonly number[] | undefined },
): void {
  const { teachers, depth } = shape, blocks = blocksRead(shape);
  const names = teachers.map(({ name }) => name);
  const unusable = names.find((name) => name === "" || name.includes("."));
  const empty = teachers.find(({ tokens }) => tokens.length === 0);
  const fault = names.length === 0
    ? "there is no teacher"
    : unusable !== undefined
    ? `a teacher is named "${unusable}"`
    : new Set(names).size < names.length
    ? `teachers share a name (${names.join(", ")})`
    : empty
    ? `teacher ${empty.name} offers no tokens`
    : !areBlocks(blocks, depth)
    ? `the blocks are [${blocks.join(", ")}] of a student with ${depth}`
    : undefined;
  if (fault) {
    throw new UserError(
      `Cannot build a ladder: ${fault}. Expected teachers with names of their own, without dots, ` +
        "each with cls or patch tokens, and rising block numbers from 0. Correct the recipe",
    );
  }
}

/** Numbers of the student's blocks that projectors read; default all. */
export function blocksRead(
  { depth, blocks }: { readonly depth: number; readonly blocks?: readonly number[] | undefined },
): readonly number[] {
  return blocks ?? Array.from({ length: depth }, (_, block) => block);
}

/** Whether these are rising numbers of a student's blocks, at least one. */
function areBlocks(blocks: readonly number[], depth: number): boolean {
  return blocks.length > 0 &&
    blocks.every((block, i) => block > (blocks[i - 1] ?? -1) && block < depth);
}
