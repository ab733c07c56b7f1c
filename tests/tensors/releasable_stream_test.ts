/** A stream whose arrays are freed by hand. */
import { assertEquals, assertLess } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import { disposeTree } from "../../lib/engine/compiler/tree.ts";
import { initParameters, initStudent } from "../../lib/method/student.ts";
import { flatten } from "../../lib/tensors/parameters.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { releasableStream } from "../../lib/tensors/releasable_stream.ts";

Deno.test("numbers are those of the stream itself, of every kind and at every address", () => {
  const plain = randomStream(3), { stream } = releasableStream(plain);
  for (const [own, other] of [[stream, plain], [stream.at("a", 1), plain.at("a").at(1)]] as const) {
    assertEquals(own.uniform(5), other.uniform(5));
    assertEquals(own.normal(5), other.normal(5));
    assertEquals(own.truncatedNormal(5, 0.02), other.truncatedNormal(5, 0.02));
    assertEquals(own.bits(5), other.bits(5));
    assertEquals(own.permutation(5), other.permutation(5));
  }
});

Deno.test("released arrays are empty, also those of longer addresses; later ones are not", () => {
  const { stream, release } = releasableStream(randomStream(3));
  const given = () => [stream.uniform(4), stream.at("a").normal(3), stream.at("a").at(2).bits(4)];
  const before = given();
  release();
  assertEquals(before.map(({ length }) => length), [0, 0, 0]);
  const after = given();
  assertEquals(after.map(({ length }) => length), [4, 3, 4]);
  release();
  release();
  assertEquals(after.map(({ length }) => length), [0, 0, 0]);
});

Deno.test("a student that was drawn leaves no arrays on the host, and is the same as ever", async () => {
  await startEngine();
  const grid = [2, 2] as const, tokens = ["cls", "patch"] as const;
  const student = {
    encoder: { imageSize: 16, patchSize: 8, width: 384, depth: 2, heads: 6 },
    ladder: { width: 384, depth: 2, grid, teachers: [{ name: "a", width: 768, tokens, grid }] },
  };
  const before = Deno.memoryUsage().external;
  const { parameters, layout } = initParameters(student, randomStream(0));
  const left = Deno.memoryUsage().external - before;
  assertLess(left, layout.size, `${left} bytes of ${4 * layout.size}`);
  const tree = initStudent(student, randomStream(0).at("student"));
  const flat = flatten(tree, layout);
  assertEquals(await parameters.data(), await flat.data());
  disposeTree([parameters, tree, flat]);
});
