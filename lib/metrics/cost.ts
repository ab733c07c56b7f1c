/** What a model costs to keep and to run. */

/** One model's line in the table of costs. */
export interface CostRow {
  /** What tables call it. */
  readonly model: string;
  /** Numbers in its weights. */
  readonly parameters: number;
  /** Floating-point operations for one image, in units of 1e9; a multiplication and an addition are two. */
  readonly gflop?: number;
  /** Measured time for one image, in a batch. */
  readonly milliseconds?: number;
}

/** Shape of a vision transformer, as far as it costs something. */
export interface TransformerShape {
  /** Side of an image in pixels. */
  readonly imageSize: number;
  /** Side of a patch in pixels. */
  readonly patchSize: number;
  /** Width of a token. */
  readonly width: number;
  /** Blocks. */
  readonly depth: number;
  /** Default 4. */
  readonly mlpRatio?: number;
  /** Default "patch". */
  readonly stem?: "patch" | "convolution";
}

/**
 * Counts the matrix products of one image through a vision transformer, in GFLOP. Element-wise work
 * is left out, as is usual.
 *
 * @example
 * ```ts
 * import { transformerGflop } from "@hashigo/hashigo";
 * const gflop = transformerGflop({ imageSize: 224, patchSize: 16, width: 768, depth: 12 });
 * if (Math.abs(gflop - 35.1) > 0.1) throw new Error("ViT-B/16 takes 35.1 GFLOP");
 * ```
 */
export function transformerGflop(shape: TransformerShape): number {
  const { imageSize, patchSize, width, depth, mlpRatio = 4, stem = "patch" } = shape;
  const patches = (imageSize / patchSize) ** 2;
  const tokens = patches + 1;
  // Query, key, value and output are 4 squares of the width; the MLP is 2 rectangles.
  const linear = tokens * (4 + 2 * mlpRatio) * width ** 2;
  const attention = 2 * tokens ** 2 * width;
  const stemProducts = stem === "patch"
    ? patches * 3 * patchSize ** 2 * width
    : convolutionStemProducts(shape);
  return 2 * (stemProducts + depth * (linear + attention)) / 1e9;
}

/** Multiplications in 3x3 convolutions of stride 2 whose channels double up to the width. */
function convolutionStemProducts({ imageSize, patchSize, width }: TransformerShape): number {
  const stages = Math.log2(patchSize);
  let [products, inputs] = [0, 3];
  for (let stage = 1; stage <= stages; stage++) {
    const outputs = width / 2 ** (stages - stage);
    products += (imageSize / 2 ** stage) ** 2 * 9 * inputs * outputs;
    inputs = outputs;
  }
  return products + (imageSize / patchSize) ** 2 * width ** 2;
}

/**
 * What it costs to run all of the given models instead of one; figures that one of them lacks are
 * left out.
 *
 * @example
 * ```ts
 * import { sumOfCosts } from "@hashigo/hashigo";
 * const teacher = { model: "a", parameters: 10, milliseconds: 1 };
 * const { parameters } = sumOfCosts("both", [teacher, { ...teacher, model: "b" }]);
 * if (parameters !== 20) throw new Error("Expected both");
 * ```
 */
export function sumOfCosts(model: string, rows: readonly CostRow[]): CostRow {
  const sum = (values: readonly (number | undefined)[]): number =>
    values.reduce<number>((total, value) => total + (value ?? NaN), 0);
  const gflop = sum(rows.map((row) => row.gflop));
  const milliseconds = sum(rows.map((row) => row.milliseconds));
  return {
    model,
    parameters: sum(rows.map((row) => row.parameters)),
    ...(Number.isNaN(gflop) ? {} : { gflop }),
    ...(Number.isNaN(milliseconds) ? {} : { milliseconds }),
  };
}
