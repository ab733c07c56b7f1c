/** The cost matrix of a classification task, as a CSV file. */
import { UserError } from "../../errors/user_error.ts";
import { readText } from "../../io/text_file.ts";
import { type CostMatrix, parseCostMatrix } from "../../metrics/costs/cost_matrix.ts";

/** Bytes of a file at most: what a matrix of 2,000 classes needs. */
const maximumBytes = 64 * 1024 * 1024;

/**
 * Reads what errors on the only task cost, before the task is opened.
 *
 * @returns makes the matrix, once the classes are known; throws a {@linkcode UserError} where the file
 * is no cost matrix of them.
 * @throws {UserError} where there are several tasks, or the file cannot be read or is too large.
 */
export async function readCosts(
  path: string,
  tasks: readonly string[],
): Promise<(classes: readonly string[]) => CostMatrix> {
  if (tasks.length !== 1) {
    throw new UserError(
      `Cannot use the costs of "${path}": found ${tasks.length} image sets (${
        tasks.join(", ")
      }), ` +
        "expected one, whose classes the costs are of. Evaluate one set at a time.",
    );
  }
  const text = await readText(path, {
    noun: "the costs",
    maximumBytes,
    advice: "Check the path; expected is a CSV with a line and a column for each class",
  });
  return (classes) => parseCostMatrix(text, classes, path);
}
