import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import { drawBatch, uploadImages } from "../../lib/training/batch.ts";
import { readLog } from "../../lib/runs/step_log.ts";
import { setUpTraining } from "../../lib/training/setup.ts";
import { applyOverrides } from "../../lib/recipe/overrides.ts";
import { distill } from "../../lib/training/distill.ts";
import { openTargets } from "../../lib/training/targets.ts";
import { viewsOf } from "../../lib/training/setup.ts";
import { loadTeacher } from "../../lib/teachers/zoo/zoo.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import tinyTest from "../../recipes/tiny_test.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";
import { type EndedRun, runToEnd } from "./shared_runs_fixture.ts";

const recipe = applyOverrides(tinyTest, [
  'teachers=["resnet20_cifar10", "specialist_digits"]',
  "optimization.steps=8",
  "optimization.warmupSteps=1",
  "checkpoint.every=3",
]);

let whole: EndedRun | undefined;

Deno.test("a run ends with a result, a student and a log of every metric (item 42)", () =>
  inTemporaryFolder(async (folder) => {
    whole = await runToEnd(recipe, { folder: `${folder}/run` });
    const { reports, summary } = whole;
    assertEquals(reports.length, 8);
    assertEquals([summary.steps, summary.images, summary.finished], [8, 8 * 16, true]);
    const log = await readLog(`${folder}/run/log.jsonl`);
    assertEquals(log.map(({ loss }) => loss), reports.map(({ loss }) => loss));
    for (const { losses, shares, gradientNorm, waitingShare } of reports) {
      assertEquals(Object.keys(losses), ["resnet20_cifar10", "specialist_digits"]);
      for (const { cls = NaN, patch = NaN, total } of Object.values(losses)) {
        assert(Math.abs((cls + patch) / 2 - total) < 1e-4, `${cls} and ${patch} give ${total}`);
      }
      const kept = Object.values(shares).reduce((sum, share) => sum + share, 0);
      assert(Math.abs(kept - 1) < 1e-5, `shares sum to ${kept}`);
      assert(gradientNorm > 0 && waitingShare >= 0 && waitingShare <= 1);
    }
    for (
      const file of ["recipe.json", "result.json", "student.safetensors", "checkpoints/latest"]
    ) {
      assert((await Deno.stat(`${folder}/run/${file}`)).size > 0, file);
    }
  }));

Deno.test("a run that is left in the middle and resumed equals one that was not, bit for bit (item 40)", () =>
  inTemporaryFolder(async (folder) => {
    const options = { folder: `${folder}/run` };
    for await (const report of distill(recipe, options)) if (report.step === 4) break;
    const resumed = await runToEnd(recipe, { ...options, resume: true });
    assertEquals(resumed.reports[0]?.step, 5);
    assertEquals(resumed.summary.stateDigest, whole?.summary.stateDigest);
    const log = await readLog(`${options.folder}/log.jsonl`);
    assertEquals(log.map(({ loss }) => loss), whole?.reports.map(({ loss }) => loss));
  }));

Deno.test("workers change nothing, the seed does", () =>
  inTemporaryFolder(async (folder) => {
    const two = await runToEnd(applyOverrides(recipe, ["workers=2"]), { folder: `${folder}/two` });
    assertEquals(two.summary.stateDigest, whole?.summary.stateDigest);
    const other = await runToEnd(applyOverrides(recipe, ["seed=1"]), { folder: `${folder}/other` });
    assert(
      other.summary.stateDigest !== whole?.summary.stateDigest,
      "another seed, another student",
    );
  }));

Deno.test("a step leaves exactly the new state and the next batch behind", () =>
  inTemporaryFolder(async (folder) => {
    const engine = await startEngine();
    const before = engine.liveTensors();
    const counts: number[] = [];
    for await (const _ of distill(recipe, { folder: `${folder}/run` })) {
      // The views of the next batch are on their way; once they are there nothing else may be.
      await new Promise((resolve) => setTimeout(resolve, 500));
      counts.push(engine.liveTensors());
    }
    const steady = counts.slice(0, -1); // After the last step there is no next batch.
    assertEquals(new Set(steady).size, 1, `tensors after each step: ${counts}`);
    assertEquals(engine.liveTensors(), before, "a run leaves no tensor behind");
  }));

Deno.test("a learnt student predicts its teachers better than a fresh one", () => {
  const [first, last] = [whole?.reports[1], whole?.reports.at(-1)];
  assertLess(
    last?.losses.specialist_digits?.total ?? NaN,
    first?.losses.specialist_digits?.total ?? NaN,
  );
});

