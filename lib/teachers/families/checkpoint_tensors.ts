/**
 * What is asked of a file of weights, and whether its tensors are those that are expected.
 *
 * @module
 */

/** A file of named tensors; `lib/weights` has readers that offer it. */
export interface CheckpointTensors {
  /** The path, for messages. */
  readonly source: string;
  /** By name; nothing of their numbers is read yet. */
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>;
  /** One tensor as float32, row-major. */
  read(name: string): Float32Array;
}

/** A number, or a size that the file decides: `"width"`, `"3*width"`, `"1+patches"`. */
export type Axis = number | string;

/** A tensor that a file must hold, and what becomes of it. */
export interface ExpectedTensor {
  /** Its name in the file. */
  readonly from: string;
  /** Sizes that the file decides must be the same in all tensors; the first one decides. */
  readonly shape: readonly Axis[];
  /** Its dotted name in our tree. */
  readonly to: string;
  /**
   * A `vector` as it is; `rows` flattened to `[rows, last axis]`; a `matrix` `[out, in]` transposed;
   * a `convolution` `[out, channels, rows, columns]` as the matrix `[rows * columns * channels, out]`.
   */
  readonly as: "vector" | "rows" | "matrix" | "convolution";
}

/** What a comparison of a file with expectations found. */
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
 * import { fitLayout } from "@hashigo/hashigo";
 * const tensors = new Map([["fc.weight", { shape: [3, 4] }], ["fc.bias", { shape: [4] }]]);
 * const { sizes, differences } = fitLayout(tensors, [
 *   { from: "fc.weight", shape: ["out", "in"], to: "weight", as: "matrix" },
 *   { from: "fc.bias", shape: ["out"], to: "bias", as: "vector" },
 * ]);
 * if (sizes.get("in") !== 4 || differences.length !== 1) throw new Error("The bias does not fit");
 * ```
 */
export function fitLayout(
  tensors: CheckpointTensors["tensors"],
  expected: readonly ExpectedTensor[],
  ignored: readonly RegExp[] = [],
): LayoutFit {
  const sizes = new Map<string, number>();
  const differences: string[] = [];
  for (const { from, shape } of expected) {
    const found = tensors.get(from)?.shape;
    const fits = found?.length === shape.length &&
      shape.map((axis, i) => fitsAxis(axis, found[i] ?? 0, sizes)).every(Boolean);
    if (fits) continue;
    const wanted = `[${shape.map((axis) => sizeOf(axis, sizes) ?? axis)}]`;
    differences.push(
      found === undefined
        ? `"${from}" is missing, expected ${wanted}`
        : `"${from}" is [${found}], expected ${wanted}`,
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

/**
 * The same file without `backbone.` before the names that have it: self-supervised training keeps an
 * encoder's heads beside its backbone, so not all names begin so.
 *
 * @example
 * ```ts
 * import { bytesSource, checkpointFrom, encodeTorchCheckpoint } from "@hashigo/hashigo";
 * import { insideBackbone } from "@hashigo/hashigo";
 * const bias = { shape: [1], data: Float32Array.of(5) };
 * const bytes = encodeTorchCheckpoint({ "backbone.norm.bias": bias, "head.bias": bias });
 * using file = checkpointFrom(bytesSource(bytes));
 * if (insideBackbone(file).read("norm.bias")[0] !== 5) throw new Error("Expected the bias");
 * ```
 */
export function insideBackbone(checkpoint: CheckpointTensors): CheckpointTensors {
  const prefix = "backbone.";
  const names = new Map([...checkpoint.tensors.keys()].map((name) => {
    return [name.startsWith(prefix) ? name.slice(prefix.length) : name, name];
  }));
  // Two tensors that would share a name keep their own, and one of them is refused as unknown.
  if (names.size < checkpoint.tensors.size) return checkpoint;
  const tensors = [...names].map(([name, own]) => {
    return [name, checkpoint.tensors.get(own) ?? { shape: [] }] as const;
  });
  return {
    source: checkpoint.source,
    tensors: new Map(tensors),
    read: (name) => checkpoint.read(names.get(name) ?? name),
  };
}

/** Whether an axis has the size that it should, which it decides where nothing did before. */
function fitsAxis(axis: Axis, found: number, sizes: Map<string, number>): boolean {
  const wanted = sizeOf(axis, sizes);
  if (wanted !== undefined) return wanted === found;
  const { factor, summand, name } = partsOf(axis);
  const size = (found - summand) / factor;
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
