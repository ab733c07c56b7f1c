import { assert, assertEquals } from "@std/assert";
import { hadamard } from "../../../lib/method/standardizers/hadamard.ts";

function assertHadamard(size: number): void {
  const matrix = hadamard(size);
  assert(matrix !== undefined && matrix.length === size * size, `none of size ${size}`);
  assert(matrix.every((entry) => entry === 1 || entry === -1), `entries of size ${size}`);
  // Every row against the first and its neighbour; all pairs where that is quick.
  for (let row = 0; row < size; row++) {
    const others = size <= 64 ? Array.from({ length: row }, (_, i) => i) : [0, row - 1];
    for (const other of others) {
      if (other < 0 || other === row) continue;
      let product = 0;
      for (let i = 0; i < size; i++) product += matrix[row * size + i]! * matrix[other * size + i]!;
      assertEquals(product, 0, `rows ${row} and ${other} of size ${size}`);
    }
  }
}

Deno.test("matrices of Sylvester and Paley have orthogonal rows", () => {
  for (const size of [1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 60, 64]) {
    assertHadamard(size);
  }
});

Deno.test("the widths of common networks have one (item 60)", () => {
  for (const size of [128, 192, 320, 384, 512, 640, 768, 1024, 1152, 1280, 1408, 1536]) {
    assertHadamard(size);
  }
});

Deno.test("sizes that these constructions do not give have none", () => {
  for (const size of [0, 3, 6, 52, 92, 100.5, -4]) {
    assertEquals(hadamard(size), undefined, `${size}`);
  }
});
