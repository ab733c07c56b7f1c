import { assertAlmostEquals, assertEquals } from "@std/assert";
import { imageStructure } from "../../../lib/metrics/representation/image_structure.ts";
import { golden } from "../../golden_values_fixture.ts";

function cosine(rows: Float32Array, width: number, a: number, b: number): number {
  let sum = 0;
  for (let i = 0; i < width; i++) sum += rows[a * width + i]! * rows[b * width + i]!;
  return sum;
}

Deno.test("the cosine is the normalised cross-correlation, as numpy has it", () => {
  const { structure: { side, pixels, correlations } } = golden<{
    readonly structure: {
      readonly side: number;
      readonly pixels: number[];
      readonly correlations: number[][];
    };
  }>("advice/advice");
  const { features, width } = imageStructure(Uint8Array.from(pixels), side);
  correlations.forEach((row, a) =>
    row.forEach((value, b) => assertAlmostEquals(cosine(features, width, a, b), value, 1e-6))
  );
});

Deno.test("images of one colour are alike, and like no other", () => {
  const plain = [10, 200, 30], other = [7, 7, 7];
  const pattern = Array.from({ length: 12 }, (_, i) => i * 9);
  const pixels = Uint8Array.from([
    ...Array(4).fill(plain).flat(),
    ...Array(4).fill(other).flat(),
    ...pattern,
  ]);
  const { features, width } = imageStructure(pixels, 2);
  assertEquals(cosine(features, width, 0, 1), 1);
  assertAlmostEquals(Math.abs(cosine(features, width, 0, 2)), 0.387, 1e-3);
});
