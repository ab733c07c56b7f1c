/** A recipe's teacher as a model to be measured. */
import type { ModelChoice } from "./evaluate_run.ts";
import type { RecipeTeacher } from "./recipe_types.ts";

/** The teacher as the run used it: from its checkpoint, at its input size, under its name. */
export function choiceOf(teacher: RecipeTeacher): ModelChoice {
  const { name, checkpoint = name, inputSize, heads } = teacher;
  return {
    what: inputSize === undefined ? checkpoint : `${checkpoint}@${inputSize}`,
    name,
    ...heads === undefined ? {} : { heads },
  };
}
