/** Experiments as values, the file of their results, and one whole row in a short form. */
import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { defineExperiment, type Experiment } from "../../lib/experiments/experiment.ts";
import {
  addExperimentResults,
  readExperimentResults,
  rowDigest,
} from "../../lib/experiments/results.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import { assertExperimentData, runExperimentRow } from "../../lib/experiments/run_cell.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import experiments from "../../recipes/experiments/experiments.ts";
import tinyTest from "../../recipes/tiny_test.ts";

const { name: _, seed: __, ...tiny } = tinyTest;

const experiment: Experiment = {
  name: "tiny",
  title: "Tiny",
  paper: "none",
  description: "A test.",
  rows: [
    {
      name: "student",
      recipe: { ...tiny, optimization: { batchSize: 8, steps: 50, learningRate: 1e-3 } },
    },
    { name: "pixels", model: "pixels" },
  ],
  seeds: [0, 1],
  tasks: ["digits"],
  columns: [{ title: "digits", measures: ["knn digits"] }],
  claims: [],
};

Deno.test("names that do not fit are found before anything is trained", () => {
  const claim = {
    claim: "c",
    paper: "p",
    from: "pixels",
    to: "student",
    column: "digits",
    expected: "up",
  } as const;
  assertEquals(defineExperiment({ ...experiment, claims: [claim] }).claims.length, 1);
  const figure = {
    title: "f",
    xTitle: "x",
    yTitle: "y",
    x: [1],
    lines: [{ title: "l", row: "pixel", measure: () => "m" }],
  };
  const wrong: [change: Partial<Experiment>, found: string][] = [
    [{ name: "Tiny!" }, "its name"],
    [{ seeds: [] }, "no seeds"],
    [{ rows: [...experiment.rows, { name: "pixels", model: "random" }] }, 'the row "pixels"'],
    [{ claims: [{ ...claim, from: "pixel" }] }, 'the row "pixel" in the claim "c"'],
    [{ claims: [{ ...claim, column: "digit" }] }, 'the column "digit"'],
    [{ claims: [{ ...claim, fromColumn: "digit" }] }, 'the column "digit" in the claim "c"'],
    [{ figures: [figure] }, 'the row "pixel" in the figure "f"'],
  ];
  for (const [change, found] of wrong) {
    assertThrows(() => defineExperiment({ ...experiment, ...change }), UserError, found);
  }
});

Deno.test("every recipe of every experiment is one, and names differ", () => {
  assertEquals(new Set(experiments.map(({ name }) => name)).size, experiments.length);
  for (const { name, rows, tasks } of experiments) {
    for (const row of rows) {
      if ("recipe" in row) defineRecipe({ ...row.recipe, name: `${name}.${row.name}`, seed: 1 });
    }
    const digests = rows.map((row) => rowDigest({ tasks }, row));
    assertEquals(new Set(digests).size, rows.length, `${name}: two rows train the same`);
  }
});

