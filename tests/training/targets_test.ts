/** Targets from the feature cache: as good as live ones, and the same whoever filled it. */
import { assert, assertEquals } from "@std/assert";
import { applyOverrides } from "../../lib/recipe/overrides.ts";
import { distill } from "../../lib/training/distill.ts";
import { cacheFiles, runToEnd, withOwnCache } from "./shared_runs_fixture.ts";
import tinyTest from "../../recipes/tiny_test.ts";

// Two batches a pass and two views, so that from step 5 on everything has been seen.
const live = applyOverrides(tinyTest, [
  'teachers=["resnet20_cifar10", "specialist_digits"]',
  'images.sources=[{"path": "data/images/digits.zip", "split": "train", "limit": 35}]',
  "images.views=2",
  "optimization.steps=8",
  "optimization.warmupSteps=1",
  "checkpoint.every=3",
]);
const cached = applyOverrides(live, ["featureCache=true"]);

Deno.test("a cached run has the losses of a live one to 1e-3, and views do come back", () =>
  withOwnCache(async (folder) => {
    const computed = await runToEnd(live, { folder: `${folder}/live` });
    const first = await runToEnd(cached, { folder: `${folder}/first` });
    computed.reports.forEach(({ losses }, step) => {
      for (const [name, { total }] of Object.entries(losses)) {
        const cachedTotal = first.reports[step]?.losses[name]?.total ?? NaN;
        assert(
          Math.abs(cachedTotal / total - 1) < 1e-3,
          `step ${step}, ${name}: ${cachedTotal}, ${total}`,
        );
      }
    });
    const files = cacheFiles(folder);
    assertEquals(files.length, 2, "one file for each teacher");

    const stamps = files.map((path) => Deno.statSync(path).mtime?.getTime());
    const second = await runToEnd(cached, { folder: `${folder}/second` });
    assertEquals(second.digest, first.digest, "found or computed, bit for bit the same");
    assertEquals(files.map((path) => Deno.statSync(path).mtime?.getTime()), stamps);
  }));

Deno.test("stopped, damaged and resumed, a cached run ends as if nothing had happened", () =>
  withOwnCache(async (folder) => {
    const whole = await runToEnd(cached, { folder: `${folder}/whole` });
    const stopped = { folder: `${folder}/stopped` };
    for await (const { step } of distill(cached, stopped)) if (step === 5) break;
    for (const path of cacheFiles(folder)) {
      const bytes = await Deno.readFile(path);
      for (let i = 0; i < bytes.length; i += 1000) bytes[i]! ^= 255;
      await Deno.writeFile(path, bytes);
    }
    const resumed = await runToEnd(cached, { ...stopped, resume: true });
    assertEquals(resumed.digest, whole.digest);
  }));
