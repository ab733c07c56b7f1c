/** Costs of errors, where not all are alike: a missed disease costs more than a false alarm. */
import { UserError } from "../../errors/user_error.ts";
import { csvLines } from "../../io/csv.ts";
import { meanOf } from "../mean_of.ts";

/** Costs of every pair of true and predicted class. */
export interface CostMatrix {
  /** Names of the classes, in the order of their numbers. */
  readonly classes: readonly string[];
  /** `[classes, classes]`, row-major: rows are the true class, columns the predicted one. */
  readonly costs: Float64Array;
}

/** Costs of decisions, see {@linkcode costOfPredictions}. */
export interface PredictionCosts {
  /** Mean cost of an image. */
  readonly expected: number;
  /**
   * Percent of what can be saved that was saved: 100 where each image got the cheapest class of its row,
   * 0 where each got the dearest. With costs 0 and 1 it is the accuracy.
   */
  readonly weightedAccuracy: number;
  /** `[images]`, the cost of each. */
  readonly perImage: Float64Array;
  /** `[images]`, what each adds to the weighted accuracy: their mean times 100 is it. */
  readonly contributions: Float64Array;
}

/** Classes of a matrix at most: 4 million costs. */
const maximumClasses = 2000;
/** Letters of text at most, 16 for each cost. */
const maximumText = 64 * 1024 * 1024;

/**
 * Reads a cost matrix from CSV: a first line of an ignored cell and the names of the predicted classes, then
 * for each true class a line of its name and its costs. Lines and columns may come in any order.
 *
 * @param classes names in the order of the class numbers, such as those of an image set.
 * @param name names it in messages, such as its path.
 * @throws {UserError} where it is not square, a class is missing, unknown or twice there, or a cost is
 * not a finite number; the message names line and column.
 *
 * @example
 * ```ts
 * import { parseCostMatrix } from "@hashigo/hashigo/metrics";
 * const text = "true,well,ill\nill,100,0\nwell,0,1\n";
 * const { costs } = parseCostMatrix(text, ["ill", "well"]);
 * if (costs.join() !== "0,100,1,0") throw new Error("To miss an illness costs 100");
 * ```
 */
export function parseCostMatrix(
  text: string,
  classes: readonly string[],
  name = "cost matrix",
): CostMatrix {
  const refuse = (found: string) => refusal(name, found, classes);
  if (classes.length > maximumClasses || text.length > maximumText) {
    throw refuse(`it has more than ${maximumClasses} classes or ${maximumText} letters`);
  }
  const most = (classes.length + 1) ** 2;
  const [header = [], ...lines] = csvLines(text, { most, refuse });
  const columns = header.slice(1);
  const places = classPlaces(columns, classes, (found) => refuse(`in its first line ${found}`));
  const rows = classPlaces(
    lines.map(([first = ""]) => first),
    classes,
    (found) => refuse(`among the first cells of its lines ${found}`),
  );
  const costs = new Float64Array(classes.length ** 2);
  lines.forEach((cells, line) => {
    const where = `line ${line + 2} ("${cells[0]}")`;
    if (cells.length !== header.length) {
      throw refuse(`${where} has ${cells.length - 1} costs for ${columns.length} columns`);
    }
    cells.slice(1).forEach((cell, column) => {
      const cost = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell) ? Number(cell) : NaN;
      if (!Number.isFinite(cost)) throw refuse(`${where} has "${cell}" for "${columns[column]}"`);
      costs[rows[line]! * classes.length + places[column]!] = cost;
    });
  });
  return { classes, costs };
}

/**
 * Measures the cost of predictions.
 *
 * @param predictions `[images]`, class numbers.
 * @param labels `[images]`, class numbers.
 * @throws {UserError} where there is no image, the numbers differ, a class is none of the matrix, or all
 * predictions would cost the same.
 *
 * @example
 * ```ts
 * import { costOfPredictions } from "./cost_matrix.ts";
 * const matrix = { classes: ["ill", "well"], costs: Float64Array.of(0, 100, 1, 0) };
 * const { expected } = costOfPredictions(matrix, [0, 1, 0, 1], [0, 0, 1, 1]);
 * if (expected !== 101 / 4) throw new Error("One missed, one false alarm");
 * ```
 */
export function costOfPredictions(
  { classes, costs }: CostMatrix,
  predictions: ArrayLike<number>,
  labels: ArrayLike<number>,
): PredictionCosts {
  const [images, size] = [labels.length, classes.length];
  const known = (label: number) => Number.isInteger(label) && label >= 0 && label < size;
  const odd = [...Array.from(labels), ...Array.from(predictions)].find((label) => !known(label));
  if (images === 0 || images !== predictions.length || odd !== undefined) {
    throw new UserError(
      `Cannot weigh errors: found ${predictions.length} predictions for ${images} labels` +
        `${
          odd === undefined ? "" : `, and the class ${odd}`
        }, expected as many, at least one, of ` +
        `classes 0 to ${size - 1}. Use the cost matrix of the same image set.`,
    );
  }
  const perImage = new Float64Array(images), saved = new Float64Array(images);
  let savable = 0;
  for (let image = 0; image < images; image++) {
    const row = costs.subarray(labels[image]! * size, (labels[image]! + 1) * size);
    const [dearest, cheapest] = [Math.max(...row), Math.min(...row)];
    perImage[image] = row[predictions[image]!]!;
    saved[image] = dearest - perImage[image]!;
    savable += dearest - cheapest;
  }
  if (!(savable > 0)) {
    throw new UserError(
      "Cannot weigh errors: found that right and wrong predictions of these images cost the same, " +
        "expected different costs in the rows of their classes. Look at the cost matrix.",
    );
  }
  const contributions = saved.map((cost) => images * cost / savable);
  const weightedAccuracy = 100 * meanOf(contributions);
  return { expected: meanOf(perImage), weightedAccuracy, perImage, contributions };
}

/** Places of names among the classes; each class must be there once. */
function classPlaces(
  names: readonly string[],
  classes: readonly string[],
  refuse: (found: string) => UserError,
): number[] {
  const known = new Map(classes.map((name, place) => [name, place]));
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) throw refuse(`"${unknown}" is no class`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw refuse(`"${twice}" is there twice`);
  const present = new Set(names);
  const missing = classes.find((name) => !present.has(name));
  if (missing !== undefined) throw refuse(`"${missing}" is missing`);
  return names.map((name) => known.get(name)!);
}

function refusal(name: string, found: string, classes: readonly string[]): UserError {
  const some = classes.slice(0, 5).map((name) => `"${name}"`).join(", ");
  return new UserError(
    `Cannot read the costs of "${name}": ${found}. Expected CSV with one line and one column for each of ` +
      `the ${classes.length} classes (${some}${
        classes.length > 5 ? ", …" : ""
      }), lines the true class, ` +
      "columns the predicted one, and numbers as costs. Correct the file.",
  );
}
