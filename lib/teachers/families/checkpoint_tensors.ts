/**
 * Files of named tensors, and how they are compared with the tensors that a family expects.
 *
 * @module
 */

/** A file of named tensors, as the readers of `lib/weights` open it. */
export interface CheckpointTensors {
  /** The path, for messages. */
  readonly source: string;
  /** Shapes by name; no numbers are read yet. */
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>;
  /** Reads one tensor as float32, row-major. */
  read(name: string): Float32Array;
  /** Texts beside the tensors; those of our own exports are heeded. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** All of the file by full names, where `tensors` are a part of it or without prefixes. */
  readonly everything?: WholeFile | undefined;
}

/** Everything in a file by full names: the keys of all dictionaries on the way, joined by dots. */
export interface WholeFile {
  /** Shapes; `container` holds the keys of the dictionaries around a tensor. */
  readonly tensors: ReadonlyMap<
    string,
    { readonly shape: readonly number[]; readonly container: readonly string[] }
  >;
  /** Python objects that stand among the tensors, and what messages call them. */
  readonly objects: ReadonlyMap<string, string>;
  /** Reads one tensor as float32, row-major. */
  read(name: string): Float32Array;
}

/** Size of an axis: a number, or one that the file decides, as `"width"`, `"3*width"`, `"1+patches"`. */
export type Axis = number | string;

/** A tensor that a file must hold, and how it is arranged once read. */
export interface ExpectedTensor {
  /** Its name in the file. */
  readonly from: string;
  /** Sizes that the file decides must be the same in all tensors; the first one decides. */
  readonly shape: readonly Axis[];
  /** Its dotted name among the parameters. */
  readonly to: string;
  /**
   * A `vector` as it is; `rows` flattened to `[rows, last axis]`; a `matrix` `[out, in]` transposed;
   * a `convolution` `[out, channels, rows, columns]` as the matrix `[rows * columns * channels, out]`.
   */
  readonly as: "vector" | "rows" | "matrix" | "convolution";
}

/** How far the tensors of a file are those that are expected. */
export interface LayoutFit {
  /** The sizes that the file decided, by name. */
  readonly sizes: ReadonlyMap<string, number>;
  /** One line for every missing, surplus or mis-shaped tensor. */
  readonly differences: readonly string[];
}

/**
 * Compares the tensors of a file with those that are expected.
 *
 * @param expected Those that decide sizes first.
 * @param ignored Patterns of names that may be there and are not read, such as a classifier's.
 *
 * @example
 * ```ts
 * import { fitLayout } from "./checkpoint_tensors.ts";
 * const tensors = new Map([["fc.weight", { shape: [3, 4] }], ["fc.bias", { shape: [4] }]]);
 * const { sizes, differences } = fitLayout(tensors, [
 *   { from: "fc.weight", shape: ["out", "in"] },
 *   { from: "fc.bias", shape: ["out"] },
 * ]);
 * if (sizes.get("in") !== 4 || differences.length !== 1) throw new Error("The bias does not fit");
 * ```
 */
export function fitLayout(
  tensors: CheckpointTensors["tensors"],
  expected: readonly Pick<ExpectedTensor, "from" | "shape">[],
  ignored: readonly RegExp[] = [],
): LayoutFit {
  const sizes = new Map<string, number>();
  const differences: string[] = [];
  for (const { from, shape } of expected) {
    const actual = tensors.get(from)?.shape;
    const fits = actual?.length === shape.length &&
      shape.map((axis, i) => fitsAxis(axis, actual[i] ?? 0, sizes)).every(Boolean);
    if (fits) continue;
    const expectedShape = `[${shape.map((axis) => sizeOf(axis, sizes) ?? axis)}]`;
    differences.push(
      actual === undefined
        ? `"${from}" is missing, expected ${expectedShape}`
        : `"${from}" is [${actual}], expected ${expectedShape}`,
    );
  }
  const known = new Set(expected.map(({ from }) => from));
  for (const [name, { shape }] of tensors) {
    if (known.has(name) || ignored.some((pattern) => pattern.test(name))) continue;
    // Quoted as JSON: a name from outside may hold anything.
    differences.push(`${JSON.stringify(name)} [${shape}] is unknown`);
  }
  return { sizes, differences };
}

/** Whether an axis has the expected size; a size that is not known yet becomes known. */
function fitsAxis(axis: Axis, actual: number, sizes: Map<string, number>): boolean {
  const expected = sizeOf(axis, sizes);
  if (expected !== undefined) return expected === actual;
  const { factor, summand, name } = partsOf(axis);
  const size = (actual - summand) / factor;
  if (!(Number.isSafeInteger(size) && size > 0)) return false;
  sizes.set(name, size);
  return true;
}

function sizeOf(axis: Axis, sizes: ReadonlyMap<string, number>): number | undefined {
  if (typeof axis === "number") return axis;
  const { factor, summand, name } = partsOf(axis), size = sizes.get(name);
  return size === undefined ? undefined : factor * size + summand;
}

/** `"3*width"` is 3 width + 0, `"1+patches"` is 1 patches + 1. */
function partsOf(axis: Axis): { factor: number; summand: number; name: string } {
  const [, number = "", sign, name = `${axis}`] = `${axis}`.match(/^(\d+)([*+])(\w+)$/) ?? [];
  return {
    factor: sign === "*" ? Number(number) : 1,
    summand: sign === "+" ? Number(number) : 0,
    name,
  };
}
