import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertStringIncludes,
} from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import { studentAtSize, studentConfigOf } from "../../../lib/recipe/student_config.ts";
import { distill } from "../../../lib/training/distill.ts";
import { type Forecast, forecastRun } from "../../../lib/training/forecast/forecast.ts";
import {
  frozenOperations,
  studentOperations,
} from "../../../lib/training/forecast/student_operations.ts";
import { encoderPrefix } from "../../../lib/nn/encoder.ts";
import type { LadderConfig } from "../../../lib/method/projectors/ladder.ts";
import type { RecipeInput } from "../../../lib/recipe/input.ts";
import { forecastLines } from "../../../lib/training/forecast/words.ts";
import { setUpTraining } from "../../../lib/training/setup.ts";
import { openTargets } from "../../../lib/training/targets.ts";
import { countOperations } from "../../../lib/metrics/costs/operations.ts";
import { initStudent, student } from "../../../lib/method/student.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { disposeTree } from "../../../lib/engine/compiler/tree.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";
import { madeUpTeacher, recipeOver, writeImages } from "../tiny_distillation_fixture.ts";
import * as tf from "@tensorflow/tfjs";

Deno.test("a forecast comes before the first step, and changes no number of the run", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 8 });
    const digests: string[] = [];
    const forecasts: Forecast[] = [];
    const events: string[] = [];
    const onForecast = (forecast: Forecast) => {
      forecasts.push(forecast);
      events.push("forecast");
    };
    for (const options of [{}, { onForecast }]) {
      const run = distill(recipeOver(folder), {
        ...options,
        folder: `${folder}/${digests.length}`,
        teachers: [madeUpTeacher()],
        onWork: ({ stage }) => events.push(stage),
      });
      let next = await run.next();
      for (; !next.done; next = await run.next()) events.push(`step ${next.value.step}`);
      digests.push(next.value.stateDigest);
    }
    assertEquals(digests[0], digests[1]);
    const after = events.slice(events.indexOf("forecasting…"));
    assertEquals(after.slice(0, 4), ["forecasting…", "forecast", "compiling…", "step 1"]);
    assert(!events.slice(0, events.indexOf("forecasting…")).includes("forecast"));
    const [forecast] = forecasts;
    assertEquals([forecast?.steps, forecast?.batchSize], [12, 4]);
    assertEquals(forecast?.parts.map(({ name }) => name).sort(), ["made_up", "student"]);
    assert((forecast?.seconds ?? 0) > 0 && (forecast?.disk.checkpoints ?? 0) > 0);
  }));

Deno.test("a forecast leaves no tensor behind, and counts only features that are not kept yet", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 8 });
    const { liveTensors } = await startEngine();
    const recipe = recipeOver(folder);
    const setup = await setUpTraining(recipe, { teachers: [madeUpTeacher()] });
    const live = await openTargets(setup);
    const options = { stepsLeft: 10, now: () => performance.now() };
    const before = liveTensors();
    await forecastRun(setup, { targets: live, ...options });
    assertEquals(liveTensors(), before);
    const kept = new Map([["made_up", { bytes: 100, missing: 0 }]]);
    const { parts } = await forecastRun(setup, { targets: { ...live, kept }, ...options });
    assertEquals(parts.find(({ name }) => name === "made_up")?.seconds, 0);
    live.dispose();
    setup.images.close();
  }));

Deno.test("a teacher that takes most of the time at a size of its own is named, with a smaller one", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 8 });
    const slow = {
      ...madeUpTeacher(),
      input: { size: 129, mean: [0, 0, 0], std: [1, 1, 1] },
    } as const;
    const grid = (size = 129) => [Math.ceil(size / 8), Math.ceil(size / 8)] as const;
    const recipe = recipeOver(folder);
    const setup = await setUpTraining(recipe, { teachers: [{ ...slow, grid }] });
    const targets = await openTargets(setup);
    let [time, looks] = [0, 0];
    // The first looks at the clock are around the teacher, which takes a second, the others no time.
    const now = () => time += looks++ < 6 ? 1000 : 1;
    const forecast = await forecastRun(setup, { targets, stepsLeft: 100, now });
    const { advice } = forecast;
    assertEquals([advice?.teacher, advice?.place, advice?.from, advice?.to], [
      "made_up",
      0,
      129,
      17,
    ]);
    assertLess(advice?.seconds ?? Infinity, forecast.seconds / 10);
    targets.dispose();
    setup.images.close();
  }));

Deno.test("the student's operations are those of its kernels", async () => {
  await startEngine();
  for (const stem of ["patch", "convolution"] as const) {
    const recipe = defineRecipe({
      name: "counted",
      images: { sources: [{ path: "photos" }], size: 32 },
      teachers: ["a", "b"],
      student: { width: 32, depth: 3, heads: 2, patchSize: 8, stem },
      optimization: { batchSize: 4, steps: 1 },
    });
    const shapes = [
      { name: "a", width: 24, tokens: ["cls", "patch"], grid: [4, 4] },
      { name: "b", width: 40, tokens: ["cls", "patch"], grid: [2, 2] },
    ] as const;
    const config = studentConfigOf(recipe, shapes);
    const parameters = initStudent(config, randomStream(0));
    const counted = await countOperations(() =>
      student(parameters, tf.zeros<tf.Rank.R4>([1, 32, 32, 3]), config)
    );
    assert(Math.abs(studentOperations(config) / counted - 1) < 0.05, `${counted}`);
    const small = studentAtSize(recipe, config, 16);
    const ofSmall = await countOperations(() =>
      student(parameters, tf.zeros<tf.Rank.R4>([1, 16, 16, 3]), small)
    );
    assert(Math.abs(studentOperations(small, 16) / ofSmall - 1) < 0.05, `${ofSmall}`);
    disposeTree(parameters);
  }
});

