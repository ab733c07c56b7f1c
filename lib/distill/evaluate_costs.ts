/** The file that says what errors cost on a task. */
import { type CostMatrix, parseCostMatrix } from "../metrics/cost_matrix.ts";
import { UserError } from "../user_error.ts";

/** Bytes of a file at most: what a matrix of 2,000 classes needs. */
const maximumBytes = 64 * 1024 * 1024;

/**
 * Reads the costs of the only task, before it is opened.
 *
 * @returns the matrix, once the classes are known.
 * @throws {UserError} where there are several tasks, or the file cannot be read or is too large; later,
 * where it is not a cost matrix of the classes.
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
  const info = await Deno.stat(path).catch(() => undefined);
  if (!info?.isFile || info.size > maximumBytes) {
    const found = info?.isFile ? `${info.size} bytes` : "no such file";
    throw new UserError(
      `Cannot read the costs of "${path}": found ${found}, expected a CSV of at most ` +
        `${maximumBytes} bytes. Check the path.`,
    );
  }
  const text = await Deno.readTextFile(path);
  return (classes) => parseCostMatrix(text, classes, path);
}
