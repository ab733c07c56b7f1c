import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { readDeployment, writeDeployment } from "../../../lib/evaluation/deployment/deployment.ts";
import { measureDeployment } from "../../../lib/evaluation/deployment/measure.ts";
import { startEngine } from "../../../lib/engine/backend.ts";
import { sumOfDeployments } from "../../../lib/metrics/costs/deployment.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import {
  deploymentMarkdown,
  deploymentText,
  headSeconds,
} from "../../../lib/report/tables/deployment_table.ts";

const row = {
  model: "a",
  parameters: 1e6,
  gflop: 2,
  fileBytes: 4e6,
  p50: 2,
  p95: 3,
  imagesPerSecond: 300,
  batchSize: 8,
  peakBytes: 8e6,
};

Deno.test("several models together take the sum of times, files and memory", () => {
  const both = sumOfDeployments("both", [row, { ...row, p95: 5, imagesPerSecond: 600 }]);
  assertEquals(both, {
    model: "both",
    parameters: 2e6,
    gflop: 4,
    fileBytes: 8e6,
    p50: 4,
    p95: 8,
    imagesPerSecond: 200,
    peakBytes: 16e6,
    joules: undefined,
  });
  const { peakBytes: _, ...untold } = row;
  assertEquals(sumOfDeployments("both", [row, untold]).peakBytes, undefined);
});

Deno.test("two teachers are measured, written and read", async () => {
  await startEngine();
  const quick = { canvas: 32, calls: 3, batchCalls: 1, batchSizes: [1, 4], warmUp: 1 };
  const choices = [{ source: "resnet20_cifar10" }, { source: "specialist_digits", name: "digits" }];
  const deployment = await measureDeployment(choices, { ...quick, distilSeconds: 90 });
  assertEquals(deployment.rows.map(({ model }) => model), [
    "resnet20_cifar10",
    "digits",
    "all 2 teachers",
  ]);
  for (const { p50, p95, imagesPerSecond, gflop, fileBytes = 0 } of deployment.rows) {
    assert(p50 > 0 && p95 >= p50 && imagesPerSecond > 0 && gflop > 0.01 && fileBytes > 1e6);
  }
  if (Deno.build.os === "linux") {
    for (const { peakBytes = 0 } of deployment.rows) assert(peakBytes > 1e6 && peakBytes < 2e9);
  }
  const folder = await Deno.makeTempDir({ prefix: "hashigo" });
  await writeDeployment(folder, deployment);
  // JSON leaves out what could not be measured.
  assertEquals(await readDeployment(folder), JSON.parse(JSON.stringify(deployment)));
  await Deno.writeTextFile(`${folder}/deployment.json`, "{}");
  await assertRejects(() => readDeployment(folder), UserError, "--deployment");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the table says what an update costs, and what the machine does not tell", () => {
  const measured = {
    metric: "logistic regression accuracy",
    model: "a",
    low: 0,
    high: 1,
    images: 1,
  };
  const seconds = [3, 1, 2].map((seconds, i) => ({ ...measured, task: `${i}`, value: 1, seconds }));
  assertEquals(headSeconds(seconds), 2);
  const deployment = { rows: [row], machine: "2 cores", canvas: 32, distilSeconds: 90 };
  const text = deploymentText(deployment, headSeconds(seconds));
  assertStringIncludes(text, "To distil again: 1 min 30 s. To fit a head again: 2.0 s");
  assertStringIncludes(text, "reports no energy");
  const line = "| a | 2.00 | 3.00 | 300 | 8 | 8 | 1.00 M | 2.00 | 4.00 | - |";
  assertStringIncludes(deploymentMarkdown(deployment), line);
});
