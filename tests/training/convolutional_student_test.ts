/** Runs of a convolutional student that starts from a teacher, with its first stages frozen. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { evaluateRun } from "../../lib/evaluation/evaluate_run.ts";
import { analyseRun } from "../../lib/evaluation/analysis/analyse.ts";
import { measureRungs } from "../../lib/evaluation/analysis/rungs.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { encodeImages, type EncoderParameters } from "../../lib/nn/encoder.ts";
import { resizeImages } from "../../lib/nn/resize.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import type { RecipeInput } from "../../lib/recipe/input.ts";
import type { Recipe } from "../../lib/recipe/options.ts";
import { reportRun } from "../../lib/report/page/run_report.ts";
import { loadLatestCheckpoint } from "../../lib/runs/checkpoint/checkpoint.ts";
import { runPaths } from "../../lib/runs/run_folder.ts";
import { openStudentFile } from "../../lib/teachers/student_file.ts";
import { loadTeacher } from "../../lib/teachers/zoo/zoo.ts";
import { fromNamedTensors, namedTensors } from "../../lib/tensors/parameters.ts";
import type { FloatTensor } from "../../lib/weights/host_tensor.ts";
import { runSteps, runToEnd, withOwnCache } from "./shared_runs_fixture.ts";
import { writeImages } from "./tiny_distillation_fixture.ts";

const source = "resnet20_cifar10";
/** The source's own. */
const colours = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
const freeze = 4;

/** Ten stages; those from the fifth on are trained, read by rungs on the last frozen one and two more. */
function recipeOver(folder: string, options: Partial<RecipeInput> = {}): Recipe {
  return defineRecipe({
    name: "warm",
    images: { sources: [{ path: `${folder}/images` }], size: 16, views: 2 },
    teachers: [source, { name: "specialist_digits", inputSize: 16 }],
    student: { kind: "resnet_cifar", blocks: 3, from: source, inputSize: 32, freeze, ...colours },
    ladder: { blocks: [freeze - 1, 6, 9], hidden: 8, lastHidden: 8 },
    optimization: { batchSize: 4, steps: 6, warmupSteps: 0, learningRate: 1e-3 },
    evaluation: { tasks: ["digits"], k: 5 },
    ...{ featureCache: true, mode: "graph", workers: 0, checkpoint: { every: 2 } },
    ...options,
  });
}

function numbers(tensors: ReadonlyMap<string, FloatTensor>, name: string): Float32Array {
  const tensor = tensors.get(name);
  assert(tensor, `no ${name} among ${[...tensors.keys()].slice(0, 9)}`);
  return tensor.data;
}

Deno.test("a frozen, warm-started run: first loss, what stays, resume, student file, evaluation, analysis", () =>
  withOwnCache(async (folder) => {
    await writeImages(folder, { count: 10 });
    const recipe = recipeOver(folder), whole = `${folder}/whole`;
    const { reports, summary } = await runToEnd(recipe, { folder: whole });
    assertAlmostEquals(reports[0]!.losses[source]!.total, 0, 1e-6);
    assert(reports[0]!.losses.specialist_digits!.total > 0.1);
    assert(reports.at(-1)!.losses[source]!.total > 0);

    // What is frozen is the source's, bit by bit; the rest is not, nor are statistics trained.
    const teacher = await loadTeacher(source);
    const { tensors } = (await loadLatestCheckpoint(whole))!;
    for (const [name, tensor] of namedTensors(teacher.parameters!)) {
      const own = numbers(tensors, `encoder.${name}`);
      const frozen = Number(name.split(".")[1]) < freeze;
      (frozen ? assertEquals : assertNotEquals)(own, await tensor.data<"float32">(), name);
    }
    const [first, last] = await inputsOfTheLadder(recipe, folder, tensors);
    assertEquals(last, first);

    // Stopped in the middle and resumed: the same to the last bit.
    const parts = `${folder}/parts`;
    await runSteps(recipe, 3, { folder: parts });
    const resumed = await runToEnd(recipe, { folder: parts, resume: true });
    assertEquals(resumed.reports.length, 3);
    assertEquals(resumed.summary.stateDigest, summary.stateDigest);
    const { inputSize: _, ...other } = recipe.student as Recipe["student"] & { inputSize: number };
    await assertRejects(
      () =>
        runToEnd({ ...recipe, student: { ...other, freeze: 3 } }, { folder: parts, resume: true }),
      UserError,
      "student.freeze",
    );

    // Computed at each step instead of kept in float16: nearly the same.
    const live = await runToEnd({ ...recipe, featureCache: false }, { folder: `${folder}/live` });
    assertAlmostEquals(live.reports[0]!.losses[source]!.total, 0, 1e-6);
    live.reports.forEach(({ loss }, i) => assertAlmostEquals(loss, reports[i]!.loss, 2e-3));
    assertNotEquals(live.reports.map(({ loss }) => loss), reports.map(({ loss }) => loss));

    await assertStudentFile(whole, tensors);
    await assertMeasured(whole);
    teacher.dispose();
  }));

