import { assertAlmostEquals } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { retrieval } from "../../../lib/metrics/probes/retrieval.ts";
import golden from "../../golden/metrics/metrics.json" with { type: "json" };
import { labelled } from "../labelled_fixture.ts";

await startEngine();
const [train, test] = [labelled(500, 1), labelled(120, 2)];

Deno.test("average precision is scikit-learn's, to 1e-5", async () => {
  const { map, precisions } = await retrieval(train, test);
  assertAlmostEquals(map, golden.retrieval.map, 1e-5 * 100);
  precisions.forEach((precision, i) =>
    assertAlmostEquals(precision, golden.retrieval.precisions[i]!, 1e-5)
  );
});

Deno.test("equally similar images share the last of their ranks, in whatever order", async () => {
  const bank = (...labels: number[]) => ({
    features: Float32Array.of(1, 0, 1, 0, 1, 0, 0, 1),
    labels: Int32Array.from(labels),
    width: 2,
  });
  const query = { features: Float32Array.of(2, 0), labels: Int32Array.of(1), width: 2 };
  for (const labels of [[1, 0, 1, 0], [0, 1, 1, 0], [1, 1, 0, 0]]) {
    assertAlmostEquals((await retrieval(bank(...labels), query)).map, 100 * 2 / 3, 1e-9);
  }
  assertAlmostEquals(
    (await retrieval(bank(1, 0, 0, 1), query)).map,
    100 * (1 / 3 + 2 / 4) / 2,
    1e-9,
  );
});
