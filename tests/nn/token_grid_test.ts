import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { resampleTokens, supervisedGrid } from "../../lib/nn/token_grid.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { assertClose, fill } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

Deno.test("resampleTokens averages whole areas as average pooling does", () => {
  const tokens = fill<tf.Rank.R3>([2, 4 * 6, 3], 1);
  const pooled = tf.avgPool(tokens.reshape([2, 4, 6, 3]) as tf.Tensor4D, 2, 2, "valid");
  assertClose(resampleTokens(tokens, [4, 6], [2, 3]), pooled.dataSync(), 1e-6);
});

Deno.test("resampleTokens weighs parts of areas", () => {
  const tokens = tf.tensor3d([[[3], [6], [9]]]);
  assertClose(resampleTokens(tokens, [1, 3], [1, 2]), [4, 8], 1e-6);
  assertClose(resampleTokens(tokens, [1, 3], [2, 4]), [3, 5, 7, 9, 3, 5, 7, 9], 1e-6);
});

Deno.test("resampleTokens leaves equal grids alone and has a gradient elsewhere", () => {
  const tokens = tf.ones<tf.Rank.R3>([2, 4, 1]);
  assertStrictEquals(resampleTokens(tokens, [2, 2], [2, 2]), tokens);
  const gradient = tf.grad((x) => tf.sum(resampleTokens(x as tf.Tensor3D, [2, 2], [1, 1])))(tokens);
  assertClose(gradient, new Array(8).fill(0.25), 1e-7);
});

Deno.test("resampleTokens refuses tokens of another grid; supervisedGrid is the coarser", () => {
  assertThrows(() => resampleTokens(tf.ones([1, 5, 1]), [2, 2], [1, 1]), UserError, "5 tokens");
  assertEquals(supervisedGrid([8, 4], [4, 16]), [4, 4]);
});
