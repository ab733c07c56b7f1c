/** A run's student and its teachers under one rule: chosen, stored, written, exported, refused. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { evaluate } from "../../../lib/cli/commands/evaluate.ts";
import { exportCommand } from "../../../lib/cli/commands/use/export.ts";
import { features } from "../../../lib/cli/commands/use/features.ts";
import { runCommand } from "../../../lib/cli/run_command.ts";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { evaluateModels } from "../../../lib/evaluation/evaluate_models.ts";
import { evaluateRun } from "../../../lib/evaluation/evaluate_run.ts";
import { openModel } from "../../../lib/evaluation/models/open_model.ts";
import { withPredictor } from "../../../lib/evaluation/models/student_predictor.ts";
import { openTrainedStudent } from "../../../lib/evaluation/models/trained_student.ts";
import { student } from "../../../lib/method/student.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import { reportRun } from "../../../lib/report/page/run_report.ts";
import { readStoredReadout, writeReadout } from "../../../lib/runs/readout_file.ts";
import type { FittedReadout } from "../../../lib/teachers/readout/readout.ts";
import { shapeOf } from "../../../lib/teachers/backbone.ts";
import { openBackbone } from "../../../lib/teachers/open_backbone.ts";
import { preprocess } from "../../../lib/teachers/preprocess.ts";
import { readSafetensors } from "../../../lib/weights/safetensors/safetensors.ts";
import { worldBatch } from "../../../lib/world/batch.ts";
import { runToEnd, withOwnCache } from "../../training/shared_runs_fixture.ts";
import { convolutionalRun } from "../convolutional_run_fixture.ts";
import { paint } from "../coloured_images_fixture.ts";

await startEngine();

const recipe = defineRecipe({
  ...convolutionalRun,
  name: "tiny",
  evaluation: { readout: "chosen", metrics: ["class_mean"] },
});

type AnyCommand = typeof evaluate | typeof exportCommand | typeof features;

/** Runs a command as a person would. */
async function run(command: AnyCommand, ...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const output = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  // Each is declared with options of its own.
  const status = await runCommand(command as typeof evaluate, args, { output });
  return { status, out: out.join("\n"), err: err.join("\n") };
}

Deno.test("a run is read out under the rule for all: tables, stored readout, features, export, refusals", () =>
  withOwnCache(async (folder) => {
    const source = `${folder}/run`, set = `${folder}/colours`;
    await runToEnd(recipe, { folder: source });
    await paint(set, ["train/", "test/"], 6);
    await predictsAsInTraining(source);
    await measuresBoth(source, set);
    await choosesWithoutTestImages(source, set, folder);
    await writesAndExports(source, set, folder);
    await refuses(source, set, folder);
  }));

async function predictsAsInTraining(source: string): Promise<void> {
  const { backbone } = await openModel(source);
  const before = tf.memory().numTensors;
  const predicting = await withPredictor(backbone, source);
  const images = worldBatch(5, 0, 2);
  const shapes = [];
  for (const spec of recipe.teachers) {
    const teacher = await openBackbone(spec);
    shapes.push(shapeOf(teacher));
    teacher.dispose();
  }
  const trained = await openTrainedStudent(source, recipe, shapes);
  const { parameters, config, input, statistics } = trained;
  const expected = tf.tidy(() =>
    student(parameters, preprocess(images, input), config, { statistics })
  );
  const { predictor } = predicting;
  assertEquals(predictor!.teachers.map(({ name }) => name), ["resnet20_cifar10"]);
  const actual = tf.tidy(() => predictor!.predict(predicting.stages!(images)));
  for (const { name } of predictor!.teachers) {
    const values = expected[name]!.cls!.dataSync();
    actual[name]!.cls!.dataSync().forEach((value, i) =>
      assertAlmostEquals(value, values[i]!, 1e-5)
    );
  }
  tf.dispose([expected, actual, images]);
  trained.dispose();
  const owned = tf.memory().numTensors;
  predicting.dispose();
  assert(tf.memory().numTensors < owned && tf.memory().numTensors <= before);
}

async function measuresBoth(source: string, set: string): Promise<void> {
  const before = tf.memory().numTensors;
  const tasks = [set, "digits"];
  const evaluation = await evaluateRun(source, { tasks, limit: 20 });
  assertEquals(tf.memory().numTensors, before);
  const metric = "nearest class mean accuracy";
  const names = [metric, `${metric}, same readout for all`];
  assertEquals([...new Set(evaluation.rows.map((row) => row.metric))].sort(), names);
  const models = ["student", "resnet20_cifar10", "random", "pixels"];
  assertEquals(evaluation.readouts?.map(({ model }) => model), models);
  assertEquals(evaluation.rows.length, 2 * models.length * tasks.length);
  // The student is compared under each rule with teachers under the same.
  assertEquals(evaluation.means?.map((mean) => mean.metric), names);
  for (const { model, verdict } of evaluation.rows) {
    assertEquals(verdict !== undefined, model === "student");
  }
  const page = await Deno.readTextFile(await reportRun(source));
  for (
    const part of ["mean of 2 tasks", "same readout for all", "Same readout for all: each model"]
  ) {
    assertStringIncludes(page, part);
  }
}

