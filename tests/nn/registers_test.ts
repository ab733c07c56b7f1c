import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { insertRegisters, removeRegisters } from "../../lib/nn/registers.ts";
import { fill } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

Deno.test("registers are inserted after CLS, the same in every image, and can be removed", () => {
  const tokens = fill<tf.Rank.R3>([2, 5, 3], 1), registers = fill<tf.Rank.R2>([4, 3], 2);
  const together = insertRegisters(tokens, registers);
  assertEquals(together.shape, [2, 9, 3]);
  for (const image of [0, 1]) {
    const between = tf.slice(together, [image, 1, 0], [1, 4, 3]);
    assertEquals(between.dataSync(), registers.dataSync());
  }
  assertEquals(removeRegisters(together, 4).dataSync(), tokens.dataSync());
  assertStrictEquals(insertRegisters(tokens, undefined), tokens);
  assertStrictEquals(removeRegisters(tokens, 0), tokens);
});
