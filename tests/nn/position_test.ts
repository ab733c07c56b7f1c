import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals, assertStrictEquals } from "@std/assert";
import { resamplePositions } from "../../lib/nn/position.ts";
import { assertClose, fill, golden } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

Deno.test("resamplePositions: identity at its own size, PyTorch's bicubic elsewhere (item 30)", () => {
  const position = fill<tf.Rank.R2>([10, 2], 93);
  const [larger, oblong] = golden<{ positions: [string, string] }>("nn/nn").positions;
  assertStrictEquals(resamplePositions(position, [3, 3], [3, 3]), position);
  assertClose(resamplePositions(position, [3, 3], [5, 5]), larger, 2e-6);
  assertClose(resamplePositions(position, [3, 3], [2, 4]), oblong, 2e-6);
});

Deno.test("resamplePositions by the other rules, without a row for CLS (item 30)", () => {
  const position = fill<tf.Rank.R2>([20, 2], 93);
  type Case = { to: [number, number]; antialias: boolean; values: string };
  const { positions } = golden<{ positions: Case[] }>("nn/transformer_options");
  for (const { to, antialias, values } of positions) {
    const resampled = resamplePositions(position, [4, 5], to, { offset: 0, antialias });
    assertClose(resampled, values, 2e-6, `${to}, ${antialias}`);
  }
});

Deno.test("a grid on its side is resampled, though it has as many positions", () => {
  // Each position is its row; of two rows three become, one between them.
  const position = tf.tensor2d([0, 0, 0, 1, 1, 1], [6, 1]);
  const rule = { offset: 0, antialias: false };
  const [a, b, c, d, e, f] = resamplePositions(position, [2, 3], [3, 2], rule).dataSync();
  assertEquals([a! < c!, c! < e!], [true, true]);
  for (const [left, right] of [[a, b], [c, d], [e, f]]) assertAlmostEquals(left!, right!, 1e-6);
  assertAlmostEquals(c!, 0.5, 1e-6);
});
