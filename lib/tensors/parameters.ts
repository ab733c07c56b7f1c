import * as tf from "@tensorflow/tfjs";

/**
 * A tree of named tensors. Dotted names, `blocks.0.norm1.weight`, are the keys of a safetensors
 * file. The weight of a linear layer is `[in, out]`.
 */
export type Parameters = { readonly [name: string]: tf.Tensor | Parameters };

/** Where each tensor of a tree lies in one flat buffer. */
export interface Layout<P extends Parameters = Parameters> {
  /** In the order of the buffer. */
  readonly entries: readonly LayoutEntry[];
  /** Numbers in the buffer. */
  readonly size: number;
  /** The first so many numbers are subject to weight decay. */
  readonly decayed: number;
  /** Never set: it carries the type of the tree from `layoutOf` to `unflatten`. */
  readonly tree?: P;
}

/** One tensor of a {@linkcode Layout}; `offset` and `size` count numbers, not bytes. */
export interface LayoutEntry {
  /** Dotted name. */
  readonly name: string;
  /** Shape of the tensor. */
  readonly shape: readonly number[];
  /** Where it begins. */
  readonly offset: number;
  /** Its numbers. */
  readonly size: number;
  /** Whether it is subject to weight decay. */
  readonly decay: boolean;
}

/**
 * The tensors of a tree with their dotted names, sorted by name.
 *
 * @example
 * ```ts
 * import { fromNamedTensors, namedTensors } from "@hashigo/hashigo/tensors";
 * const names = namedTensors(fromNamedTensors([])).map(([name]) => name);
 * if (names.length !== 0) throw new Error("An empty tree holds no tensors");
 * ```
 */
export function namedTensors(parameters: Parameters): [name: string, tensor: tf.Tensor][] {
  const collect = (tree: Parameters, prefix: string): [string, tf.Tensor][] =>
    Object.entries(tree).flatMap(([key, value]) =>
      value instanceof tf.Tensor
        ? [[prefix + key, value] as [string, tf.Tensor]]
        : collect(value, `${prefix}${key}.`)
    );
  return collect(parameters, "").sort(([a], [b]) => a < b ? -1 : 1);
}

/**
 * The tree of tensors with dotted names; undoes {@linkcode namedTensors}.
 *
 * @throws {Error} Where a name occurs twice, or is both a tensor and the beginning of another name.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { fromNamedTensors } from "@hashigo/hashigo/tensors";
 * await startEngine();
 * const tree = fromNamedTensors([["norm.weight", tf.ones([4])]]);
 * if (!("norm" in tree)) throw new Error("Expected a branch named norm");
 * ```
 */
export function fromNamedTensors(entries: Iterable<readonly [string, tf.Tensor]>): Parameters {
  type Branch = { [name: string]: tf.Tensor | Branch };
  const root: Branch = {};
  for (const [name, tensor] of entries) {
    const path = name.split(".");
    const leaf = path.pop() ?? name;
    let branch = root;
    for (const part of path) {
      const next = branch[part] ??= {};
      if (next instanceof tf.Tensor) throw conflict(name);
      branch = next;
    }
    if (Object.hasOwn(branch, leaf)) throw conflict(name);
    branch[leaf] = tensor;
  }
  return root;
}

function conflict(name: string): Error {
  return new Error(
    `Cannot build a tree of parameters: "${name}" occurs twice, or a part of it is a tensor too. ` +
      "Give each tensor a name of its own",
  );
}

/**
 * The layout of a tree in one flat buffer: tensors with two or more dimensions first, since those
 * decay (biases and norms do not), each group in the order of names. Weight decay is then one slice.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { layoutOf } from "@hashigo/hashigo/tensors";
 * await startEngine();
 * const layout = layoutOf({ bias: tf.zeros([2]), weight: tf.zeros([3, 2]) });
 * if (layout.decayed !== 6) throw new Error("The weight decays, the bias does not");
 * ```
 */
export function layoutOf<P extends Parameters>(parameters: P): Layout<P> {
  return arrangeTensors(namedTensors(parameters).map(([name, { shape }]) => [name, shape]));
}

/** The layout of tensors of these names and shapes: those that decay first, each group by name. */
export function arrangeTensors(
  named: readonly (readonly [name: string, shape: readonly number[]])[],
): { entries: LayoutEntry[]; size: number; decayed: number } {
  const sorted = named.toSorted(([a], [b]) => a < b ? -1 : 1);
  const decays = ([, shape]: typeof named[number]) => shape.length >= 2;
  const ordered = [...sorted.filter(decays), ...sorted.filter((entry) => !decays(entry))];
  const entries: LayoutEntry[] = [];
  let offset = 0, decayed = 0;
  for (const [name, shape] of ordered) {
    const size = shape.reduce((product, length) => product * length, 1);
    const decay = shape.length >= 2;
    entries.push({ name, shape: [...shape], offset, size, decay });
    offset += size;
    if (decay) decayed = offset;
  }
  return { entries, size: offset, decayed };
}

/**
 * One flat buffer, `[layout.size]`, with every tensor of the tree.
 *
 * @throws {Error} Where a tensor of the layout is missing or has another shape.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { flatten, layoutOf } from "@hashigo/hashigo/tensors";
 * await startEngine();
 * const tree = { bias: tf.zeros([2]), weight: tf.ones([3, 2]) };
 * if (flatten(tree, layoutOf(tree)).size !== 8) throw new Error("Expected eight numbers");
 * ```
 */
export function flatten<P extends Parameters>(parameters: P, layout: Layout<P>): tf.Tensor1D {
  const named = new Map(namedTensors(parameters));
  const parts = layout.entries.map(({ name, shape, size }) => {
    const tensor = named.get(name);
    if (tensor === undefined || `${tensor.shape}` !== `${shape}`) {
      throw new Error(
        `Cannot flatten parameters: "${name}" is ${tensor ? `[${tensor.shape}]` : "missing"}, ` +
          `expected [${shape}]. Use the layout of this tree`,
      );
    }
    return tf.reshape<tf.Rank.R1>(tensor, [size]);
  });
  if (named.size !== parts.length) {
    throw new Error(
      `Cannot flatten parameters: found ${named.size} tensors, the layout holds ${parts.length}. ` +
        "Use the layout of this tree",
    );
  }
  return tf.concat1d(parts);
}

/**
 * The tree that a flat buffer holds; undoes {@linkcode flatten}.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { flatten, layoutOf, unflatten } from "@hashigo/hashigo/tensors";
 * await startEngine();
 * const tree = { bias: tf.zeros([2]), weight: tf.ones([3, 2]) };
 * const layout = layoutOf(tree);
 * const same = unflatten(flatten(tree, layout), layout);
 * if (same.weight.shape[0] !== 3) throw new Error("Expected the weight's own shape");
 * ```
 */
export function unflatten<P extends Parameters>(flat: tf.Tensor1D, layout: Layout<P>): P {
  return fromNamedTensors(
    layout.entries.map(({ name, shape, offset, size }) =>
      [name, tf.reshape(tf.slice1d(flat, offset, size), [...shape])] as const
    ),
  ) as P;
}

/**
 * How many numbers a tree holds.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { countParameters } from "@hashigo/hashigo/tensors";
 * await startEngine();
 * if (countParameters({ weight: tf.ones([3, 2]) }) !== 6) throw new Error("Expected six");
 * ```
 */
export function countParameters(parameters: Parameters): number {
  return namedTensors(parameters).reduce((sum, [, tensor]) => sum + tensor.size, 0);
}
