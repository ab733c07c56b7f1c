/** No update from what is not finite: skipped, rolled back or stopped, the cause named, replayable. */
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { drawBatch } from "../../../lib/training/batch.ts";
import type { HostBatch } from "../../../lib/training/batch.ts";
import { loadLatestCheckpoint } from "../../../lib/runs/checkpoint/checkpoint.ts";
import { freshGuard, judgeStep, storedGuard } from "../../../lib/training/guard/policy.ts";
import type { GuardSettings } from "../../../lib/recipe/options.ts";
import { readIncident } from "../../../lib/runs/incident.ts";
import { readLog } from "../../../lib/runs/step_log.ts";
import { setUpTraining } from "../../../lib/training/setup.ts";
import { stateShapeOf } from "../../../lib/recipe/student_config.ts";
import { initParameters } from "../../../lib/method/student.ts";
import { applyOverrides } from "../../../lib/recipe/overrides.ts";
import { replayIncident } from "../../../lib/training/guard/replay.ts";
import { distill } from "../../../lib/training/distill.ts";
import { openGuard } from "../../../lib/training/guard/guard.ts";
import { type DistillState, initState, stateToHost } from "../../../lib/method/state.ts";
import { stateDigest } from "../../../lib/method/state_digest.ts";
import { openTargets } from "../../../lib/training/targets.ts";
import { takeStep } from "../../../lib/training/take_step.ts";
import { makeTrainer } from "../../../lib/training/trainer.ts";
import type { LayoutEntry } from "../../../lib/tensors/parameters.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { madeUpTeacher, recipeOver, writeImages } from "../tiny_distillation_fixture.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";
import { runToEnd } from "../shared_runs_fixture.ts";

/** A teacher whose features are 0 / 0 for a black image, and its colours plus 1 for any other. */
const nanOfBlack = () => madeUpTeacher((colours) => tf.add(colours, tf.div(colours, colours)));

Deno.test("what is not finite, and leaps above the median of enough losses, is an incident", () => {
  const settings: GuardSettings = { policy: "skip", budget: 2, spike: 3 };
  let state = freshGuard;
  const judge = (loss: number, gradientNorm = 1) => {
    const decision = judgeStep(state, { loss, gradientNorm }, settings);
    state = decision.state;
    return decision.action;
  };
  for (let i = 0; i < 19; i++) assertEquals(judge(1 + i / 100), "update");
  assertEquals(judge(1000), "update", "nineteen losses are too few to tell");
  assertEquals(judge(3), "update");
  assertEquals(judge(3.4), "skip", "above three times the median, 1.10");
  assertEquals(judge(1, Infinity), "skip");
  assertEquals(state.updates, 21);
  assertEquals([judge(1), judge(NaN)], ["update", "stop"], "the third is beyond the budget");
  for (let i = 0; i < 200; i++) judge(1);
  assertEquals(state.losses.length, 100);
});

Deno.test("a policy of stop keeps no budget, and spikes may pass", () => {
  const measured = { loss: 1e9, gradientNorm: 1 };
  const state = { ...freshGuard, losses: Array(50).fill(1) };
  assertEquals(judgeStep(state, measured, { policy: "stop", budget: 9, spike: 10 }).action, "stop");
  assertEquals(
    judgeStep(state, measured, { policy: "stop", budget: 9, spike: false }).action,
    "update",
  );
});

Deno.test("a NaN in a teacher's feature stops the run, names its image, and is replayed", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 11, odd: 0 });
    const recipe = recipeOver(folder);
    const options = { folder: `${folder}/run`, teachers: [nanOfBlack()] };
    const error = await assertRejects(() => runToEnd(recipe, options), UserError);
    for (const part of ["the loss is NaN", '"made_up"', '"a/odd.png"', "guard.policy=skip"]) {
      assertStringIncludes(error.message, part);
    }
    const [, path = ""] = /see (\S+json)/.exec(error.message) ?? [];
    const incident = await readIncident(path);
    assertEquals([incident.kind, incident.action], ["not finite", "stop"]);
    assertEquals(incident.cause.rows?.map((row) => incident.images[row]?.name), ["a/odd.png"]);
    const saved = await loadLatestCheckpoint(options.folder);
    assertEquals(saved?.step, incident.step - 1);
    assertEquals(saved?.stateDigest, incident.stateDigest, "the weights are those from before");

    const again = await replayIncident(path, { teachers: [nanOfBlack()] });
    assertEquals(again.facts.filter(({ then, now }) => then !== now), []);
    const mended = await replayIncident(path, { teachers: [madeUpTeacher()] });
    assert(!mended.reproduced, "another teacher gives another step");

    // Resumed with another policy it passes over the image, as a run that had it from the beginning.
    const skip = applyOverrides(recipe, ["guard.policy=skip"]);
    const resumed = await runToEnd(skip, { ...options, resume: true });
    const whole = await runToEnd(skip, { ...options, folder: `${folder}/whole` });
    assertEquals(resumed.digest, whole.digest);
    const incidents = whole.reports.filter((report) => report.incident !== undefined);
    assertEquals(incidents.length, 4, "once in each pass");
    assertEquals(whole.reports.length, 12);
    const log = await readLog(`${folder}/whole/log.jsonl`);
    assertEquals(
      log.map(({ incident }) => incident),
      whole.reports.map(({ incident }) => incident),
    );
  }));

