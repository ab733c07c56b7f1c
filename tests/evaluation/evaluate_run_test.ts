import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { evaluateRun } from "../../lib/evaluation/evaluate_run.ts";
import { readEvaluation } from "../../lib/evaluation/results.ts";
import { openLog } from "../../lib/runs/step_log.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import { openRunFolder } from "../../lib/runs/run_folder.ts";
import { encodeStudent } from "../../lib/teachers/student_file.ts";
import { startEngine } from "../../lib/engine/backend.ts";
import { initEncoder } from "../../lib/nn/encoder.ts";
import { encoderConfigOf } from "../../lib/recipe/student_config.ts";
import { countParameters, namedTensors } from "../../lib/tensors/parameters.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { evaluate } from "../../lib/cli/commands/evaluate.ts";
import { report } from "../../lib/cli/commands/report.ts";
import { runCommand } from "../../lib/cli/run_command.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { reportRun } from "../../lib/report/page/run_report.ts";
import { madeUpRun } from "../report/run_fixture.ts";

await startEngine();

const recipe = defineRecipe({
  name: "tiny",
  images: { sources: [{ path: "data/images/digits.zip", split: "train" }], size: 16 },
  teachers: [{ name: "resnet20_cifar10", inputSize: 16 }],
  student: { width: 24, depth: 2, heads: 2, patchSize: 8 },
  optimization: { batchSize: 4, steps: 1 },
  evaluation: { tasks: ["digits", "land_use"], feature: "cls+patch", k: 5 },
});

/** A run folder as a finished run leaves it, with a student that was never trained. */
async function finishedRun(folder: string): Promise<number> {
  using run = await openRunFolder(folder, recipe);
  using log = await openLog(run.log);
  for (const report of madeUpRun().reports.slice(0, 50)) log.append(report);
  const config = encoderConfigOf(recipe);
  const parameters = initEncoder(config, randomStream(3));
  const tensors = new Map(
    namedTensors(parameters).map(([name, tensor]) => [
      `encoder.${name}`,
      { shape: tensor.shape, data: tensor.dataSync<"float32">() },
    ]),
  );
  await Deno.writeFile(run.student, encodeStudent(tensors, config));
  await Deno.writeTextFile(run.result, JSON.stringify({ stateDigest: "abc123" }));
  const count = countParameters(parameters);
  tf.dispose(namedTensors(parameters).map(([, tensor]) => tensor));
  return count;
}

