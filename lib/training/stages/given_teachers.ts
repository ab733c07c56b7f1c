/** Teachers that a program gives to a recipe with stages: those that each stage names, and the student before it. */
import { UserError } from "../../errors/user_error.ts";
import { studentOf } from "../../recipe/stages/stage_input.ts";
import type { Stage } from "../../recipe/stages/stage_recipes.ts";
import type { Teacher } from "../../teachers/backbone.ts";
import { openBackbone } from "../../teachers/open_backbone.ts";

/**
 * Refuses given teachers among which one of a stage is missing.
 *
 * @throws {UserError} with the stage, its teacher and those that were given
 */
export function checkGivenTeachers(
  stages: readonly Stage[],
  given: readonly Teacher[] | undefined,
): void {
  if (given === undefined) return;
  const names = given.map(({ name }) => name);
  for (const { name: stage, recipe, previous } of stages) {
    for (const { name, checkpoint } of recipe.teachers) {
      if (names.includes(name) || isPrevious(checkpoint, previous)) continue;
      throw new UserError(
        `Cannot run the stage "${stage}": its teacher "${name}" is not among those that were given, ` +
          `${names.join(", ") || "none"}. Give it too`,
      );
    }
  }
}

/**
 * The teachers of a stage out of those that were given, and the student of the stage before where it is one.
 *
 * @returns undefined where none were given, and the recipe says which to open
 */
export async function teachersOfStage(
  { recipe, previous }: Stage,
  given: readonly Teacher[] | undefined,
): Promise<{ readonly teachers: readonly Teacher[]; dispose(): void } | undefined> {
  if (given === undefined) return undefined;
  const spec = recipe.teachers.find(({ checkpoint }) => isPrevious(checkpoint, previous));
  const student = spec && await openBackbone(spec);
  const named = recipe.teachers.flatMap(({ name }) => given.find((one) => one.name === name) ?? []);
  return {
    teachers: student === undefined ? named : [...named, student],
    dispose: () => student?.dispose(),
  };
}

/** Whether the checkpoint of a teacher is the student of the stage before. */
export function isPrevious(checkpoint: string | undefined, previous: string | undefined): boolean {
  return previous !== undefined && checkpoint === studentOf(previous);
}
