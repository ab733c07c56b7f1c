import { assertEquals } from "@std/assert";
import {
  distinctImages,
  distinctInAll,
  neighbouringPairs,
} from "../../../lib/metrics/representation/distinct_images.ts";
import { golden } from "../../golden_values_fixture.ts";

Deno.test("near-duplicates hang together in groups, as scipy's connected components", () => {
  const { distinct } = golden<{
    readonly distinct: {
      readonly images: number;
      readonly pairs: [number, number][];
      readonly groups: number;
    }[];
  }>("advice/advice");
  for (const { images, pairs, groups } of distinct) {
    assertEquals(distinctImages(images, pairs), groups);
    // Whichever comes first.
    assertEquals(distinctImages(images, pairs.map(([a, b]) => [b, a] as const).reverse()), groups);
  }
});

Deno.test("pairs of neighbours are spread over all images, and every position is one", () => {
  assertEquals(neighbouringPairs(4, 4), [0, 1, 2, 3]);
  assertEquals(neighbouringPairs(5, 4), [0, 1, 2, 3]);
  const positions = neighbouringPairs(1001, 100);
  assertEquals(positions.length, 100);
  assertEquals(new Set(positions).size, 100);
  assertEquals(positions.slice(-2), [980, 981]);
  for (let pair = 0; pair < 100; pair += 2) assertEquals(positions[pair + 1], positions[pair]! + 1);
});

Deno.test("a film of which every pair is nearly the same has hardly a different image", () => {
  // Each of 4 images stays for 250 frames: 4 groups, of 1,000 frames.
  const frames = neighbouringPairs(1000, 200);
  const shown = frames.map((frame) => Math.floor(frame / 250));
  const pairs = frames.flatMap((_, i) =>
    i % 2 === 1 && shown[i] === shown[i - 1] ? [[i - 1, i] as const] : []
  );
  const distinct = distinctImages(200, pairs);
  assertEquals(distinct, 100);
  assertEquals(distinctInAll(1000, { looked: 200, distinct }), 1);
  // None is a copy, or all were looked at.
  assertEquals(distinctInAll(1000, { looked: 200, distinct: 200 }), 1000);
  assertEquals(distinctInAll(200, { looked: 200, distinct: 120 }), 120);
});
