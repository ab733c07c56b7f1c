/** The teachers of a ladder, read off its projectors. */
import type { TeacherShape, TokenType } from "../method/tokens.ts";
import type { Grid } from "../nn/token_grid.ts";

/** One projector: the tokens of a teacher that it predicts. */
export interface LadderHead {
  /** Name of the teacher. */
  readonly teacher: string;
  /** Kind of its tokens. */
  readonly token: TokenType;
  /** Width of its features. */
  readonly width: number;
  /** Grid of its patches, where it is known and not the student's. */
  readonly grid?: Grid | undefined;
}

/** The teachers that the heads predict, in the order of their names. */
export function ladderTeachers(heads: Iterable<LadderHead>, studentGrid: Grid): TeacherShape[] {
  const byTeacher = Map.groupBy(heads, ({ teacher }) => teacher);
  return [...byTeacher.keys()].sort().map((name) => {
    const heads = byTeacher.get(name)!;
    return {
      name,
      width: heads[0]!.width,
      tokens: (["cls", "patch"] as const).filter((token) =>
        heads.some((head) => head.token === token)
      ),
      grid: heads.find(({ grid }) => grid !== undefined)?.grid ?? studentGrid,
    };
  });
}