Deno.test("a skipped step is none: interrupted and resumed, bit for bit, within the budget", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 11, odd: 0 });
    const recipe = applyOverrides(recipeOver(folder), ["guard.policy=skip", "guard.budget=3"]);
    const teachers = [nanOfBlack()];
    const error = await assertRejects(
      () => runToEnd(recipe, { folder: `${folder}/strict`, teachers }),
      UserError,
    );
    const checkpoint = (await loadLatestCheckpoint(`${folder}/strict`))!;
    const guard = storedGuard(checkpoint.meta.progress, checkpoint.step);
    assertEquals(guard.incidents, 3, error.message);
    assertEquals(guard.updates, checkpoint.step - 3, "Adam counts its updates alone");

    const wider = applyOverrides(recipe, ["guard.budget=4"]);
    const whole = await runToEnd(wider, { folder: `${folder}/whole`, teachers });
    const options = { folder: `${folder}/parts`, teachers };
    for await (const { step } of distill(wider, options)) if (step === 7) break;
    const parts = await runToEnd(wider, { ...options, resume: true });
    assertEquals(parts.digest, whole.digest);
  }));

Deno.test("a rollback undoes the updates since the checkpoint, also after an interruption", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 23, odd: 0 });
    const recipe = applyOverrides(recipeOver(folder), ["guard.policy=rollback"]);
    const teachers = [nanOfBlack()];
    const whole = await runToEnd(recipe, { folder: `${folder}/whole`, teachers });
    const { step, incident = "" } = whole.reports.find((report) => report.incident)!;
    const back = Math.floor((step - 1) / 3) * 3;
    assertStringIncludes(incident, `back to the state of step ${back}`);
    const options = { folder: `${folder}/parts`, teachers };
    for await (const report of distill(recipe, options)) if (report.step === step - 1) break;
    assertEquals((await runToEnd(recipe, { ...options, resume: true })).digest, whole.digest);
  }));

Deno.test("a loss that leaps is skipped, with the teacher of the largest loss", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 95, odd: 0 });
    const settings = ["optimization.steps=48", "guard.policy=skip", "guard.spike=4"];
    const recipe = applyOverrides(recipeOver(folder), settings);
    const far = madeUpTeacher((colours) =>
      tf.where(tf.greater(colours, 0), colours, tf.fill(colours.shape, 1e4))
    );
    const { reports } = await runToEnd(recipe, { folder: `${folder}/run`, teachers: [far] });
    const incidents = reports.filter(({ incident }) => incident !== undefined);
    assert(incidents.length > 0);
    for (const { step, incident = "" } of incidents) {
      assert(step > 20);
      assertStringIncludes(incident, "times the median");
      assertStringIncludes(incident, 'teacher "made_up"');
    }
  }));

/** Takes one step with something broken, and returns the guard's message; the state must not change. */
async function broken(
  folder: string,
  breakage: {
    readonly host?: (host: HostBatch) => void;
    readonly parameters?: (values: Float32Array, at: (name: string) => LayoutEntry) => void;
  },
): Promise<string> {
  const recipe = applyOverrides(recipeOver(folder), ["guard.policy=skip"]);
  const teacher = madeUpTeacher();
  const setup = await setUpTraining(recipe, { teachers: [teacher] });
  const { parameters, layout } = initParameters(setup.student, setup.random);
  const values = await parameters.data<"float32">();
  const at = (name: string) => layout.entries.find((entry) => entry.name === name)!;
  breakage.parameters?.(values, at);
  parameters.dispose();
  const state = initState(tf.tensor1d(values), stateShapeOf(recipe, setup.student.ladder.teachers));
  const before = stateDigest(await stateToHost(state, layout));
  const trainer = makeTrainer(setup, layout, await openTargets(setup));
  const host = drawBatch(setup, 0);
  breakage.host?.(host);
  const toHost = (of: DistillState) => stateToHost(of, layout);
  const guard = openGuard(`${folder}/run`, { setup, layout, toHost, state: freshGuard });
  try {
    const { state: after, incident = "nothing" } = await takeStep(
      { trainer, guard },
      state,
      trainer.prepare(host),
    );
    assertEquals(stateDigest(await stateToHost(after, layout)), before);
    return incident;
  } catch (error) {
    assertEquals(stateDigest(await stateToHost(state, layout)), before);
    assert(error instanceof UserError, String(error));
    return error.message;
  } finally {
    tf.dispose(state.tensors);
    trainer.dispose();
    setup.images.close();
  }
}

/** Makes a loss of about 1e18, which is finite, with a gradient whose squares are not. */
function overflow(values: Float32Array, at: (name: string) => LayoutEntry): void {
  const { offset, size } = at("ladder.cls.output.made_up.weight");
  values.fill(1e20, offset, offset + size);
}

Deno.test("a NaN in an image, a weight or a gradient is named, and changes nothing", () =>
  inTemporaryFolder(async (folder) => {
    const engine = await startEngine();
    await writeImages(folder, { count: 4 });
    const tensors = engine.liveTensors();
    const cases: [breakage: Parameters<typeof broken>[1], cause: string][] = [
      [{ host: ({ augmentation }) => void (augmentation.rows[2 * 16 * 16] = NaN) }, "views"],
      [{ parameters: (values) => void (values[7] = NaN) }, "weights"],
      [{ parameters: overflow }, "gradient is too large for its norm"],
    ];
    for (const [breakage, cause] of cases) {
      assertStringIncludes(await broken(folder, breakage), cause);
      assertEquals(engine.liveTensors(), tensors, `tensors after ${cause}`);
    }
  }));
