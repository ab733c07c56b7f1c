/** A whole tree against golden values, of which two numbers are kept for each tensor. */
import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { namedTensors, type Parameters } from "../../lib/tensors/parameters.ts";
import { assertClose, fill } from "../golden_values_fixture.ts";

/**
 * Compares each tensor's product with a filled direction, and its norm: two numbers that see every entry.
 * Tolerance 5e-5; the tree and the golden values have the same names.
 */
export function assertProbes(
  tree: Parameters,
  expected: { readonly [name: string]: string },
): void {
  const named = namedTensors(tree);
  assertEquals(named.map(([name]) => name), Object.keys(expected).sort());
  named.forEach(([name, tensor], i) => {
    const along = tf.sum(tf.mul(tensor, fill(tensor.shape, 500 + i)));
    const probes = [along.dataSync()[0]!, tf.norm(tensor).dataSync()[0]!];
    assertClose(probes, expected[name]!, 5e-5, name);
  });
}
