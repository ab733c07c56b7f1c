/**
 * Numbers below the layers: trees of named tensors, gradients, AdamW, schedules and addressed random numbers.
 *
 * @module
 */

// Parameters, and the flat buffer that holds them
export {
  countParameters,
  flatten,
  fromNamedTensors,
  type Layout,
  type LayoutEntry,
  layoutOf,
  namedTensors,
  type Parameters,
  unflatten,
} from "./parameters.ts";

// Gradient and update
export { type ValueAndGradient, valueAndGradient } from "./gradient.ts";
export { type AdamOptions, type AdamState, adamW, initAdam } from "./adamw.ts";

// Schedules over a run
export { cosineSchedule, type Schedule, scheduledValue, warmupCosine } from "./schedules.ts";

// Random numbers by address
export { type RandomStream, randomStream } from "./random.ts";

// Half precision
export type { HalfPrecision } from "./half_precision.ts";