/** Statistics of the ladder's inputs before the first step and after the last. */
async function inputsOfTheLadder(
  recipe: Recipe,
  folder: string,
  last: ReadonlyMap<string, FloatTensor>,
): Promise<[[string, Float32Array][], [string, Float32Array][]]> {
  const often = { ...recipe, checkpoint: { ...recipe.checkpoint, every: 1 } };
  await runSteps(often, 1, { folder: `${folder}/begun` });
  const { tensors: first } = (await loadLatestCheckpoint(`${folder}/begun`))!;
  const names = [...first.keys()].filter((name) => /^ladder\.\w+\.inputs\./.test(name));
  // Of CLS and of patches on two grids, for three rungs.
  assertEquals(names.length, 3 * 3 * 2);
  return [
    names.map((name) => [name, numbers(first, name)]),
    names.map((name) => [name, numbers(last, name)]),
  ];
}

async function assertStudentFile(run: string, tensors: ReadonlyMap<string, FloatTensor>) {
  const student = await openStudentFile(runPaths(run).student, "warm");
  assertEquals(student.input, { size: 32, ...colours });
  assertEquals([student.width, student.grid()], [64, [8, 8]]);
  const images = tf.randomUniform<tf.Rank.R4>([2, 16, 16, 3], 0, 1, "float32", 3);
  const encoder = [...tensors].filter(([name]) => name.startsWith("encoder."));
  const parameters = fromNamedTensors(
    encoder.map((
      [name, { shape, data }],
    ) => [name.slice("encoder.".length), tf.tensor(data, [...shape])]),
  ) as EncoderParameters;
  const seen = tf.div<tf.Tensor4D>(
    tf.sub(resizeImages(images, [32, 32]), tf.tensor1d([...colours.mean])),
    tf.tensor1d([...colours.std]),
  );
  const expected = encodeImages(parameters, seen, student.encoder!);
  const { cls, patch } = student.features(images);
  const difference = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;
  assertAlmostEquals(difference(cls!, expected.cls), 0, 1e-5);
  assertAlmostEquals(difference(patch!, expected.patch), 0, 1e-5);
  student.dispose();
}

async function assertMeasured(run: string) {
  const evaluation = await evaluateRun(run, { limit: 20 });
  const models = new Set(evaluation.rows.map(({ model }) => model));
  assert(models.has("student") && models.has(source), `${[...models]}`);
  const analysis = await analyseRun(run, "digits", { limit: 20, pruned: [] });
  const layers = analysis.alignment.layers.filter(({ model }) => model === "student");
  assertEquals(layers.map(({ layer }) => layer), [
    ...Array.from({ length: 10 }, (_, i) => `stage ${i}`),
    "features",
  ]);
  assertEquals(analysis.plugAndPlay.map(({ teacher }) => teacher), [source]);
  const { blocks, teachers } = await measureRungs(run, tf.ones([2, 16, 16, 3]));
  assertEquals(blocks, [3, 6, 9]);
  assertEquals(teachers.length, 2);
  const path = await reportRun(run);
  const page = await Deno.readTextFile(path);
  assert(page.includes("resnet_cifar of 10 stages on 32 px"), "the report names the student");
}
