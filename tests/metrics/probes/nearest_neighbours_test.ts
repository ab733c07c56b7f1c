import { assertEquals } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { nearestNeighbours } from "../../../lib/metrics/probes/nearest_neighbours.ts";

await startEngine();

Deno.test("NaN is never near, wherever it stands in the bank", async () => {
  const cases = [[[NaN, 2, 1], [1, 2]], [[2, NaN, 1], [0, 2]], [[2, 1, NaN], [0, 1]]] as const;
  for (const [bank, expected] of cases) {
    const parts = nearestNeighbours(
      { features: Float32Array.from(bank), width: 1 },
      { features: Float32Array.of(1), width: 1 },
      { k: 2, normalize: false },
    );
    for await (const { nearest } of parts) {
      assertEquals([...nearest.indices], [...expected]);
      assertEquals([...nearest.similarities], [2, 1]);
    }
  }
});
