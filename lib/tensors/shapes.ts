/** Shapes of a tree of parameters, known without a tensor. */
import type * as tf from "@tensorflow/tfjs";
import { arrangeTensors, type Layout, type Parameters } from "./parameters.ts";

/** The tree `P` with the shape of each tensor in the tensor's place. */
export type ShapesOf<P> = P extends tf.Tensor<infer R> ? Readonly<tf.ShapeMap[R]>
  : { readonly [name in keyof P]: ShapesOf<P[name]> };

/** Shapes by name, nested as {@linkcode Parameters} are. */
export type ShapeTree = { readonly [name: string]: readonly number[] | ShapeTree };

/** The layout that `layoutOf` gives for a tree of tensors of these shapes; nothing is allocated. */
export function layoutOfShapes<P extends Parameters>(shapes: ShapeTree & ShapesOf<P>): Layout<P> {
  return arrangeTensors(namedShapes(shapes));
}

/** How many numbers a tree of tensors of these shapes holds. */
export function countShapes(shapes: ShapeTree): number {
  return namedShapes(shapes).reduce((sum, [, shape]) => sum + sizeOf(shape), 0);
}

function namedShapes(shapes: ShapeTree, prefix = ""): [name: string, shape: readonly number[]][] {
  return Object.entries(shapes).flatMap(([name, value]) =>
    isShape(value)
      ? [[prefix + name, value] as [string, readonly number[]]]
      : namedShapes(value, `${prefix}${name}.`)
  );
}

function isShape(value: readonly number[] | ShapeTree): value is readonly number[] {
  return Array.isArray(value);
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
