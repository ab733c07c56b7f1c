/** The file of an experiment's results, and the digests of its rows. */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import type { Experiment } from "../../lib/experiments/experiment.ts";
import {
  addExperimentResults,
  readExperimentResults,
  rowDigest,
} from "../../lib/experiments/results.ts";
import { UserError } from "../../lib/errors/user_error.ts";
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
