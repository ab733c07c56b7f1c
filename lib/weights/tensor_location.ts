/**
 * Reads tensors in place from a file, one at a time, with no memory beside the result but a window
 * of a mebibyte.
 *
 * @module
 */
import type { ByteSource } from "./byte_source.ts";
import { elementBytes, type ElementType, toFloat32 } from "./element_types.ts";
import { elementCount } from "./host_tensor.ts";

/** Where the numbers of a tensor lie. Its maker has checked that they lie in the file. */
export interface TensorLocation {
  /** Element type in the file. */
  readonly dtype: ElementType;
  /** Empty for a single number. */
  readonly shape: readonly number[];
  /** Elements between neighbours along each axis; see {@link overlaps}. */
  readonly strides: readonly number[];
  /** Byte of the first element. */
  readonly position: number;
}

/** Bytes that are read at a time; a multiple of every element's size. */
const WINDOW = 2 ** 20;

/** Strides in elements of a tensor whose rows follow one another. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/**
 * Number of elements from the first to the last one of the storage, both included; 0 for an empty
 * tensor.
 */
export function spanOf(shape: readonly number[], strides: readonly number[]): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((last, length, axis) => last + (length - 1) * strides[axis]!, 1);
}

/**
 * Whether an element may appear at two positions, as in an expanded tensor. Where it cannot, the
 * tensor has no more numbers than its span, and {@link readTensor} reads the span once.
 */
export function overlaps(shape: readonly number[], strides: readonly number[]): boolean {
  const axes = longAxes(shape, strides).reverse();
  let span = 1;
  return axes.some(({ length, stride }) => {
    if (stride < span) return true;
    span += (length - 1) * stride;
    return false;
  });
}

/** Reads a tensor as float32, row-major. */
export function readTensor(source: ByteSource, tensor: TensorLocation): Float32Array {
  const { dtype, shape, strides, position } = tensor;
  const result = new Float32Array(elementCount(shape));
  if (result.length === 0) return result;
  const rowMajor = rowMajorStrides(shape);
  const contiguous = shape.every((length, axis) => length < 2 || strides[axis] === rowMajor[axis]);
  if (!contiguous) gather(source, tensor, result);
  else if (dtype === "float32") source.read(position, new Uint8Array(result.buffer));
  else {
    const width = elementBytes[dtype], step = WINDOW / width;
    for (let at = 0; at < result.length; at += step) {
      const window = new Uint8Array(Math.min(step, result.length - at) * width);
      source.read(position + at * width, window);
      result.set(toFloat32(dtype, window.buffer), at);
    }
  }
  return result;
}

/** Reads the span from first to last, and puts each number at its row-major position. */
function gather(source: ByteSource, tensor: TensorLocation, result: Float32Array): void {
  const { dtype, shape, strides, position } = tensor;
  const axes = longAxes(shape, strides);
  const width = elementBytes[dtype], span = spanOf(shape, strides);
  let first = 0, numbers: Float32Array = new Float32Array();
  const numberAt = (element: number): number => {
    if (element >= first + numbers.length) {
      const window = new Uint8Array(Math.min(WINDOW, (span - element) * width));
      source.read(position + element * width, window);
      first = element;
      numbers = toFloat32(dtype, window.buffer);
    }
    return numbers[element - first]!;
  };
  const walk = (depth: number, from: number, to: number): void => {
    const axis = axes[depth];
    if (axis === undefined) {
      result[to] = numberAt(from);
      return;
    }
    for (let i = 0; i < axis.length; i++) {
      walk(depth + 1, from + i * axis.stride, to + i * axis.step);
    }
  };
  walk(0, 0, 0);
}

/** Axes longer than 1, the widest stride first; `step` is the stride of the result. */
function longAxes(shape: readonly number[], strides: readonly number[]) {
  const steps = rowMajorStrides(shape);
  return shape
    .map((length, axis) => ({ length, stride: strides[axis]!, step: steps[axis]! }))
    .filter(({ length }) => length > 1)
    .sort((a, b) => b.stride - a.stride);
}
