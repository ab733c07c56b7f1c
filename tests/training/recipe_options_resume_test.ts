/** Every balancing, standardiser and projector in a short compiled run, stopped and resumed. */
import { cp } from "node:fs/promises";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { applyOverrides } from "../../lib/recipe/overrides.ts";
import { distill } from "../../lib/training/distill.ts";
import type { StepReport } from "../../lib/runs/step_report.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import tinyTest from "../../recipes/tiny_test.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";
import { runToEnd } from "./shared_runs_fixture.ts";

const recipe = applyOverrides(tinyTest, [
  'teachers=["specialist_digits", "specialist_land_use"]',
  'images.sources=[{"path": "data/images/digits.zip", "split": "train", "limit": 64}]',
  "optimization.steps=6",
  "optimization.warmupSteps=1",
  "checkpoint.every=3",
]);

function run(settings: readonly string[], folder: string, options: { resume?: boolean } = {}) {
  return runToEnd(applyOverrides(recipe, settings), { folder, ...options });
}

const options: readonly (readonly string[])[] = [
  ["balancing.kind=none"],
  ["balancing.kind=random_drop", "balancing.normalization=image"],
  ["balancing.kind=fixed", 'balancing.weights={"specialist_digits": 4}'],
  ["balancing.kind=ada_loss"],
  ["balancing.level=patch"],
  ['balancing.probability={"start": 0, "end": 1, "curve": "cosine"}'],
  ["standardizer.kind=batch"],
  ["standardizer.kind=fixed", "standardizer.batches=3"],
  ["standardizer.kind=global", "standardizer.batches=3"],
  ["standardizer.kind=phi_s", "standardizer.batches=3"],
  ["standardizer.kind=fixed", "standardizer.batches=3", "standardizer.axes=16"],
  ["standardizer.kind=phi_s", "standardizer.batches=3", "standardizer.axes=20", "ladder.kind=top"],
  ["student.tokenMask=0.5"],
  ["student.hiddenWidths=[24,40]", "student.headCounts=[1,2]", "student.queryWidths=[16,5]"],
  ["student.tokenMask=0.75", "balancing.level=patch", "standardizer.kind=batch", "mode=graph"],
  ["ladder.kind=top", "ladder.shared=true", "ladder.hiddenLayers=2"],
  ["ladder.kind=transformer"],
  ['optimization.learningRates={"backbone": 0, "heads": 0.001}', "optimization.decay=heads"],
  ["mode=graph", "precision=bfloat16", "standardizer.kind=phi_s", "balancing.kind=ada_loss"],
  ["optimization.accumulate=4"],
  ["optimization.accumulate=2", "mode=graph", "standardizer.kind=batch", "student.tokenMask=0.5"],
  ["student.recompute=true", "ladder.recompute=true"],
];
for (const settings of options) {
  Deno.test(`${settings.join(" ")}: learns, and goes on bit for bit`, () =>
    inTemporaryFolder(async (folder) => {
      const whole = `${folder}/whole`, left = `${folder}/left`, reports: StepReport[] = [];
      const steps = distill(applyOverrides(recipe, settings), { folder: whole });
      let step = await steps.next();
      for (; !step.done; step = await steps.next()) {
        reports.push(step.value);
        // What a process that is killed after the fourth step leaves behind.
        if (step.value.step === 4) await cp(whole, left, { recursive: true });
      }
      for (const { loss, shares, gradientNorm } of reports) {
        assert(Number.isFinite(loss) && gradientNorm > 0, `loss ${loss}, gradient ${gradientNorm}`);
        const kept = Object.values(shares).reduce((sum, share) => sum + share, 0);
        assert(Math.abs(kept - 1) < 1e-5, `shares sum to ${kept}`);
      }
      const resumed = await run(settings, left, { resume: true });
      assertEquals(resumed.reports.map(({ step }) => step), [4, 5, 6]);
      assertEquals(resumed.digest, step.value.stateDigest);
    }));
}

Deno.test("fixed weights and drop schedules show in the shares", () =>
  inTemporaryFolder(async (folder) => {
    const fixed = await run(
      ["balancing.kind=fixed", 'balancing.weights={"specialist_digits": 4}'],
      `${folder}/fixed`,
    );
    for (const { shares } of fixed.reports) {
      assert(Math.abs(shares.specialist_digits! - 0.8) < 1e-6);
    }
    const rising = await run(
      ['balancing.probability={"start": 0, "end": 1}'],
      `${folder}/rising`,
    );
    const uneven = ({ shares }: StepReport) => Math.abs(shares.specialist_digits! - 0.5);
    assert(uneven(rising.reports[0]!) < 1e-6, "nothing is dropped at first");
    assert(rising.reports.slice(2).some((report) => uneven(report) > 0.01), "later it is");
  }));

Deno.test("options that do not go together are refused, all at once", async () => {
  const settings = [
    'balancing={"kind": "none", "weights": {"nobody": 2}, "level": "patch"}',
    'ladder={"kind": "transformer", "hiddenLayers": 2}',
  ];
  const error = await assertRejects(() => run(settings, "nowhere"), UserError);
  for (const part of ["balancing.weights", "nobody", "balancing.level", "ladder.hiddenLayers"]) {
    assert(error.message.includes(part), `${part} in ${error.message}`);
  }
});
