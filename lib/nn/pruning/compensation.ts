/**
 * What the remaining inputs of a linear layer must take over from those that are pruned.
 *
 * @source CORP: closed-form one-shot representation-preserving structured pruning, arXiv 2602.05243, 2026.
 * @module
 */
import { UserError } from "../../errors/user_error.ts";
import { choleskyFactor, solveInPlace } from "../../tensors/cholesky.ts";

/** A linear layer on inputs of known second moments. */
export interface MeasuredLayer {
  /** Second moments of the inputs, `[inputs, inputs]`: around their mean where the layer has a bias. */
  readonly products: Float64Array;
  /** `[inputs, outputs]`, row-major. */
  readonly weight: Float64Array;
  readonly inputs: number;
}

/** Share of the mean second moment that is added to each input's own, so that a fit does not follow noise. */
export const defaultRidge = 1e-3;

/** The number that is added to the diagonal of the second moments. */
export function penaltyOf({ products, inputs }: MeasuredLayer, ridge: number): number {
  let trace = 0;
  for (let i = 0; i < inputs; i++) trace += products[i * inputs + i]!;
  // Of inputs that are all zero every fit is right.
  return ridge * trace / inputs || 1;
}

/**
 * Weights of the kept inputs after the pruned ones are folded into them: of the pruned inputs `X_P` a share
 * `X_K B` can be told from the kept ones, with `B = argmin |X_P - X_K B|² + λ|B|²`, so that `W_K` becomes
 * `W_K + B W_P`.
 *
 * @param kept Numbers of the inputs that stay, rising.
 * @param options ridge: λ as a share of the mean second moment. Default 0.001.
 * @returns `[kept, outputs]`
 * @throws {UserError} Where the moments are no finite numbers.
 *
 * @example
 * ```ts
 * import { compensate } from "./compensation.ts";
 * // The second input is always three times the first.
 * const layer = { products: Float64Array.of(1, 3, 3, 9), weight: Float64Array.of(5, 7), inputs: 2 };
 * const [weight = 0] = compensate(layer, [0], { ridge: 1e-9 });
 * if (Math.abs(weight - (5 + 3 * 7)) > 1e-6) throw new Error("One input does the work of two");
 * ```
 */
export function compensate(
  layer: MeasuredLayer,
  kept: readonly number[],
  { ridge = defaultRidge }: { readonly ridge?: number | undefined } = {},
): Float64Array {
  const { products, weight, inputs } = layer, outputs = weight.length / inputs;
  const pruned = complement(kept, inputs), result = rowsOf(weight, kept, outputs);
  const own = new Float64Array(kept.length ** 2);
  kept.forEach((from, row) =>
    kept.forEach((to, column) => own[row * kept.length + column] = products[from * inputs + to]!)
  );
  // B W_P is solved for as a whole: there are fewer outputs than pruned inputs.
  const taken = new Float64Array(kept.length * outputs);
  kept.forEach((from, row) => {
    for (const other of pruned) {
      const product = products[from * inputs + other]!;
      for (let output = 0; output < outputs; output++) {
        taken[row * outputs + output]! += product * weight[other * outputs + output]!;
      }
    }
  });
  const factor = choleskyFactor(own, kept.length, penaltyOf(layer, ridge));
  if (factor === undefined) throw notFinite(inputs);
  solveInPlace(factor, taken, kept.length);
  return result.map((value, i) => value + taken[i]!);
}

/**
 * Mean square, summed over outputs, by which a layer on some of its inputs differs from the layer on all of
 * them.
 *
 * @param replaced `[kept, outputs]`: what {@linkcode compensate} gives, or the kept rows as they are.
 *
 * @example
 * ```ts
 * import { replacementError } from "./compensation.ts";
 * const layer = { products: Float64Array.of(1, 0, 0, 4), weight: Float64Array.of(5, 3), inputs: 2 };
 * if (replacementError(layer, [0], Float64Array.of(5)) !== 4 * 3 ** 2) throw new Error("What is gone");
 * ```
 */
export function replacementError(
  { products, weight, inputs }: MeasuredLayer,
  kept: readonly number[],
  replaced: Float64Array,
): number {
  const outputs = weight.length / inputs, lost = Float64Array.from(weight);
  kept.forEach((from, row) => {
    for (let output = 0; output < outputs; output++) {
      lost[from * outputs + output]! -= replaced[row * outputs + output]!;
    }
  });
  return outputEnergy({ products, weight: lost, inputs });
}

/** Mean square of a layer's outputs, summed over them; around their mean where the moments are. */
export function outputEnergy({ products, weight, inputs }: MeasuredLayer): number {
  const outputs = weight.length / inputs, row = new Float64Array(outputs);
  let energy = 0;
  for (let from = 0; from < inputs; from++) {
    row.fill(0);
    for (let other = 0; other < inputs; other++) {
      const product = products[from * inputs + other]!;
      for (let output = 0; output < outputs; output++) {
        row[output]! += product * weight[other * outputs + output]!;
      }
    }
    for (let output = 0; output < outputs; output++) {
      energy += weight[from * outputs + output]! * row[output]!;
    }
  }
  return Math.max(0, energy);
}

/** Some rows of a matrix. */
export function rowsOf(
  matrix: Float64Array,
  rows: readonly number[],
  columns: number,
): Float64Array {
  const result = new Float64Array(rows.length * columns);
  rows.forEach((from, to) =>
    result.set(matrix.subarray(from * columns, (from + 1) * columns), to * columns)
  );
  return result;
}

/** The numbers below `of` that are not among some. */
export function complement(some: readonly number[], of: number): number[] {
  const known = new Set(some);
  return Array.from({ length: of }, (_, i) => i).filter((i) => !known.has(i));
}

/** The error of inputs that are no numbers. */
export function notFinite(inputs: number): UserError {
  return new UserError(
    `Cannot prune a layer of ${inputs} inputs: found second moments that are no finite numbers. The ` +
      "network's weights may be damaged, or its run diverged: train it again",
  );
}
