/** The evidence of labels given features. */
import { assertAlmostEquals, assertRejects } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { logMe } from "../../../lib/metrics/probes/log_me.ts";
import { golden } from "../../golden_values_fixture.ts";

await startEngine();

const { log_me: cases } = golden<{
  readonly log_me: readonly {
    readonly features: string;
    readonly width: number;
    readonly labels: readonly number[];
    readonly value: number;
  }[];
}>("metrics/selection");

for (const { features, width, labels, value } of cases) {
  Deno.test(`the largest evidence of ${labels.length} images of width ${width} is that of a full covariance`, async () => {
    const found = await logMe({
      features: Float32Array.from(features.split(" "), Number),
      labels: Int32Array.from(labels),
      width,
    });
    assertAlmostEquals(found, value, 1e-5);
  });
}

Deno.test("numbers of classes do not matter where they are not in order, and what has no evidence is refused", async () => {
  const [{ features, width, labels }] = cases as [typeof cases[number]];
  const x = Float32Array.from(features.split(" "), Number);
  const of = (numbers: readonly number[], features = x) =>
    logMe({ features, width, labels: Int32Array.from(numbers) });
  assertAlmostEquals(await of(labels), await of(labels.map((label) => 7 * label + 2)), 1e-12);
  await assertRejects(() => of(labels.map(() => 1)), UserError, "1 classes");
  await assertRejects(() => of(labels.slice(1)), UserError, "29 labels");
  await assertRejects(() => of(labels, x.map(() => 0)), UserError, "all 0");
  await assertRejects(() => of(labels, x.map(() => Infinity)), UserError, "not finite");
});
