import { assertAlmostEquals, assertEquals } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { classMean } from "../../../lib/metrics/probes/class_mean.ts";
import golden from "../../golden/metrics/metrics.json" with { type: "json" };
import { labelled } from "../labelled_fixture.ts";

await startEngine();
const [train, test] = [labelled(500, 1), labelled(120, 2)];

Deno.test("class means classify as in double precision", async () => {
  const { predictions, top1 } = await classMean(train, test);
  assertEquals([...predictions].join(""), golden.classMean);
  const right = predictions.filter((label, i) => label === test.labels[i]).length;
  assertAlmostEquals(top1, 100 * right / 120, 1e-9);
});

Deno.test("class means keep the numbers of classes, and lengths do not matter", async () => {
  const labels = Int32Array.of(40, 3);
  const bank = { features: Float32Array.of(100, 0, 0, 0.1), labels, width: 2 };
  const queries = { features: Float32Array.of(0.01, 0, 0, 50), labels, width: 2 };
  assertEquals([...(await classMean(bank, queries)).predictions], [40, 3]);
});
