import { assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { openModel } from "../../lib/evaluation/models/open_model.ts";
import { startEngine } from "../../lib/engine/backend.ts";
import { concatenateBackbones } from "../../lib/teachers/concatenated_backbone.ts";
import type { Backbone } from "../../lib/teachers/backbone.ts";
import { UserError } from "../../lib/errors/user_error.ts";

/** Says the same numbers of every image. */
function constant(
  name: string,
  numbers: number[],
  side: number,
  tokens: Backbone["tokens"],
): Backbone {
  return {
    name,
    family: "constant",
    licence: "CC0-1.0",
    digest: name,
    input: { size: 8 * side, mean: [0, 0, 0], std: [1, 1, 1] },
    width: numbers.length,
    tokens,
    parameterCount: 5,
    grid: () => [side, side],
    features: (images) => ({
      ...tokens.includes("cls") && { cls: tf.tile(tf.tensor2d([numbers]), [images.shape[0], 1]) },
      ...tokens.includes("patch") &&
        { patch: tf.tile(tf.tensor3d([[numbers]]), [images.shape[0], side * side, 1]) },
    }),
    dispose: () => {},
  };
}

Deno.test("side by side: unit length each, the finest grid, widths and costs added", async () => {
  await startEngine();
  const both = concatenateBackbones([
    constant("a", [3, 4], 1, ["cls", "patch"]),
    constant("b", [0, 0, 2], 2, ["cls", "patch"]),
  ]);
  assertEquals([both.name, both.width, both.parameterCount], ["a+b", 5, 10]);
  assertEquals(both.grid(), [2, 2]);
  const { cls, patch } = both.features(tf.zeros([2, 4, 4, 3]));
  const expected = [0.6, 0.8, 0, 0, 1];
  (await cls!.data()).forEach((value, i) => assertAlmostEquals(value, expected[i % 5]!, 1e-5));
  assertEquals(patch!.shape, [2, 4, 5]);
  (await patch!.data()).forEach((value, i) => assertAlmostEquals(value, expected[i % 5]!, 1e-5));
  tf.dispose([cls, patch]);
});

Deno.test("only tokens that all have; nothing in common is refused", () => {
  const [a, b, c] = [
    constant("a", [1], 1, ["cls"]),
    constant("b", [1], 1, ["cls", "patch"]),
    constant("c", [1], 1, ["patch"]),
  ];
  assertEquals(concatenateBackbones([a, b]).tokens, ["cls"]);
  assertThrows(() => concatenateBackbones([a, c]), UserError, "a, c");
  assertThrows(() => concatenateBackbones([a]), UserError, "at least two");
});

Deno.test("A+B opens two of the zoo; a misspelt one is named", async () => {
  await startEngine();
  const { backbone, role } = await openModel("specialist_digits+specialist_land_use");
  assertEquals([backbone.width, role], [256, "baseline"]);
  backbone.dispose();
  await assertRejects(
    () => openModel("specialist_digits+specialist_land"),
    UserError,
    "land_use",
  );
});

Deno.test("images are as large as the largest needs, and each input size is part of the digest", () => {
  const made = (name: string, size: number) =>
    ({
      name,
      digest: name,
      licence: "MIT",
      width: 2,
      tokens: ["cls"],
      input: { size },
    }) as unknown as Backbone;
  const { input, digest, width, licence } = concatenateBackbones([
    made("a", 8),
    made("b", 32),
    made("c", 16),
  ]);
  assertEquals([input.size, digest, width, licence], [32, "a@8+b@32+c@16", 6, "MIT"]);
});
