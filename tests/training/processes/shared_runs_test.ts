/** Whole runs of several processes that are none, whose leader decides between the steps. */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import type { Recipe } from "../../../lib/recipe/options.ts";
import { applyOverrides } from "../../../lib/recipe/overrides.ts";
import { loadLatestCheckpoint } from "../../../lib/runs/checkpoint/checkpoint.ts";
import { distill } from "../../../lib/training/distill.ts";
import { followDistillation } from "../../../lib/training/follow.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";
import { madeUpTeacher, recipeOver, writeImages } from "../tiny_distillation_fixture.ts";
import { pretendedProcesses, writeVariedImages } from "./shared_fixture.ts";

await startEngine();

/** A white of which the first teacher has no features, and which no other image reaches. */
const odd = 255;

function makeTeachers() {
  const first = madeUpTeacher((colours) =>
    tf.where(tf.less(tf.abs(tf.sub(colours, odd / 255)), 1e-4), NaN, colours) as tf.Tensor4D
  );
  return [first, madeUpTeacher((colours) => tf.square(colours), "second")];
}

/** A run by one process, or by two of which this one leads. */
async function run(recipe: Recipe, folder: string, size: number) {
  const groups = size === 1 ? [] : pretendedProcesses(size);
  const others = groups.slice(1).map((group) =>
    followDistillation(recipe, group, { teachers: makeTeachers() })
  );
  const leading = distill(recipe, {
    folder,
    teachers: makeTeachers(),
    group: groups[0],
    signal: new AbortController().signal,
  });
  const losses: number[] = [], incidents: number[] = [];
  let next = await leading.next();
  for (; !next.done; next = await leading.next()) {
    losses.push(next.value.loss);
    if (next.value.incident !== undefined) incidents.push(next.value.step);
  }
  await Promise.all(others);
  const { tensors } = (await loadLatestCheckpoint(folder))!;
  return { losses, incidents, tensors, stopped: next.value.stoppedTeachers };
}

/** One process and two come to the same. */
async function compare(folder: string, settings: readonly string[], tolerance = 1e-5) {
  const teachers = 'teachers=[{"name":"made_up"},{"name":"second"}]';
  // Keys' biases have no gradient but rounding, of which Adam's usual epsilon would make whole steps.
  const recipe = applyOverrides(recipeOver(folder), [
    teachers,
    "optimization.epsilon=1e-4",
    ...settings,
  ]);
  const [one, two] = [
    await run(recipe, `${folder}/one`, 1),
    await run(recipe, `${folder}/two`, 2),
  ];
  const apart = (a: number, b: number) => Math.abs(a - b) / Math.abs(a);
  assertEquals(one.losses.map(Number.isFinite), two.losses.map(Number.isFinite));
  one.losses.forEach((loss, i) => {
    const difference = apart(loss, two.losses[i]!);
    assert(!(difference > 1e-5), `losses of step ${i + 1} are ${difference} apart`);
  });
  for (const [name, { data }] of one.tensors) {
    const other = two.tensors.get(name)!.data,
      largest = data.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    data.forEach((value, i) =>
      assert(Math.abs(value - other[i]!) <= tolerance * largest, `${name}: ${value}, ${other[i]}`)
    );
  }
  return { one, two };
}

Deno.test("a rollback takes all processes back to the leader's checkpoint, slices too", () =>
  inTemporaryFolder(async (folder) => {
    await writeVariedImages(folder, 19);
    await writeImages(folder, { count: 0, odd });
    const { one, two } = await compare(folder, [
      "guard.policy=rollback",
      "optimization.steps=8",
      "optimization.sharded=true",
    ]);
    assertEquals(one.incidents, two.incidents);
    assert(one.incidents.length > 0, "nothing was refused");
  }));

Deno.test("a teacher that the leader's held-out images stop counts no more at any process", () =>
  inTemporaryFolder(async (folder) => {
    await writeVariedImages(folder, 20);
    const { one, two } = await compare(folder, [
      'balancing.stop={"heldOut":4,"every":2,"patience":1,"minimumImprovement":0.9}',
      "optimization.steps=8",
    ]);
    assertEquals(one.stopped, two.stopped);
    assert(Object.keys(one.stopped!).length > 0, "no teacher stopped");
  }));

Deno.test("what is fitted to whole batches before the first step is the same for parts of them", () =>
  inTemporaryFolder(async (folder) => {
    await writeVariedImages(folder, 20);
    const fixed = 'standardizer={"kind":"fixed","batches":2}';
    const { one } = await compare(folder, [fixed, "optimization.steps=6"]);
    assertEquals(one.losses.length, 6);
  }));

Deno.test("stages follow one another at all processes: a larger student, slices, then one that learns from it", () =>
  inTemporaryFolder(async (folder) => {
    await writeVariedImages(folder, 20);
    const stages = [
      { name: "one", teachers: ["made_up"], optimization: { steps: 2 } },
      {
        name: "grown",
        student: { width: 16, heads: 4 },
        optimization: { steps: 2, sharded: true },
      },
      { name: "small", teachers: ["previous", "second"], optimization: { steps: 3 } },
    ];
    // A teacher that is the student of a stage before differs by the rounding of that stage.
    const { one } = await compare(folder, [`stages=${JSON.stringify(stages)}`], 1e-4);
    assertEquals(one.losses.length, 7);
  }));
