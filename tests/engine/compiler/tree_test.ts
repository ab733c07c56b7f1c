import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { hideBanner } from "../../../lib/engine/tfjs/banner.ts";
import {
  disposeTree,
  leavesOf,
  structureOf,
  type TensorTree,
  treeOf,
} from "../../../lib/engine/compiler/tree.ts";

await tf.setBackend("cpu");
hideBanner();

Deno.test("a tree comes apart into leaves with paths and goes together again", () => {
  const a = tf.scalar(1), b = tf.scalar(2), c = tf.scalar(3);
  const tree = [{ first: a, rest: [b, { deep: c }] }, []] as const;
  const structure = structureOf(tree);
  assertEquals(structure, [{ first: null, rest: [null, { deep: null }] }, []]);
  const leaves = leavesOf(tree, structure);
  assertEquals(leaves.map(({ path }) => path), ["0.first", "0.rest.0", "0.rest.1.deep"]);
  const again = treeOf(structure, leaves.map(({ tensor }) => tensor)) as unknown as typeof tree;
  assertStrictEquals(again[0].rest[1].deep, c);
  assertEquals(again[1], []);
  disposeTree(tree);
  assertEquals([a, b, c].map(({ isDisposed }) => isDisposed), [true, true, true]);
});

Deno.test("the order of entries and absent entries do not matter, others do", () => {
  const a = tf.scalar(1), b = tf.scalar(2);
  const structure = structureOf({ a, b });
  const reordered = { b, nothing: undefined, a } as unknown as TensorTree;
  assertEquals(leavesOf(reordered, structure).map(({ tensor }) => tensor), [a, b]);
  assertEquals(structureOf({ a, b: undefined } as unknown as TensorTree), { a: null });
  assertThrows(() => leavesOf({ a }, structure), Error, 'no entry "b"');
  assertThrows(() => leavesOf({ a, b, c: a }, structure), Error, 'entry "c"');
  assertThrows(() => leavesOf({ a, b: [b] }, structure), Error, 'an array of 1 at "b"');
  assertThrows(() => leavesOf(a, structure), Error, "a tensor at the top, expected an object");
  tf.dispose([a, b]);
});

Deno.test("what is neither a tensor nor a plain array or object is named", () => {
  function found(value: unknown): string {
    return assertThrows(() => structureOf([value] as unknown as TensorTree), Error).message;
  }
  assertEquals(found(null), 'Found null at "0", expected a tensor');
  assertEquals(found(3), 'Found a value of type number at "0", expected a tensor');
  assertEquals(found(Promise.resolve(1)), 'Found a promise at "0", expected a tensor');
  assertEquals(found(new Map()), 'Found a value of type object at "0", expected a tensor');
});
