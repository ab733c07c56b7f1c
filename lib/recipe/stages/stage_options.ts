/** What a stage of a recipe says; see docs/stages.md. */

/** Name and beginning of a stage. */
export interface StageStart {
  /**
   * Names the folder of the stage's run, and the stage as a teacher: lower case letters, digits, `_` and `-`,
   * different from those of the other stages.
   */
  readonly name: string;
  /**
   * Weights that the stage's student begins with: "previous", those of the stage before; "own", as
   * `student.from` says or random. Default: "own" for the first stage and for one with the teacher "previous",
   * else "previous".
   */
  readonly start?: "previous" | "own";
}

/** Name of the student of the stage before among the teachers of a stage. */
export const previousTeacher = "previous";

/** Some of the options of `T`, at every depth; lists as a whole. */
export type SomeOptions<T> = T extends readonly unknown[] | string | number | boolean ? T
  : { readonly [K in keyof T]?: SomeOptions<T[K]> };

/** What a stage cannot change. */
export const wholeOptions = ["name", "description", "seed", "stages"] as const;
