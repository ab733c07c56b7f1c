/** The file of an experiment's results, and the digests of its rows. */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import type { Experiment } from "../../lib/experiments/experiment.ts";
import {
  addExperimentResults,
  type ExperimentResult,
  readExperimentResults,
  rowDigest,
} from "../../lib/experiments/results.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";
import { experiment, tiny } from "./tiny_experiment_fixture.ts";

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
    assertEquals(read.map(({ seed, value }) => [seed, value]), [[0, 13], [1, 12.5]]);
    assertEquals(read[1]?.machine, "2 cores  x86_64");
    await Deno.writeTextFile(path, "row,seed\nstudent,zero,x\n");
    await assertRejects(() => readExperimentResults(path), UserError, "line 2");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("results that are added at the same time are all kept, in an order that tells nothing of it", () =>
  inTemporaryFolder(async (folder) => {
    const measured = { recipe: "0123456789ab", value: 1, date: "2026-11-30", machine: "2 cores" };
    const cells = ["b", "Z", "a"].flatMap((row) =>
      [10, 2].map((seed) =>
        ["x", "a"].map((measure): ExperimentResult => ({ ...measured, row, seed, measure }))
      )
    );
    const [path, other] = [`${folder}/results/a.csv`, `${folder}/b.csv`];
    await Promise.all(cells.map((results) => addExperimentResults(path, results)));
    for (const results of cells.toReversed()) await addExperimentResults(other, results);
    const text = await Deno.readTextFile(path);
    assertEquals(text, await Deno.readTextFile(other));
    assertEquals(
      text.trim().split("\n").slice(1).map((line) => line.split(",").slice(0, 2).join()),
      [
        ...["Z,2", "Z,2", "a,2", "a,2", "b,2", "b,2"],
        ...["Z,10", "Z,10", "a,10", "a,10", "b,10", "b,10"],
      ],
    );
    assertEquals((await readExperimentResults(path)).slice(0, 2).map(({ measure }) => measure), [
      ...["x", "a"],
    ]);
    const left = await Array.fromAsync(Deno.readDir(`${folder}/results`));
    assertEquals(left.map(({ name }) => name), ["a.csv"], "the lock is gone");
  }));

Deno.test("the digest of a row follows its recipe, not its title", () => {
  const [student, pixels] = experiment.rows;
  assert(student && pixels && "recipe" in student);
  const digest = (row: Experiment["rows"][number], tasks = ["digits"]) => rowDigest({ tasks }, row);
  assertEquals(digest({ ...student, name: "other", title: "other" }), digest(student));
  assertEquals(digest({ ...pixels, name: "other", title: "other" }), digest(pixels));
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

Deno.test("the digest of a row does not depend on where image sets lie", () => {
  const lying = (folder: string) => {
    const images = { ...tiny.images, sources: [{ path: `${folder}/set/train.zip` }] };
    return rowDigest(experiment, { name: "a", recipe: { ...tiny, images } });
  };
  assertEquals(lying("/data"), lying("../shared/data"));
});