/** Test images of other colours and classes change no readout. */
async function choosesWithoutTestImages(
  source: string,
  set: string,
  folder: string,
): Promise<void> {
  const options = { canvas: 32, metrics: ["class_mean"], readout: "chosen" } as const;
  const chosen = async (tasks: string[], features: string) => {
    const readouts: FittedReadout[] = [];
    const onReadout = (_: string, readout: FittedReadout) => void readouts.push(readout);
    await evaluateModels([{ source }], tasks, {
      ...options,
      onReadout,
      features: `${folder}/${features}`,
    });
    return readouts;
  };
  const first = await chosen([set], "first");
  assertEquals(first.length, 1);
  await paintGreen(`${set}/test`);
  assertEquals(await chosen([set], "second"), first);
  await paintGreen(`${set}/train`);
  assertNotEquals(await chosen([set], "third"), first);
}

/** Images of both classes that nobody tells apart. */
async function paintGreen(part: string): Promise<void> {
  const { default: sharp } = await import("sharp");
  const create = { width: 8, height: 8, channels: 3, background: "#00ff00" } as const;
  for (const name of ["red", "blue"]) {
    for (let i = 0; i < 6; i++) await sharp({ create }).png().toFile(`${part}/${name}/${i}.png`);
  }
}

async function writesAndExports(source: string, set: string, folder: string): Promise<void> {
  const { backbone } = await openModel(source);
  const { digest } = backbone;
  backbone.dispose();
  await writeReadout(source, { stages: ["last", 1], network: digest });
  const out = `${folder}/features.safetensors`;
  const written = await run(
    features,
    ...[source, "--images", set, "--out", out, "--readout", "chosen", "--json"],
  );
  assertEquals(written.status, 0, written.err);
  const { width } = JSON.parse(written.out);
  assertEquals(width, 64 + 16);
  const { tensors, metadata } = await readSafetensors(out);
  assertEquals(tensors.get("cls")?.shape[1], width);
  assertEquals(metadata.readout, "last and stage 1");

  const file = `${folder}/student.safetensors`;
  const exported = await run(
    exportCommand,
    ...[source, "--format", "safetensors", "--out", file, "--readout", "chosen"],
  );
  assertEquals(exported.status, 0, exported.err);
  // What was exported is read out by what it holds, and by default as it is.
  const again = `${folder}/again.safetensors`;
  const reread = await run(features, file, "--images", set, "--out", again, "--readout", "chosen");
  assertEquals(reread.status, 0, reread.err);
  const values = (await readSafetensors(again)).tensors.get("cls")!.data;
  assertEquals(values, tensors.get("cls")!.data);
  const plain = await run(features, file, "--images", set, "--out", again, "--json");
  assertEquals(JSON.parse(plain.out).width, 64);
}

async function refuses(source: string, set: string, folder: string): Promise<void> {
  const write = async (name: string, readout: unknown) => {
    await Deno.writeTextFile(`${folder}/${name}.json`, JSON.stringify(readout));
    return `${folder}/${name}.json`;
  };
  const far = await write("far", { stages: ["last", 40] });
  const stranger = await write("stranger", { stages: ["last"], predictions: { absent: 1 } });
  const other = await write("other", { stages: [1], network: "another" });
  const standardized = await write("standardized", { stages: ["last"], standardized: true });
  const { backbone } = await openModel(source);
  const { digest } = backbone;
  backbone.dispose();
  await writeReadout(source, {
    stages: ["last"],
    predictions: { resnet20_cifar10: 0.5 },
    network: digest,
  });
  const measured = [source, "--data", set, "--readout"];
  const written = [source, "--images", set, "--out", `${folder}/x.safetensors`, "--readout"];
  const exported = [source, "--out", `${folder}/x.safetensors`, "--readout"];
  const cases: [AnyCommand, string[], string][] = [
    [evaluate, [...measured, far], "found no stage 40, expected 0 to"],
    [evaluate, [...measured, stranger], 'the run has no teacher "absent"'],
    [evaluate, [...measured, other], "its statistics are of the network another"],
    [evaluate, [...measured, `${folder}/none.json`], "found no such file"],
    [
      evaluate,
      [source, "--data", "world_parts", "--readout", "chosen"],
      "found no task whose images",
    ],
    [features, [...written, standardized], "found no statistics in its file"],
    [features, [...written, far], "found no stage 40"],
    [
      exportCommand,
      [...exported, "chosen", "--format", "safetensors"],
      "reads predictions of teachers",
    ],
    [exportCommand, [...exported, "chosen", "--format", "timm"], "only the format safetensors"],
    [exportCommand, [...exported, standardized, "--format", "safetensors"], "found no statistics"],
  ];
  for (const [command, args, part] of cases) {
    const { status, err } = await run(command, ...args);
    assertEquals(status, 2, err);
    assertStringIncludes(err, part);
  }
  await Deno.remove(`${source}/readout.json`);
  await assertRejects(
    () => readStoredReadout(source, digest),
    UserError,
    "no readout of this student",
  );
  // A student of another moment does not fit the projectors of the checkpoint.
  const random = await openModel(`random:${source}`);
  await assertRejects(() => withPredictor(random.backbone, source), UserError, "newest checkpoint");
  random.backbone.dispose();
}
