import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertThrows } from "@std/assert";
import {
  countParameters,
  flatten,
  fromNamedTensors,
  layoutOf,
  namedTensors,
  unflatten,
} from "../../lib/tensors/parameters.ts";
import { layoutOfShapes } from "../../lib/tensors/shapes.ts";
import "../pure_backend_fixture.ts";

const tree = {
  norm: { bias: tf.tensor1d([7]), weight: tf.tensor1d([8]) },
  blocks: { 10: { weight: tf.tensor2d([[3], [4]]) }, 2: { weight: tf.tensor2d([[5, 6]]) } },
  cls: tf.tensor2d([[1, 2]]),
};

Deno.test("names are dotted and sorted, and lead back to the tree", () => {
  const named = namedTensors(tree);
  const names = ["blocks.10.weight", "blocks.2.weight", "cls", "norm.bias", "norm.weight"];
  assertEquals(named.map(([name]) => name), names);
  assertEquals(namedTensors(fromNamedTensors(named.reverse())).map(([name]) => name), names);
});

Deno.test("the layout puts tensors that decay first (item 36)", () => {
  const layout = layoutOf(tree);
  assertEquals(layout.size, 8);
  assertEquals(layout.decayed, 6);
  assertEquals(layout.entries.filter(({ decay }) => decay).length, 3);
  assertEquals(layout.entries[3], {
    name: "norm.bias",
    shape: [1],
    offset: 6,
    size: 1,
    decay: false,
  });
  assertEquals(countParameters(tree), 8);
});

Deno.test("flatten and unflatten undo each other", () => {
  const layout = layoutOf(tree), flat = flatten(tree, layout);
  assertEquals([...flat.dataSync()], [3, 4, 5, 6, 1, 2, 7, 8]);
  const same = unflatten(flat, layout);
  assertEquals(same.blocks[10].weight.shape, [2, 1]);
  assertEquals([...same.norm.weight.dataSync()], [8]);
});

Deno.test("trees that do not fit are refused by name", () => {
  const layout = layoutOf<{ [name: string]: tf.Tensor }>({ a: tf.zeros([2]), b: tf.zeros([1]) });
  const a = tf.zeros([2]);
  assertThrows(() => flatten({ a }, layout), Error, '"b" is missing, expected [1]');
  assertThrows(() => flatten({ a, b: a }, layout), Error, '"b" is [2], expected [1]');
  assertThrows(() => flatten({ a, b: tf.zeros([1]), c: a }, layout), Error, "found 3 tensors");
  assertThrows(() => fromNamedTensors([["a", a], ["a.b", a]]), Error, '"a.b"');
  assertThrows(() => fromNamedTensors([["a.b", a], ["a", a]]), Error, '"a"');
});

Deno.test("the layout of shapes is that of their tensors, in whatever order they are named", () => {
  const shapes = { b: { weight: [2, 3] }, a: { weight: [1, 2], bias: [2] } } as const;
  const tensors = {
    a: { weight: tf.ones([1, 2]), bias: tf.ones([2]) },
    b: { weight: tf.ones([2, 3]) },
  };
  const { entries, size, decayed } = layoutOfShapes<typeof tensors>(shapes as never);
  assertEquals(entries.map(({ name }) => name), ["a.weight", "b.weight", "a.bias"]);
  assertEquals(entries.map(({ offset }) => offset), [0, 2, 8]);
  assertEquals([size, decayed], [10, 8]);
  assertEquals(layoutOf(tensors).entries, entries);
});