Deno.test("operations of published networks, and of frozen stages beside those that are trained", async () => {
  await startEngine();
  const teachers = [{ name: "a", width: 6, tokens: ["cls", "patch"], grid: [2, 2] }] as const;
  const recipeOf = (student: RecipeInput["student"]) =>
    defineRecipe({
      name: "counted",
      images: { sources: [{ path: "photos" }], size: 64 },
      teachers: ["a"],
      student,
      optimization: { batchSize: 4, steps: 1 },
    });
  // Millions of multiplications at 224 px, without the classifier, as the papers and libraries give them.
  const published = [
    [{ kind: "mobilenet_v2", inputSize: 224 }, 299.5],
    [{ kind: "resnet", layers: 18, inputSize: 224 }, 1813.6],
    [{ kind: "resnet", layers: 50, inputSize: 224 }, 4087.1],
    [{ kind: "resnet_cifar", blocks: 9, inputSize: 32 }, 125.5],
  ] as const;
  for (const [student, millions] of published) {
    const config = studentConfigOf(recipeOf(student), teachers);
    const one = { kind: "top", hiddenLayers: 0, shared: true } as const;
    const { hidden: _, lastHidden: __, ...shape } = config.ladder as LadderConfig;
    const without = studentOperations({ ...config, ladder: { ...shape, ...one } });
    const head = 2 * 6 * shape.width * shape.grid[0] * shape.grid[1];
    assertAlmostEquals((without - head) / 2e6, millions, 0.05);
  }
  const small = { widthMultiplier: 0.25, inputSize: 64 } as const;
  for (
    const options of [
      { kind: "mobilenet_v2", ...small },
      { kind: "resnet", layers: 18, ...small },
      { width: 16, depth: 3, heads: 2, patchSize: 8 },
    ] as const
  ) {
    const whole = studentConfigOf(recipeOf(options), teachers);
    const config = studentConfigOf(recipeOf({ ...options, freeze: 2 }), teachers);
    const parameters = initStudent(config, randomStream(0)),
      images = tf.zeros<tf.Rank.R4>([1, 64, 64, 3]);
    const prefix = encoderPrefix(parameters.encoder, images, config.encoder, 2);
    const [frozen, trained] = [
      await countOperations(() => encoderPrefix(parameters.encoder, images, config.encoder, 2)),
      await countOperations(() => student(parameters, prefix, config)),
    ];
    assertEquals(frozenOperations(whole), 0);
    assertAlmostEquals(frozenOperations(config) / frozen, 1, 0.05);
    assertAlmostEquals(studentOperations(config) / trained, 1, 0.05);
    disposeTree(parameters);
    tf.dispose([images, prefix]);
  }
});

Deno.test("a forecast in words says how sure it is, and what would make it shorter", () => {
  const lines = forecastLines({
    steps: 1450,
    batchSize: 64,
    seconds: 1800,
    parts: [
      { name: "deeplab_v3_voc", seconds: 1440, inputSize: 513 },
      { name: "student", seconds: 350 },
      { name: "resnet20_cifar10", seconds: 10, inputSize: 32 },
    ],
    memory: { needed: 2.3e9, available: 16e9 },
    disk: { checkpoints: 0.25e9, features: 0 },
    advice: { teacher: "deeplab_v3_voc", place: 1, from: 513, to: 97, share: 0.8, seconds: 411 },
  });
  assertStringIncludes(lines[0] ?? "", "1,450 steps of 64 images, about 30 min 00 s");
  assertStringIncludes(lines[0] ?? "", "within a factor of two");
  const planned = forecastLines({
    ...{ steps: 1450, batchSize: 64, seconds: 1800, parts: [], memory: { needed: 1e9 } },
    disk: { checkpoints: 1, features: 0 },
    planned: {
      ...{ minutes: 30, steps: 1450, expectedSeconds: 1799, measuringSeconds: 20 },
      ...{ startSeconds: 9, stepSeconds: 1.2 },
    },
  });
  assertEquals(
    planned[0],
    "forecast: 1,450 steps of 64 images, planned for 30 min by the seconds of its first steps",
  );
  assertEquals(lines.slice(1), [
    "  time: deeplab_v3_voc at 513 px 80 %, student 19 %",
    "  memory: about 2.3 GB of 16 GB available; disk: 250 MB of checkpoints",
    "  deeplab_v3_voc at 513 px is 80 % of it; inputSize: 97 makes it about 6 min 51 s " +
    "(--set teachers.1.inputSize=97)",
  ]);
});
