/** The memory of a state that several processes share. */
import { byteSize } from "../../io/memory.ts";
import type { Layout } from "../../tensors/parameters.ts";
import { sliceOf } from "../../tensors/slices.ts";

/** Who has a state. */
interface StateOwners {
  readonly processes: number;
  /** Whether each keeps a slice of the moments, instead of all. */
  readonly sharded: boolean;
}

const bytesOfNumber = 4;

/**
 * Bytes that each process keeps of a state from step to step: with P parameters and N processes, 4 P for these and
 * 8 P for two moments, or 8 ⌈P / N⌉ where they are sharded. Statistics are small beside them.
 *
 * @example
 * ```ts
 * import { stateBytes } from "./state_bytes.ts";
 * const { parameters, moments } = stateBytes({ size: 10 }, { processes: 4, sharded: true });
 * if (parameters !== 40 || moments !== 24) throw new Error("Expected two moments of three numbers");
 * ```
 */
export function stateBytes(
  { size }: Pick<Layout, "size">,
  { processes, sharded }: StateOwners,
): { readonly parameters: number; readonly moments: number } {
  const each = sharded ? sliceOf(size, { rank: 0, size: processes }).size : size;
  return { parameters: bytesOfNumber * size, moments: 2 * bytesOfNumber * each };
}

/**
 * Bytes of a gradient at each process: that of every tensor and all of them in one, and the sum of the parts of a
 * batch that is taken in several.
 */
export function gradientBytes({ size }: Pick<Layout, "size">, accumulate = 1): number {
  return (accumulate > 1 ? 3 : 2) * bytesOfNumber * size;
}

/** What each process keeps of a state, for people. */
export function stateLine(layout: Pick<Layout, "size">, owners: StateOwners): string {
  const { parameters, moments } = stateBytes(layout, owners);
  return `each of ${owners.processes} processes keeps ${
    byteSize(parameters + moments)
  } of the state: ` +
    `parameters ${byteSize(parameters)}, moments ${byteSize(moments)}` +
    (owners.sharded ? ` of ${byteSize(2 * parameters)}` : "");
}
