import { assertAlmostEquals, assertEquals } from "@std/assert";
import { calibrationError } from "../../../lib/metrics/probes/calibration.ts";
import golden from "../../golden/metrics/metrics.json" with { type: "json" };
import { numbers } from "../labelled_fixture.ts";

for (const [bins, expected] of Object.entries(golden.calibration)) {
  Deno.test(`the calibration error of ${bins} bins is that of the formula, to 1e-6`, () => {
    const confidences = numbers(200, 5).map((value) => value + 0.5);
    const right = numbers(200, 6).map((value, i) => Number(value + 0.5 < confidences[i]! ** 2));
    const { ece, bins: parts, contributions } = calibrationError(confidences, right, {
      bins: Number(bins),
    });
    assertAlmostEquals(ece, expected, 1e-6);
    assertEquals(parts.reduce((sum, { images }) => sum + images, 0), 200);
    const mean = contributions.reduce((sum, value) => sum + value, 0) / 200;
    assertAlmostEquals(100 * mean, ece, 1e-9);
  });
}

Deno.test("a bin holds its upper end, and 0 and 1 have one too", () => {
  const { bins, ece } = calibrationError([0, 0.5, 1], [0, 1, 1], { bins: 2 });
  assertEquals(bins.map(({ images }) => images), [2, 1]);
  assertAlmostEquals(ece, 100 * 2 / 3 * 0.25, 1e-9);
});