async function withFolder(work: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  const cache = Deno.env.get("XDG_CACHE_HOME");
  try {
    // The commands keep decoded images in the user's cache, which a test leaves alone.
    Deno.env.set("XDG_CACHE_HOME", folder);
    await work(folder);
  } finally {
    if (cache === undefined) Deno.env.delete("XDG_CACHE_HOME");
    else Deno.env.set("XDG_CACHE_HOME", cache);
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs a command as a person would. */
async function run(command: typeof evaluate | typeof report, args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const output = {
    out: (line: string) => out.push(line),
    err: (line: string) => err.push(line),
  };
  // Both commands are declared with options of their own, so each is called by its own type.
  const status = command.name === "evaluate"
    ? await runCommand(evaluate, args, { output })
    : await runCommand(report, args, { output });
  return { status, out: out.join("\n"), err: err.join("\n") };
}

Deno.test("a run is compared with its teachers, a random student and pixels, then reported", () =>
  withFolder(async (parent) => {
    const folder = `${parent}/tiny`;
    const parameters = await finishedRun(folder);
    const before = tf.memory().numTensors;
    const evaluation = await evaluateRun(folder, { limit: 30, cache: parent });
    assertEquals(tf.memory().numTensors, before);
    assertEquals(evaluation.models, [
      ["student", "student"],
      ["resnet20_cifar10", "teacher"],
      ["random", "baseline"],
      ["pixels", "baseline"],
    ]);
    assertEquals(evaluation.rows.length, 8);
    assertEquals(new Set(evaluation.rows.map(({ task }) => task)), new Set(["digits", "land_use"]));
    for (const { low, value, high, images } of evaluation.rows) {
      assert(low <= value && value <= high && images === 30);
    }
    for (const { model, verdict } of evaluation.rows) {
      assertEquals(verdict?.against, model === "student" ? "resnet20_cifar10" : undefined);
    }
    const [student, teacher, random] = evaluation.costs;
    assertEquals([student?.parameters, random?.parameters], [parameters, parameters]);
    assert((student?.gflop ?? 0) > 0 && (teacher?.gflop ?? 0) > 0);
    assertEquals(await readEvaluation(folder), evaluation);

    const page = await Deno.readTextFile(await reportRun(folder));
    for (const part of ["tiny", "land_use", "resnet20_cifar10", "abc123", "Learning rate"]) {
      assertStringIncludes(page, part);
    }
  }));

Deno.test("the commands answer --json, and mistakes with exit status 2", () =>
  withFolder(async (parent) => {
    const folder = `${parent}/tiny`;
    await finishedRun(folder);
    const csv = `${parent}/rows.csv`;
    const args = ["pixels", folder, "--data", "digits", "--limit", "20", "--csv", csv, "--json"];
    const measured = await run(evaluate, args);
    assertEquals(measured.status, 0, measured.err);
    const rows: { model: string; metric: string }[] = JSON.parse(measured.out);
    assertEquals(rows.map(({ model }) => model), ["pixels", "tiny"]);
    assertEquals((await Deno.readTextFile(csv)).split("\n").length, 4);

    const both = ["pixels", "--data", "digits", "--limit", "40", "--canvas", "32"];
    const two = await run(evaluate, [...both, "--metric", "knn", "--metric", "logistic", "--json"]);
    const metrics = (JSON.parse(two.out) as typeof rows).map(({ metric }) => metric);
    assertEquals(metrics, ["k-NN accuracy", "logistic regression accuracy"]);

    const reported = await run(report, [folder, "--json"]);
    assertEquals(JSON.parse(reported.out), { run: folder, report: `${folder}/report.html` });

    for (
      const [command, wrong, part] of [
        [evaluate, ["pixels"], "Found no --data"],
        [evaluate, ["pixels", "--data", "digits", "--k", "0"], "Found --k 0"],
        [evaluate, ["pixels", "--data", "digits", "--feature", "x"], "expected cls, patch"],
        [
          evaluate,
          ["pixels", "--data", "digits", "--metric", "svm"],
          "expected knn, logistic, sgd, few_shot",
        ],
        [evaluate, ["pixel", "--data", "digits", "--limit", "5"], "Did you mean pixels?"],
        [report, [parent], "expected the folder of a run"],
      ] as const
    ) {
      const { status, err } = await run(command, [...wrong]);
      assertEquals(status, 2, err);
      assertStringIncludes(err, part);
    }
  }));

Deno.test("metrics answer by name, with verdicts on the student and with costs of errors", () =>
  withFolder(async (parent) => {
    const folder = `${parent}/tiny`;
    await finishedRun(folder);
    const every = ["few_shot", "retrieval", "class_mean", "calibration"];
    const costs = `${parent}/costs.csv`;
    const digits = Array.from({ length: 10 }, (_, i) => i);
    const lines = digits.map((i) => [i, ...digits.map((j) => Math.abs(i - j))].join(","));
    await Deno.writeTextFile(costs, [["", ...digits].join(","), ...lines].join("\n"));
    const words = `${parent}/words.csv`;
    await Deno.writeTextFile(words, ",one\none,0");
    const options = [
      ...every.flatMap((name) => ["--metric", name]),
      "--costs",
      costs,
      "--rejection",
      "1",
    ];
    const compared = ["resnet20_cifar10@16", folder, "--data", "digits", "--limit", "50"];
    const four = await run(evaluate, [...compared, ...options, "--json"]);
    assertEquals(four.status, 0, four.err);
    const judged: { metric: string; verdict?: { outcome: string } }[] = JSON.parse(
      four.out,
    );
    assertEquals(judged.slice(10).map(({ metric, verdict }) => [metric, typeof verdict?.outcome]), [
      ["1-shot accuracy", "string"],
      ["5-shot accuracy", "string"],
      ["retrieval mAP", "string"],
      ["nearest class mean accuracy", "string"],
      ["calibration error", "string"],
      ["logistic regression accuracy", "string"],
      ["cost-weighted accuracy", "string"],
      ["expected cost of 100 images", "string"],
      ["expected cost of 100 images, unsure ones handed on", "string"],
      ["images handed on", "string"],
    ]);
    assert(judged.slice(0, 10).every((row) => !("verdict" in row)));
    assertStringIncludes(four.err, "tiny against the best teacher: wins");
    assertStringIncludes(four.err, "calibration error, % (lower is better)");

    const help = await run(evaluate, ["--help"]);
    for (const name of every) assertStringIncludes(help.out, name);

    for (
      const [wrong, part] of [
        [["--costs", "none.csv"], "no such file"],
        [["--costs", words, "--limit", "5"], "is no class"],
        [["--data", "land_use", "--costs", costs], "found 2 image sets (digits, land_use)"],
      ] as const
    ) {
      const { status, err } = await run(evaluate, ["pixels", "--data", "digits", ...wrong]);
      assertEquals(status, 2, err);
      assertStringIncludes(err, part);
    }
  }));

Deno.test("an evaluation that is something else, or a run without tasks, is refused", () =>
  withFolder(async (folder) => {
    assertEquals(await readEvaluation(folder), undefined);
    await Deno.writeTextFile(`${folder}/evaluation.json`, "[]");
    await assertRejects(() => readEvaluation(folder), UserError, "expected an evaluation");
    const bare = { ...recipe, evaluation: { ...recipe.evaluation, tasks: [] } };
    await Deno.writeTextFile(`${folder}/recipe.json`, JSON.stringify(bare));
    await assertRejects(() => evaluateRun(folder), UserError, "names no tasks");
  }));
