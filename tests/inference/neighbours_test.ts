import { assertAlmostEquals, assertEquals } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import { nearDuplicates, nearestImages, neighbourIndex } from "../../lib/inference/neighbours.ts";
import { randomStream } from "../../lib/tensors/random.ts";

const width = 6;

/** Random rows, all of them far from the origin: what they have in common must not count. */
function rows(count: number): Float32Array {
  return randomStream(0).at("rows").normal(count * width).map((value) => 10 + value);
}

/** The same by definition: cosines of all pairs, sorted. */
function byDefinition(
  bank: Float32Array,
  query: Float32Array,
): { image: number; similarity: number }[] {
  const count = bank.length / width;
  const mean = Array.from({ length: width }, (_, column) => {
    let sum = 0;
    for (let row = 0; row < count; row++) sum += bank[row * width + column]!;
    return sum / count;
  });
  const less = (values: Float32Array) => Array.from(values, (value, i) => value - mean[i]!);
  const asked = less(query);
  return Array.from({ length: count }, (_, image) => {
    const own = less(bank.slice(image * width, (image + 1) * width));
    const product = own.reduce((sum, value, i) => sum + value * asked[i]!, 0);
    return { image, similarity: product / Math.hypot(...own) / Math.hypot(...asked) };
  }).sort((a, b) => b.similarity - a.similarity);
}

Deno.test("neighbours are those of the largest cosine, the mean of the index taken off", async () => {
  await startEngine();
  const bank = rows(50), queries = rows(4).map((value) => value + 0.3);
  const index = neighbourIndex({ features: bank, width });
  const found = await nearestImages(index, { features: queries, width }, { count: 3 });
  found.forEach((near, i) => {
    const expected = byDefinition(bank, queries.slice(i * width, (i + 1) * width)).slice(0, 3);
    assertEquals(near.map(({ image }) => image), expected.map(({ image }) => image));
    near.forEach(({ similarity }, j) =>
      assertAlmostEquals(similarity, expected[j]!.similarity, 1e-4)
    );
  });
});

Deno.test("an image is not its own neighbour, and a small index gives what it has", async () => {
  await startEngine();
  const bank = rows(3), index = neighbourIndex({ features: bank, width });
  const found = await nearestImages(index, { features: bank, width }, {
    count: 5,
    isSelf: (query, image) => query === image,
  });
  assertEquals(found.map((near) => near.map(({ image }) => image).sort()), [[1, 2], [0, 2], [
    0,
    1,
  ]]);
});

Deno.test("pairs from the threshold on are near-duplicates, each once, the most alike first", async () => {
  await startEngine();
  const bank = rows(40);
  // 7 is a copy of 3, and 9 nearly one of 5.
  bank.copyWithin(7 * width, 3 * width, 4 * width);
  for (let i = 0; i < width; i++) bank[9 * width + i] = bank[5 * width + i]! + 0.02 * (i % 2);
  const index = neighbourIndex({ features: bank, width });
  const pairs = (await nearDuplicates(index, 0.999)).map(({ images }) => images);
  assertEquals(pairs, [[3, 7], [5, 9]]);
  assertEquals(await nearDuplicates(index, 1.01), []);
});

Deno.test("three copies are three pairs", async () => {
  await startEngine();
  const bank = rows(10);
  for (const copy of [4, 8]) bank.copyWithin(copy * width, 0, width);
  const pairs = await nearDuplicates(neighbourIndex({ features: bank, width }), 0.9999);
  assertEquals(pairs.map(({ images }) => images).sort(), [[0, 4], [0, 8], [4, 8]]);
});