Deno.test("a signal stops after the step in progress, with a checkpoint", () =>
  inTemporaryFolder(async (folder) => {
    const controller = new AbortController();
    const options = { folder: `${folder}/run`, signal: controller.signal };
    const steps = distill(recipe, options);
    await steps.next();
    controller.abort();
    const end = await steps.next();
    assert(end.done && !end.value.finished && end.value.steps === 1);
    assert((await Deno.stat(`${options.folder}/checkpoints/step-000001/manifest.json`)).isFile);
  }));

Deno.test("a recipe that cannot run is refused before anything is written", () =>
  inTemporaryFolder(async (folder) => {
    const cases: [setting: string, expected: string][] = [
      ['teachers=["nobody"]', "nobody"],
      ['images.sources=[{ "path": "no/such/folder" }]', "no/such/folder"],
      ["optimization.batchSize=4000", "batch"],
    ];
    for (const [setting, expected] of cases) {
      const steps = distill(applyOverrides(recipe, [setting]), { folder: `${folder}/${expected}` });
      await assertRejects(() => steps.next(), UserError, expected);
    }
  }));

Deno.test("teachers are frozen: after a run their features are the same as before, bit for bit (item 33)", () =>
  inTemporaryFolder(async (folder) => {
    await startEngine();
    const teacher = await loadTeacher("resnet20_cifar10");
    const images = tf.tidy(() =>
      tf.reshape<tf.Rank.R4>(tf.linspace(0, 1, 32 * 32 * 3), [1, 32, 32, 3])
    );
    const features = () => tf.tidy(() => teacher.features(images).patch!.dataSync());
    const before = features();
    await runToEnd(recipe, { folder: `${folder}/run`, teachers: [teacher] });
    assertEquals(features(), before);
    tf.dispose(images);
    teacher.dispose();
  }));

Deno.test("student and teachers see the same views, in [0, 1] (item 38)", async () => {
  await startEngine();
  const setup = await setUpTraining(recipe);
  const seen: tf.Tensor[] = [];
  const observed = setup.teachers.map((teacher) => ({
    ...teacher,
    features: (
      images: tf.Tensor4D,
    ) => (seen.push(tf.keep(images.clone())), teacher.features(images)),
  }));
  const eager = applyOverrides(recipe, ["mode=eager"]);
  const batch = drawBatch({ ...setup, recipe: eager }, 0);
  const inputs = uploadImages(setup.images.canvas, batch);
  const images = tf.tidy(() => viewsOf(setup)(inputs.pixels, inputs.augmentation));
  const source = await openTargets({ ...setup, recipe: eager, teachers: observed });
  tf.dispose(await source.compute(() => Promise.resolve(images), batch));
  const student = images.dataSync();
  assertEquals(seen.length, 2);
  for (const view of seen) assertEquals(view.dataSync(), student);
  assert(student.every((value) => value >= 0 && value <= 1) && new Set(student).size > 100);
  tf.dispose([inputs, images, seen]);
  source.dispose();
  setup.teachers.forEach((teacher) => teacher.dispose());
  setup.images.close();
});

Deno.test("a loss that is not finite stops the run with a message (item 39)", () =>
  inTemporaryFolder(async (folder) => {
    await startEngine();
    const teacher = await loadTeacher("resnet20_cifar10");
    const broken = {
      ...teacher,
      features: (images: tf.Tensor4D) => {
        const { cls, patch } = teacher.features(images);
        return { cls: tf.mul<tf.Tensor2D>(cls!, NaN), patch: patch! };
      },
    };
    const steps = distill(recipe, { folder: `${folder}/run`, teachers: [broken] });
    const error = await assertRejects(() => steps.next(), UserError);
    for (const part of ["step 1", "the loss is NaN", "learningRate"]) {
      assert(error.message.includes(part), error.message);
    }
    teacher.dispose();
  }));

Deno.test("a run whose images cannot be used leaves no folder, and begins once they can", () =>
  inTemporaryFolder(async (folder) => {
    const images = `${folder}/images`;
    await Deno.mkdir(`${images}/a`, { recursive: true });
    for (const name of ["1", "2"]) await Deno.writeTextFile(`${images}/a/${name}.png`, "no image");
    const wrong = applyOverrides(recipe, [
      `images.sources=[{"path":${JSON.stringify(images)}}]`,
      "optimization.batchSize=2",
    ]);
    await assertRejects(() => runToEnd(wrong, { folder: `${folder}/run` }), UserError);
    assertEquals(await Deno.stat(`${folder}/run`).then(() => true, () => false), false);
    await Deno.mkdir(`${folder}/empty`);
    await assertRejects(() => runToEnd(wrong, { folder: `${folder}/empty` }), UserError);
    assertEquals(await Array.fromAsync(Deno.readDir(`${folder}/empty`)), []);
  }));
