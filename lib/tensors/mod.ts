/**
 * Numbers below the layers: trees of named tensors, gradients, AdamW, schedules and addressed random numbers.
 *
 * @module
 */

// Parameters, and the flat buffer that holds them
export { type Parameters, type Layout, type LayoutEntry, layoutOf, flatten, unflatten, namedTensors, fromNamedTensors, countParameters } from "./parameters.ts";

// Gradient and update
export { valueAndGradient, type ValueAndGradient } from "./gradient.ts";
export { adamW, type AdamState, type AdamOptions, initAdam } from "./adamw.ts";

// Schedules over a run
export { cosineSchedule, warmupCosine, type Schedule, scheduledValue } from "./schedules.ts";

// Random numbers by address
export { randomStream, type RandomStream } from "./random.ts";

// Half precision
export type { HalfPrecision } from "./half_precision.ts";
