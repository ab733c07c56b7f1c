import { assertEquals, assertThrows } from "@std/assert";
import { complementarity } from "../../../lib/metrics/representation/complementarity.ts";
import { UserError } from "../../../lib/errors/user_error.ts";

Deno.test("overlap, union and gain of three models are those of a hand count", () => {
  const labels = [0, 1, 2, 0, 1];
  // Right:        a 1 1 1 0 0   b 1 0 0 1 0   c 0 1 1 0 0
  const [a, b, c] = [[0, 1, 2, 1, 2], [0, 2, 1, 0, 0], [1, 1, 2, 2, 2]];
  const result = complementarity([a!, b!, c!], labels);
  assertEquals(result.accuracy, [60, 40, 40]);
  assertEquals(result.union, 80);
  assertEquals(result.pairUnion, [[60, 80, 60], [80, 40, 80], [60, 80, 40]]);
  // Errors: a {3, 4}, b {1, 2, 4}, c {0, 3, 4}.
  assertEquals(result.errorOverlap, [[100, 25, 100 * 2 / 3], [25, 100, 20], [
    100 * 2 / 3,
    20,
    100,
  ]]);
  assertEquals(result.gain, [[0, 20, 0], [40, 0, 40], [20, 40, 0]]);
  assertEquals(result.alone, [0, 20, 0]);
});

Deno.test("models without errors overlap in none, and others are refused", () => {
  assertEquals(complementarity([[1], [1]], [1]).errorOverlap, [[NaN, NaN], [NaN, NaN]]);
  assertEquals(complementarity([[1]], [1]).alone, [100]);
  const refused = (predictions: number[][], labels: number[], text: string) =>
    assertThrows(() => complementarity(predictions, labels), UserError, text);
  refused([], [1], "0 models");
  refused([[]], [], "0 labels");
  refused([[1], [1, 2]], [1], "2 predictions");
});
