/** Which inputs of a linear layer can go with the least harm to its outputs. */
import { choleskyFactor, solveInPlace } from "../../tensors/cholesky.ts";
import {
  compensate,
  complement,
  defaultRidge,
  type MeasuredLayer,
  notFinite,
  penaltyOf,
  replacementError,
} from "./compensation.ts";

/** Inputs of a layer in the order in which they go. */
export interface PruningOrder {
  /** Numbers of the inputs, the least harmful first. */
  readonly order: readonly number[];
  /** Mean square that the layer's outputs lose with that many inputs gone, from none to all but the last. */
  readonly harm: Float64Array;
}

/**
 * The order in which the inputs of a layer go, each time that whose loss changes the outputs least where the
 * others take over what they can. With `H` the inverse of the second moments and `W` the weights as they are by
 * then, that is the input `i` of the least `|W_i|² / H_ii`, and that is what is lost.
 *
 * @throws {UserError} Where the moments are no finite numbers.
 * @source Hassibi and Stork, Second order derivatives for network pruning: optimal brain surgeon, NIPS 1992,
 *   equation 5, with a row of weights for a weight.
 *
 * @example
 * ```ts
 * import { orderInputs } from "./choose_inputs.ts";
 * const layer = { products: Float64Array.of(4, 0, 0, 1), weight: Float64Array.of(1, 3), inputs: 2 };
 * const { order, harm } = orderInputs(layer, { ridge: 1e-9 });
 * if (order.join() !== "0,1" || Math.abs(harm[1]! - 4) > 1e-6) throw new Error("4 x 1² < 1 x 3²");
 * ```
 */
export function orderInputs(
  layer: MeasuredLayer,
  { ridge = defaultRidge }: { readonly ridge?: number | undefined } = {},
): PruningOrder {
  const { products, inputs } = layer, outputs = layer.weight.length / inputs;
  const factor = choleskyFactor(products, inputs, penaltyOf(layer, ridge));
  if (factor === undefined) throw notFinite(inputs);
  const inverse = new Float64Array(inputs * inputs), weight = Float64Array.from(layer.weight);
  for (let i = 0; i < inputs; i++) inverse[i * inputs + i] = 1;
  solveInPlace(factor, inverse, inputs);
  const kept = new Set(Array.from({ length: inputs }, (_, i) => i));
  const order: number[] = [], harm = new Float64Array(inputs);
  for (let count = 1; count < inputs; count++) {
    const { input: gone, lost } = leastHarmful(weight, inverse, kept);
    order.push(gone);
    kept.delete(gone);
    harm[count] = harm[count - 1]! + lost;
    const own = inverse[gone * inputs + gone]!;
    for (const i of kept) {
      const share = inverse[i * inputs + gone]! / own;
      for (let output = 0; output < outputs; output++) {
        weight[i * outputs + output]! -= share * weight[gone * outputs + output]!;
      }
      for (const j of kept) inverse[i * inputs + j]! -= share * inverse[gone * inputs + j]!;
    }
  }
  return { order: [...order, ...kept], harm };
}

function leastHarmful(
  weight: Float64Array,
  inverse: Float64Array,
  kept: ReadonlySet<number>,
): { input: number; lost: number } {
  const inputs = Math.sqrt(inverse.length), outputs = weight.length / inputs;
  let least = { input: -1, lost: Infinity };
  for (const input of kept) {
    let energy = 0;
    for (let at = input * outputs; at < (input + 1) * outputs; at++) energy += weight[at]! ** 2;
    const lost = energy / inverse[input * inputs + input]!;
    if (lost < least.lost) least = { input, lost };
  }
  return least;
}

/**
 * The groups of inputs that stay, such as the heads of an attention: one group after the other is pruned, each time
 * that without which the compensated layer errs least.
 *
 * @param groups Inputs per group; a group's lie side by side.
 * @param count How many groups stay.
 * @returns Their numbers, rising.
 *
 * @example
 * ```ts
 * import { chooseGroups } from "./choose_inputs.ts";
 * const layer = { products: Float64Array.of(4, 0, 0, 1), weight: Float64Array.of(1, 3), inputs: 2 };
 * if (chooseGroups(layer, { size: 1, count: 1 }).join() !== "1") throw new Error("4 x 1² < 1 x 3²");
 * ```
 */
export function chooseGroups(
  layer: MeasuredLayer,
  { size, count }: { readonly size: number; readonly count: number },
): number[] {
  let kept = Array.from({ length: layer.inputs / size }, (_, group) => group);
  const errorWithout = (group: number) => {
    const inputs = inputsOfGroups(kept.filter((other) => other !== group), size);
    return replacementError(layer, inputs, compensate(layer, inputs));
  };
  while (kept.length > count) {
    const errors = kept.map(errorWithout);
    const gone = kept[errors.indexOf(Math.min(...errors))]!;
    kept = complement([...complement(kept, layer.inputs / size), gone], layer.inputs / size);
  }
  return kept;
}

/** The inputs of some groups. */
export function inputsOfGroups(groups: readonly number[], size: number): number[] {
  return groups.flatMap((group) => Array.from({ length: size }, (_, i) => group * size + i));
}
