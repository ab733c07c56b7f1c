/** Which of several choices are worth their cost. */

/** A choice. */
export interface CostedValue {
  /** What it costs; less is better. */
  readonly cost: number;
  /** What it is worth; more is better. */
  readonly value: number;
}

/**
 * Whether each choice lies on the Pareto front: no other is worth as much for less, or more for as much.
 *
 * @example
 * ```ts
 * import { paretoFront } from "./pareto.ts";
 * const front = paretoFront([{ cost: 1, value: 5 }, { cost: 2, value: 5 }, { cost: 2, value: 6 }]);
 * if (front.join() !== "true,false,true") throw new Error("The second costs more for as much");
 * ```
 */
export function paretoFront(choices: readonly CostedValue[]): boolean[] {
  return choices.map(({ cost, value }) =>
    !choices.some((other) =>
      other.cost <= cost && other.value >= value && (other.cost < cost || other.value > value)
    )
  );
}
