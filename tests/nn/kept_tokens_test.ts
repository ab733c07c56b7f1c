/** Patch tokens that are kept: how they are drawn, taken and averaged. */
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import {
  drawKeptTokens,
  keepPatches,
  keptCount,
  keptOfImages,
  type KeptTokens,
  takeTokens,
} from "../../lib/nn/kept_tokens.ts";
import { resampleTokens } from "../../lib/nn/token_grid.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { assertClose, fill } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

const batch = 2, tokens = 6;

/** The third and sixth token of the first image, the first and second of the other. */
const kept: KeptTokens = {
  places: tf.tensor2d([[2, 5], [0, 1]], [2, 2], "int32"),
  rows: tf.tensor2d([[4, 4, 0, 4, 4, 1], [2, 3, 4, 4, 4, 4]], [2, 6], "int32"),
};

Deno.test("each image keeps a subset of its own: as many, rising, each place equally often", () => {
  const times = new Array<number>(tokens).fill(0);
  for (let step = 0; step < 300; step++) {
    const random = randomStream(7).at("tokenMask", step);
    const { places, rows } = drawKeptTokens({ batch, tokens, kept: 2 }, random);
    for (const image of [0, 1]) {
      const [first = NaN, second = NaN] = places.subarray(2 * image, 2 * image + 2);
      assert(first < second && second < tokens, `${first}, ${second}`);
      const expected = new Array<number>(tokens).fill(4);
      [expected[first], expected[second]] = [2 * image, 2 * image + 1];
      assertEquals([...rows.subarray(tokens * image, tokens * image + tokens)], expected);
      times[first]!++;
      times[second]!++;
    }
  }
  // Of 1200 draws 200 each, with a deviation of 12.
  assert(times.every((count) => Math.abs(count - 200) < 50), `${times}`);
  const again = () => drawKeptTokens({ batch, tokens, kept: 2 }, randomStream(7).at("x", 1));
  assertEquals(again(), again());
});

Deno.test("so many are kept, at least one", () => {
  assertEquals([keptCount(64), keptCount(64, 0.5), keptCount(9, 0.5), keptCount(4, 0.99)], [
    64,
    32,
    5,
    1,
  ]);
});

Deno.test("tokens are taken by place; the gradient goes to them alone, by kernels all engines have", async () => {
  const all = tf.tensor3d([...Array(24).keys()], [batch, tokens, 2]);
  assertEquals([...takeTokens(all, kept).dataSync()], [4, 5, 10, 11, 12, 13, 14, 15]);
  const weights = tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
  let gradient: number[] = [];
  const { kernelNames } = await tf.profile(() => {
    const loss = (x: tf.Tensor) => tf.sum(tf.mul(takeTokens(x as tf.Tensor3D, kept), weights));
    const result = tf.grad(loss)(all);
    gradient = [...result.dataSync()];
    return result;
  });
  assertEquals(gradient, [
    ...[0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 3, 4],
    ...[5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0],
  ]);
  assertEquals(kernelNames.filter((name) => name.includes("Segment")), []);
});

Deno.test("CLS and registers stay, patches are taken", () => {
  const all = tf.tensor3d([...Array(16).keys()], [batch, 2 + tokens, 1]);
  assertEquals([...keepPatches(all, kept).dataSync()], [0, 1, 4, 7, 8, 9, 10, 11]);
  assertEquals(keepPatches(all), all);
});

Deno.test("areas are averages of the tokens they cover, those without any of all", () => {
  const two = tf.tensor3d([3, 6, 10, 20], [batch, 2, 1]);
  // A grid of 2 x 3 to one column: rows 0 and 1. Both are covered in the first image only.
  assertEquals([...resampleTokens(two, [2, 3], [2, 1], kept).dataSync()], [3, 6, 15, 15]);
  // To one row of two columns: the middle column belongs to both halves, with half its weight.
  const halves = resampleTokens(two, [2, 3], [1, 2], kept);
  assertClose(halves, [4.5, 4.5, (10 + 0.5 * 20) / 1.5, 20], 1e-6);
  assertEquals(resampleTokens(two, [2, 3], [2, 3], kept), two);
});

Deno.test("averages of kept tokens equal those of all where all are kept; their gradient is right", () => {
  const everything = drawKeptTokens({ batch, tokens, kept: tokens }, randomStream(0));
  const all: KeptTokens = {
    places: tf.tensor2d(everything.places, [batch, tokens], "int32"),
    rows: tf.tensor2d(everything.rows, [batch, tokens], "int32"),
  };
  const x = fill<tf.Rank.R3>([batch, tokens, 3], 4);
  const average = (kept?: KeptTokens) => resampleTokens(x, [2, 3], [1, 2], kept);
  assertClose(average(all), average().dataSync(), 1e-6);
  const two = fill<tf.Rank.R3>([batch, 2, 3], 5), weights = fill([batch, 2, 3], 6);
  const loss = (y: tf.Tensor) =>
    tf.sum(tf.mul(resampleTokens(y as tf.Tensor3D, [2, 3], [1, 2], kept), weights));
  const gradient = tf.grad(loss)(two).dataSync();
  two.dataSync().forEach((_, i) => {
    const moved = (by: number) =>
      loss(tf.tensor3d(two.dataSync().map((v, j) => j === i ? v + by : v), two.shape));
    // The loss is linear, so that wide differences are exact but for rounding.
    const difference = (moved(1).dataSync()[0]! - moved(-1).dataSync()[0]!) / 2;
    assert(Math.abs(difference - gradient[i]!) < 1e-5, `${i}: ${difference}, ${gradient[i]}`);
  });
});

Deno.test("of some images of a batch the same tokens are kept", () => {
  const drawn = drawKeptTokens({ batch: 3, tokens: 4, kept: 2 }, randomStream(8));
  const whole = {
    places: tf.tensor2d(drawn.places, [3, 2], "int32"),
    rows: tf.tensor2d(drawn.rows, [3, 4], "int32"),
  };
  const tokens = fill<tf.Rank.R3>([3, 4, 2], 9);
  const expected = takeTokens(tokens, whole).slice([1], [2]);
  const own = keptOfImages(whole, 1, 2);
  assertEquals(takeTokens(tokens.slice([1], [2]), own).dataSync(), expected.dataSync());
  // By place: the row among those of the two images, or the one after the last.
  const rows = [...drawn.rows.slice(4)].map((row) => row === 6 ? 4 : row - 2);
  assertEquals([...own.rows.dataSync()], rows);
});
