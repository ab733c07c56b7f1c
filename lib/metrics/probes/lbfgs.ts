/** Minimisation of a smooth function of many numbers from its values and gradients. */
import { addMultiple, dot } from "./vectors.ts";

/** A function at a point. */
export interface ObjectiveValue {
  /** Its value. */
  readonly value: number;
  /** Its gradient, as long as the point. */
  readonly gradient: Float64Array;
  /**
   * Compared with the tolerance, where the slopes that matter are those of other variables. Default:
   * the largest number of the gradient.
   */
  readonly remaining?: number | undefined;
}

/** A function's value and gradient at a point. */
export type Objective = (x: Float64Array) => Promise<ObjectiveValue>;

/** Where a minimisation ended. */
export interface Minimum {
  /** The best point found. */
  readonly x: Float64Array;
  /** The function there. */
  readonly value: number;
  /** Steps taken. */
  readonly iterations: number;
  /** Whether what remains of the gradient does not exceed the tolerance, or no step makes progress any more. */
  readonly converged: boolean;
}

interface Point extends ObjectiveValue {
  readonly x: Float64Array;
}

/** A step and the change of the gradient along it. */
interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  /** Their product, positive. */
  readonly curvature: number;
}

/** Steps of a line search before it gives up. */
const searchSteps = 30;
/** A step must fulfil this share of the decrease that the slope promises, */
const sufficientDecrease = 1e-4;
/** and leave at most this share of the slope (weak Wolfe conditions). */
const remainingSlope = 0.9;

/**
 * Minimises a function by limited-memory BFGS, with a line search by doubling and bisection to the weak
 * Wolfe conditions.
 *
 * @param objective convex or at least smooth
 * @param start where to begin; left unchanged
 * @param options.gradientTolerance largest number that may remain in the gradient; default 1e-4
 * @param options.maximumIterations default 1000
 * @param options.memory pairs of steps that are remembered; default 10
 * @source Nocedal and Wright, "Numerical optimization" (2006), algorithms 7.4 and 7.5.
 *
 * @example
 * ```ts
 * import { minimize } from "@hashigo/hashigo/metrics";
 * const { x } = await minimize(([a = 0, b = 0]) =>
 *   Promise.resolve({
 *     value: (a - 1) ** 2 + 10 * (b + 2) ** 2,
 *     gradient: Float64Array.of(2 * (a - 1), 20 * (b + 2)),
 *   }), Float64Array.of(0, 0));
 * if (Math.hypot(x[0]! - 1, x[1]! + 2) > 1e-3) throw new Error("Expected the minimum (1, -2)");
 * ```
 */
export async function minimize(
  objective: Objective,
  start: Float64Array,
  options: {
    readonly gradientTolerance?: number | undefined;
    readonly maximumIterations?: number | undefined;
    readonly memory?: number | undefined;
  } = {},
): Promise<Minimum> {
  const { gradientTolerance = 1e-4, maximumIterations = 1000, memory = 10 } = options;
  const pairs: Pair[] = [];
  let here: Point = { x: start.slice(), ...await objective(start) };
  let iterations = 0;
  while ((here.remaining ?? largest(here.gradient)) > gradientTolerance) {
    if (iterations === maximumIterations) return minimumAt(here, iterations, false);
    const direction = descent(here.gradient, pairs);
    const first = pairs.length === 0 ? Math.min(1, 1 / norm(here.gradient)) : 1;
    const next = await search(objective, here, direction, first);
    if (next === undefined) {
      // Rounding hides any further decrease, unless stale curvature led astray.
      if (pairs.length === 0) return minimumAt(here, iterations, true);
      pairs.length = 0;
      continue;
    }
    const pair = pairOf(here, next);
    if (pair !== undefined) pairs.push(pair);
    if (pairs.length > memory) pairs.shift();
    here = next;
    iterations++;
  }
  return minimumAt(here, iterations, true);
}

function minimumAt({ x, value }: Point, iterations: number, converged: boolean): Minimum {
  return { x, value, iterations, converged };
}

/** The two-loop recursion: minus the approximate inverse Hessian times the gradient. */
function descent(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const direction = gradient.map((g) => -g);
  const weights: number[] = [];
  for (const { step, change, curvature } of pairs.toReversed()) {
    const weight = dot(step, direction) / curvature;
    weights.push(weight);
    addMultiple(direction, change, -weight);
  }
  const last = pairs.at(-1);
  if (last) scale(direction, last.curvature / dot(last.change, last.change));
  for (const { step, change, curvature } of pairs) {
    addMultiple(direction, step, weights.pop()! - dot(change, direction) / curvature);
  }
  return direction;
}

/** The first point along a direction that decreases enough and is flat enough. */
async function search(
  objective: Objective,
  from: Point,
  direction: Float64Array,
  first: number,
): Promise<Point | undefined> {
  const slope = dot(from.gradient, direction);
  if (!(slope < 0)) return undefined;
  let [low, high, length] = [0, Infinity, first];
  let best: Point | undefined;
  for (let i = 0; i < searchSteps; i++) {
    const x = from.x.slice();
    addMultiple(x, direction, length);
    const point = { x, ...await objective(x) };
    if (!(point.value <= from.value + sufficientDecrease * length * slope)) high = length;
    else {
      best = point;
      if (dot(point.gradient, direction) >= remainingSlope * slope) return point;
      low = length;
    }
    length = high === Infinity ? 2 * low : (low + high) / 2;
  }
  return best;
}

function pairOf(from: Point, to: Point): Pair | undefined {
  const step = to.x.map((value, i) => value - from.x[i]!);
  const change = to.gradient.map((value, i) => value - from.gradient[i]!);
  const curvature = dot(step, change);
  return curvature > 1e-10 * dot(change, change) ? { step, change, curvature } : undefined;
}

function scale(values: Float64Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i]! *= factor;
}

function norm(values: Float64Array): number {
  return Math.sqrt(dot(values, values));
}

function largest(values: Float64Array): number {
  let size = 0;
  for (const value of values) size = Math.max(size, Math.abs(value));
  return size;
}