Deno.test("results: a row and seed replaces its older ones, and strange lines are refused", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/results/tiny.csv`;
    assertEquals(await readExperimentResults(path), []);
    const one = {
      row: "student",
      seed: 0,
      recipe: "0123456789ab",
      measure: "knn digits",
      value: 12.5,
      date: "2026-11-27",
      machine: "2 cores, x86_64",
    };
    await addExperimentResults(path, [one, { ...one, measure: "seconds", value: 3 }]);
    await addExperimentResults(path, [{ ...one, seed: 1 }]);
    await addExperimentResults(path, [{ ...one, value: 13 }]);
    const read = await readExperimentResults(path);
    assertEquals(read.map(({ seed, value }) => [seed, value]), [[1, 12.5], [0, 13]]);
    assertEquals(read[0]?.machine, "2 cores  x86_64");
    await Deno.writeTextFile(path, "row,seed\nstudent,zero,x\n");
    await assertRejects(() => readExperimentResults(path), UserError, "line 2");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the digest of a row follows its recipe, not its title", () => {
  const [student, pixels] = experiment.rows;
  assert(student && pixels && "recipe" in student);
  const digest = (row: Experiment["rows"][number], tasks = ["digits"]) => rowDigest({ tasks }, row);
  assertEquals(digest({ ...student, name: "other", title: "other" }), digest(student));
  // A default that is spelt out is no other recipe.
  const spelt = { ...student, recipe: { ...student.recipe, seed: 0 } };
  assertEquals(digest(spelt), digest(student));
  assertNotEquals(digest(student, ["land_use"]), digest(student));
  const changed = { ...student, recipe: { ...student.recipe, mode: "xla" as const } };
  assertNotEquals(digest(changed), digest(student));
  assertNotEquals(digest(pixels), digest(student));
  const more = { tasks: ["digits"], moments: 4 };
  assertNotEquals(rowDigest(more, student), digest(student), "it has numbers that the other lacks");
});

Deno.test("a row is trained, stopped, resumed and measured", async () => {
  const runs = await Deno.makeTempDir();
  try {
    const [student, pixels] = experiment.rows;
    assert(student && pixels);
    const stop = new AbortController();
    const options = { runs, steps: 6, limit: 20 };
    const stopped = await runExperimentRow(experiment, student, 1, {
      ...options,
      signal: stop.signal,
      onStep: (step) => step === 3 && stop.abort(),
    });
    assertEquals(stopped, undefined);
    const steps: number[] = [];
    const go = { ...options, signal: new AbortController().signal };
    const measures = await runExperimentRow(experiment, student, 1, {
      ...go,
      onStep: (step) => steps.push(step),
    });
    assert(measures);
    assertEquals(steps.at(-1), 6);
    assert(steps[0]! > 1, "went on where it was stopped");
    assert(measures["knn digits"]! >= 0 && measures["loss ratio"]! >= 1);
    assert(measures["share specialist_digits"]! > 0);
    const again = await runExperimentRow(experiment, student, 1, {
      ...go,
      onStep: () => assert(false, "it was finished"),
    });
    assertEquals(again?.["loss ratio"], measures["loss ratio"]);
    const parts = await runExperimentRow({ ...experiment, moments: 2 }, student, 1, {
      ...go,
      runs: `${runs}/parts`,
    });
    const measured = (measure: string) => parts?.[measure] ?? NaN;
    assertEquals(Object.keys(parts ?? {}).filter((name) => name.startsWith("loss ratio")), [
      "loss ratio",
      "loss ratio at 50 %",
      "loss ratio at 100 %",
    ]);
    // The same run: its last step is the last tenth of 6, and its halves are means of three.
    assertEquals(measured("loss ratio"), measures["loss ratio"]);
    assert(
      measured("loss specialist_digits at 50 %") > measured("loss specialist_digits at 100 %"),
    );
    const capacity = await runExperimentRow({ ...experiment, capacity: ["digits"] }, student, 1, {
      ...go,
      runs: `${runs}/capacity`,
    });
    const { width } = tiny.student;
    assertEquals(capacity?.[`components ${width} digits`], 100, "all of them are the whole");
    assertEquals(capacity?.["pruned 0 digits"], 100);
    assert(capacity?.["components 1 digits"]! < 100);
    const frozen = await runExperimentRow(experiment, pixels, 0, go);
    assertEquals(Object.keys(frozen ?? {}).sort(), ["knn digits", "logistic digits"]);
  } finally {
    await Deno.remove(runs, { recursive: true });
  }
});

Deno.test("missing images are named with their folder and size, before anything is trained", async () => {
  const there = { path: ".", megabytes: 1, description: "the folder itself" };
  const folder = Deno.env.get("HASHIGO_DATA");
  Deno.env.set("HASHIGO_DATA", Deno.cwd());
  const needs = [there, { path: "no/such.zip", megabytes: 7, description: "birds" }];
  const error = await assertRejects(
    () => assertExperimentData({ ...experiment, needs }),
    UserError,
    "no/such.zip: birds, 7 MB",
  );
  assert(!error.message.includes("the folder itself") && error.message.includes("HASHIGO_DATA"));
  await assertExperimentData(experiment);
  if (folder === undefined) Deno.env.delete("HASHIGO_DATA");
  else Deno.env.set("HASHIGO_DATA", folder);
});

Deno.test("the digest of a row does not depend on where image sets lie", () => {
  const lying = (folder: string) => {
    const images = { ...tiny.images, sources: [{ path: `${folder}/set/train.zip` }] };
    return rowDigest(experiment, { name: "a", recipe: { ...tiny, images } });
  };
  assertEquals(lying("/data"), lying("../shared/data"));
});
