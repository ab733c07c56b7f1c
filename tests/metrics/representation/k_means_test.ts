import { assertEquals, assertRejects } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { clusterAround, kMeans } from "../../../lib/metrics/representation/k_means.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { assertClose, fillValues, golden } from "../../golden_values_fixture.ts";

await startEngine();

interface Golden {
  readonly cases: readonly {
    readonly rows: number;
    readonly width: number;
    readonly clusters: number;
    readonly assignments: string;
    readonly centres: string;
  }[];
}

Deno.test("groups and their means are those of scikit-learn from the same first means", async () => {
  for (const { rows, width, clusters, ...expected } of golden<Golden>("metrics/k_means").cases) {
    const features = fillValues(rows * width, 1);
    const first = { features: features.slice(0, clusters * width), width };
    const { assignments, centres } = await clusterAround({ features, width }, first, 100);
    assertEquals([...assignments].join(" "), expected.assignments, `${rows} x ${width}`);
    assertClose(centres.features, expected.centres, 1e-6, `${rows} x ${width}`);
  }
});

Deno.test("clusters far apart are found among many rows, the same ones by one seed", async () => {
  const rows = 20_000, width = 3;
  // More rows than are looked at at once; every fifth in one of five places.
  const features = fillValues(rows * width, 3, 0.1);
  for (let row = 0; row < rows; row++) features[row * width]! += 10 * (row % 5);
  const group = async () =>
    (await kMeans({ features, width }, { clusters: 5, random: randomStream(0) })).assignments;
  const found = await group();
  assertEquals(await group(), found);
  assertEquals(new Set(found.subarray(0, 5)).size, 5);
  assertEquals(found, found.map((_, row) => found[row % 5]!));
});

Deno.test("a group that loses its rows keeps its mean; more groups than rows are refused", async () => {
  const line = { features: Float32Array.of(0, 1, 10), width: 1 };
  const { centres } = await clusterAround(line, {
    features: Float32Array.of(0.5, 9, 99),
    width: 1,
  });
  assertEquals([...centres.features], [0.5, 10, 99]);
  await assertRejects(
    () => kMeans(line, { clusters: 4, random: randomStream(0) }),
    UserError,
    "found 3 rows for 4 clusters",
  );
});
