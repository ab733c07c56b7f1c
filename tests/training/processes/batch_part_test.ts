import { assertEquals, assertThrows } from "@std/assert";
import { drawKeptTokens } from "../../../lib/nn/kept_tokens.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { partOfDrawn } from "../../../lib/training/processes/batch_part.ts";

const batch = 6, tokens = 5, kept = 2, teachers = 3, depth = 2;
const numbers = (count: number) => Float32Array.from({ length: count }, (_, i) => i);
const drawn = {
  indices: Uint32Array.from({ length: batch }, (_, i) => 10 + i),
  dropUniforms: numbers(batch * teachers),
  dropPath: numbers(depth * 2 * batch),
  kept: drawKeptTokens({ batch, tokens, kept }, randomStream(3)),
};

Deno.test("parts follow one another, and make the whole batch", () => {
  const parts = [0, 1, 2].map((rank) => partOfDrawn(drawn, { rank, size: 3 }, teachers));
  assertEquals(parts.flatMap(({ indices }) => [...indices]), [...drawn.indices]);
  assertEquals(parts.flatMap(({ dropUniforms }) => [...dropUniforms]), [...drawn.dropUniforms]);
  assertEquals(parts.flatMap(({ kept }) => [...kept!.places]), [...drawn.kept.places]);
  // The batch is the last of drop path's axes.
  for (let row = 0; row < depth * 2; row++) {
    const ofParts = parts.flatMap(({ dropPath }) => [...dropPath.slice(2 * row, 2 * row + 2)]);
    assertEquals(ofParts, [...drawn.dropPath.slice(batch * row, batch * (row + 1))]);
  }
});

Deno.test("rows of kept tokens are counted within the part, as if it were drawn by itself", () => {
  for (const rank of [0, 1, 2]) {
    const { places, rows } = partOfDrawn(drawn, { rank, size: 3 }, teachers).kept!;
    for (let image = 0; image < 2; image++) {
      for (let place = 0; place < tokens; place++) {
        const row = rows[image * tokens + place]!;
        const own = [...places.slice(image * kept, (image + 1) * kept)].indexOf(place);
        assertEquals(row, own < 0 ? 2 * kept : image * kept + own);
      }
    }
  }
});

Deno.test("without masked tokens a part has none either, and parts are equal", () => {
  const { kept: _, ...unmasked } = drawn;
  assertEquals("kept" in partOfDrawn(unmasked, { rank: 1, size: 2 }, teachers), false);
  assertThrows(() => partOfDrawn(drawn, { rank: 0, size: 4 }, teachers));
});

Deno.test("where patches have numbers of their own, a part has those of its images and of their patches", () => {
  const patches = 2, whole = numbers(batch * (1 + patches) * teachers);
  const { dropUniforms } = partOfDrawn(
    { ...drawn, dropUniforms: whole },
    { rank: 1, size: 3 },
    teachers,
  );
  const ofImages = whole.slice(2 * teachers, 4 * teachers);
  const first = (batch + 2 * patches) * teachers;
  assertEquals([...dropUniforms], [
    ...ofImages,
    ...whole.slice(first, first + 2 * patches * teachers),
  ]);
});
