/** What is measured is told apart by path and digest, whatever it is called. */
import { assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import { distinctNames, pathNames } from "../../lib/evaluation/distinct_names.ts";
import { evaluateModels } from "../../lib/evaluation/evaluate_models.ts";
import { nameModels } from "../../lib/evaluation/models/name_models.ts";
import { addVerdicts } from "../../lib/metrics/comparison/verdict.ts";
import { scorecard } from "../../lib/metrics/comparison/scorecard.ts";
import type { MeasuredRow } from "../../lib/metrics/comparison/evaluation_row.ts";
import { initVisionTransformer } from "../../lib/nn/vision_transformer.ts";
import { encodeStudent } from "../../lib/teachers/student_file.ts";
import { namedTensors } from "../../lib/tensors/parameters.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import type { FloatTensor } from "../../lib/weights/host_tensor.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";
import { paint } from "./coloured_images_fixture.ts";

await startEngine();

/** Writes the student of an untrained run to `FOLDER/student.safetensors`. */
async function writeStudent(folder: string, seed: number): Promise<string> {
  const config = { imageSize: 16, patchSize: 8, width: 8, depth: 1, heads: 2 };
  const tensors = new Map<string, FloatTensor>();
  for (const [name, tensor] of namedTensors(initVisionTransformer(config, randomStream(seed)))) {
    const { shape } = tensor;
    tensors.set(`encoder.${name}`, { shape, data: await tensor.data<"float32">() });
  }
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeFile(`${folder}/student.safetensors`, encodeStudent(tensors, config));
  return `${folder}/student.safetensors`;
}

/** Two classes of noise, which nobody tells apart. */
async function paintNoise(folder: string, count: number): Promise<void> {
  const { default: sharp } = await import("sharp");
  for (const place of ["train/blue", "train/red", "test/blue", "test/red"]) {
    await Deno.mkdir(`${folder}/${place}`, { recursive: true });
    for (let i = 0; i < count; i++) {
      const pixels = Uint8Array.from(
        randomStream(7).at(place, i).uniform(8 * 8 * 3),
        (u) => 255 * u,
      );
      const raw = { width: 8, height: 8, channels: 3 } as const;
      await sharp(pixels, { raw }).png().toFile(`${folder}/${place}/${i}.png`);
    }
  }
}

Deno.test("image sets of one base name stay apart, in rows and in verdicts", () =>
  inTemporaryFolder(async (folder) => {
    await paint(`${folder}/a/set`, ["train/", "test/"]);
    await paintNoise(`${folder}/b/set`, 8);
    await paintNoise(`${folder}/c/set`, 5);
    const student = await writeStudent(folder, 0);
    const models = [{ source: student }, { source: "resnet20_cifar10" }];
    const sets = ["a", "b", "c"].map((place) => `${folder}/${place}/set`);
    const options = { canvas: 8, cache: `${folder}/cache`, features: `${folder}/features` };
    const { rows } = await evaluateModels(models, [...sets, `${sets[0]}/`], options);
    assertEquals(
      rows.map(({ model, task, images }) => [model, task, images]),
      ["student", "resnet20_cifar10"].flatMap((model) => [
        [model, "a/set", 16],
        [model, "b/set", 16],
        [model, "c/set", 10],
      ]),
    );
    const { lines } = scorecard(rows);
    assertEquals(lines.map(({ cells }) => cells.map((cell) => cell?.task)), [
      ["a/set", "b/set", "c/set"],
      ["a/set", "b/set", "c/set"],
    ]);
    for (const [i, { value, verdict }] of rows.slice(0, 3).entries()) {
      assertAlmostEquals(verdict!.difference, value - rows[3 + i]!.value, 1e-9, "of the same set");
    }
    for (const [i, set] of sets.entries()) {
      const alone = await evaluateModels(models, [set], options);
      assertEquals(alone.rows.map(({ task, value }) => [task, value]), [
        ["set", rows[i]!.value],
        ["set", rows[3 + i]!.value],
      ], "as each by itself");
    }
  }));

Deno.test("students of one file name stay apart, and have features of their own", () =>
  inTemporaryFolder(async (folder) => {
    const sources = [
      await writeStudent(`${folder}/first`, 0),
      await writeStudent(`${folder}/other`, 1),
    ];
    const options = { canvas: 32, limit: 200, features: `${folder}/features` };
    const specs = [...sources, ...sources].map((source) => ({ source }));
    const { rows, costs, models } = await evaluateModels(specs, ["digits"], options);
    const names = ["first/student", "other/student"];
    assertEquals([rows.map(({ model }) => model), costs.map(({ model }) => model)], [names, names]);
    assertEquals(models, names.map((name) => [name, "student"] as const));
    assertEquals(scorecard(rows).lines.map(({ model }) => model), names);
    assertNotEquals(rows[0]!.value, rows[1]!.value);
  }));

Deno.test("a teacher at two sizes is two models, and a name that was given is kept", async () => {
  const sources = ["resnet20_cifar10", "resnet20_cifar10@48", "random", "random"];
  const models = await nameModels(sources.map((source) => ({ source })));
  assertEquals(models.map(({ name }) => name), [
    "resnet20_cifar10",
    "resnet20_cifar10@48",
    "random",
  ]);
  const run = [
    { source: "resnet20_cifar10@48", name: "resnet20_cifar10" },
    { source: "resnet20_cifar10" },
    { source: "pixels", name: "twice" },
    { source: "random", name: "twice" },
  ];
  assertEquals(
    (await nameModels(run)).map(({ name }) => name),
    ["resnet20_cifar10", "resnet20_cifar10 (2)", "twice", "random"],
  );
});

Deno.test("names are as short as can be, and all different", () => {
  const named = (...paths: string[]) =>
    distinctNames(paths.map((path) => {
      const [name = "", ...longer] = pathNames(path);
      return { name, longer };
    }));
  assertEquals(named("/x/a/set", "/x/b/set", "/x/c/birds"), ["a/set", "b/set", "birds"]);
  assertEquals(named("/a/x/set", "/b/x/set", "/c/y/set"), ["a/x/set", "b/x/set", "y/set"]);
  assertEquals(named("/x/set.zip", "/x/set"), ["set.zip", "x/set"]);
  assertEquals(new Set(named("/x/set.zip", "/x/set", "/x/set.dense.json", "/x/set.json")).size, 4);
  assertEquals(named("/a/b", "/a/b", "/a/b"), ["a/b", "a/b (2)", "a/b (3)"]);
  const fixed = { name: "student", longer: ["runs/student"], chosen: true };
  assertEquals(distinctNames([{ name: "student", longer: ["a/student"] }, fixed]), [
    "a/student",
    "student",
  ]);
});

Deno.test("a verdict is never taken over other images that have the same name", () => {
  const row = { task: "set", metric: "k-NN", low: 0, high: 100, images: 2, seconds: 0 };
  const measured = (role: MeasuredRow["role"], testImages: string, value: number): MeasuredRow => ({
    ...{ role, testImages, scores: Float64Array.of(1, 0) },
    row: { ...row, model: `${role} on ${testImages}`, value },
  });
  const [student, alone] = addVerdicts([
    measured("student", "a", 50),
    measured("student", "c", 50),
    measured("teacher", "b", 90),
    measured("teacher", "a", 40),
  ], 0);
  assertEquals(student?.verdict?.against, "teacher on a");
  assertEquals(alone?.verdict, undefined);
});
