import * as tf from "@tensorflow/tfjs";

/** Tensors in nested arrays and objects. */
export type TensorTree = tf.Tensor | readonly TensorTree[] | {
  readonly [name: string]: TensorTree;
};

/** The shape of a tree: a leaf is null. */
export type Structure = null | readonly Structure[] | { readonly [name: string]: Structure };

/** A tensor of a tree and its path: `1.encoder.weights`. */
export interface Leaf {
  /** Names and positions from the root, joined by dots. */
  readonly path: string;
  /** The tensor itself. */
  readonly tensor: tf.Tensor;
}

/** The structure of a tree; entries that are undefined count as absent. */
export function structureOf(tree: TensorTree, path = ""): Structure {
  if (tree instanceof tf.Tensor) return null;
  if (Array.isArray(tree)) return tree.map((item, index) => structureOf(item, join(path, index)));
  if (!isRecord(tree)) throw notATensor(path, tree);
  return Object.fromEntries(
    Object.entries(tree)
      .filter(([, item]) => item !== undefined)
      .map(([name, item]) => [name, structureOf(item, join(path, name))]),
  );
}

/** The tensors of a tree in the order of `structure`; a tree that differs is an error. */
export function leavesOf(tree: TensorTree, structure: Structure, path = ""): Leaf[] {
  if (structure === null) {
    if (!(tree instanceof tf.Tensor)) throw notATensor(path, tree);
    return [{ path, tensor: tree }];
  }
  if (typeof tree !== "object" || tree === null || tree instanceof tf.Tensor) {
    const expected = Array.isArray(structure) ? `an array of ${structure.length}` : "an object";
    throw new Error(`Found ${kindOf(tree)} at ${place(path)}, expected ${expected}`);
  }
  const items = tree as { readonly [name: string]: TensorTree };
  for (const name of Object.keys(items)) {
    if (items[name] !== undefined && !Object.hasOwn(structure, name)) {
      throw new Error(`Found an entry "${join(path, name)}", which the example does not have`);
    }
  }
  return Object.entries(structure).flatMap(([name, item]) => {
    const child = items[name];
    if (child === undefined) throw new Error(`Found no entry "${join(path, name)}"`);
    return leavesOf(child, item, join(path, name));
  });
}

/** Puts tensors, in the order of `leavesOf`, back into the structure. */
export function treeOf(structure: Structure, tensors: readonly tf.Tensor[]): TensorTree {
  let next = 0;
  function build(part: Structure): TensorTree {
    if (part === null) return tensors[next++]!;
    if (Array.isArray(part)) return part.map(build);
    return Object.fromEntries(Object.entries(part).map(([name, item]) => [name, build(item)]));
  }
  return build(structure);
}

function isRecord(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function join(path: string, name: string | number): string {
  return path === "" ? `${name}` : `${path}.${name}`;
}

function notATensor(path: string, value: unknown): Error {
  return new Error(`Found ${kindOf(value)} at ${place(path)}, expected a tensor`);
}

function place(path: string): string {
  return path === "" ? "the top" : `"${path}"`;
}

function kindOf(value: unknown): string {
  if (value instanceof tf.Tensor) return "a tensor";
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return value instanceof Promise ? "a promise" : `a value of type ${typeof value}`;
}

/** Disposes of all tensors of a tree, read-only ones included (`tf.dispose` does not take them). */
export function disposeTree(tree: TensorTree): void {
  for (const { tensor } of leavesOf(tree, structureOf(tree))) tensor.dispose();
}

/** The id of a tensor that comes after all that exist; ids only grow. */
export function newestTensor(): number {
  return (tf.engine() as unknown as { nextTensorId(): number }).nextTensorId();
}
