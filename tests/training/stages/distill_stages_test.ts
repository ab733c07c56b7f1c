/** Recipes with stages: what each begins with, and runs that are stopped in any of them. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { loadRecipe } from "../../../lib/recipe/load.ts";
import type { Recipe, RecipeStage } from "../../../lib/recipe/options.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import { runPaths } from "../../../lib/runs/run_folder.ts";
import { stageStates } from "../../../lib/runs/stage_states.ts";
import { readLog } from "../../../lib/runs/step_log.ts";
import { readSafetensors } from "../../../lib/weights/safetensors/safetensors.ts";
import { distill } from "../../../lib/training/distill.ts";
import { inFolder } from "../../images/images_fixture.ts";
import { runToEnd } from "../shared_runs_fixture.ts";
import { madeUpTeacher, recipeOver, writeImages } from "../tiny_distillation_fixture.ts";

await startEngine();

const teachers = [madeUpTeacher(), madeUpTeacher((colours) => colours.square(), "squares")];

/** One teacher, then both and a larger student, then a small one that learns from the larger. */
const stages: readonly RecipeStage[] = [
  { name: "one", optimization: { steps: 4 } },
  { name: "grown", teachers: ["made_up", "squares"], student: { width: 16, heads: 4, depth: 2 } },
  { name: "small", teachers: ["previous", "squares"], optimization: { steps: 5 } },
];

async function staged(
  folder: string,
  more: Partial<Recipe> = {},
): Promise<Recipe> {
  await writeImages(folder, { count: 12 });
  const recipe = recipeOver(folder);
  return defineRecipe({
    ...recipe,
    optimization: { ...recipe.optimization, steps: 6 },
    stages,
    ...more,
  });
}

Deno.test("each stage is a run with its own teachers and student, the last is the run itself", () =>
  inFolder(async (folder) => {
    const notes: string[] = [], run = `${folder}/run`, tracked: number[] = [];
    const { reports, summary } = await runToEnd(await staged(folder), {
      ...{ folder: run, teachers, onNote: (line: string) => notes.push(line) },
      trackers: [{ name: "steps", track: ({ step }) => void tracked.push(step) }],
    });
    assertEquals(summary.run, run);
    assertEquals(summary.finished, true);
    assertEquals(summary.stages?.map(({ name, step }) => [name, step]), [
      ["one", 4],
      ["grown", 6],
      ["small", 5],
    ]);
    assertEquals(
      reports.map(({ stage }) => stage),
      [...Array(4).fill("one (1 of 3)"), ...Array(6).fill("grown (2 of 3)")].concat(
        Array(5).fill("small (3 of 3)"),
      ),
    );
    assertEquals(tracked, Array.from({ length: 15 }, (_, i) => i + 1), "steps of the whole");
    const folders = [`${run}/stages/one`, `${run}/stages/grown`, run];
    const recipes = await Promise.all(folders.map((one) => loadRecipe(runPaths(one).recipe)));
    assertEquals(recipes.map(({ stages }) => stages), [undefined, undefined, undefined]);
    assertEquals(recipes.map(({ teachers }) => teachers.map(({ name }) => name).join()), [
      "made_up",
      "made_up,squares",
      "grown,squares",
    ]);
    assertEquals(recipes.map(({ student }) => student.from), [undefined, folders[0], undefined]);
    assertEquals(recipes[2]?.teachers[0]?.checkpoint, `student:${folders[1]}`);
    const logs = await Promise.all(folders.map((one) => readLog(runPaths(one).log)));
    assertEquals(logs.map((log) => Object.keys(log.at(-1)!.losses).sort().join()), [
      "made_up",
      "made_up,squares",
      "grown,squares",
    ]);
    assert(notes.some((line) => line.includes("stage 2 of 3, grown: made_up, squares into")));
    // What a student learnt before counts for its licence too.
    const { metadata } = await readSafetensors(runPaths(folders[1]!).student);
    assertEquals(JSON.parse(metadata.teacherLicences!), {
      ...{ made_up: "CC0-1.0", squares: "CC0-1.0" },
      "made_up.one": "CC0-1.0",
    });
  }));

Deno.test("a run that is stopped in any stage goes on to the same result, bit for bit", () =>
  inFolder(async (folder) => {
    const recipe = await staged(folder);
    const whole = await runToEnd(recipe, { folder: `${folder}/whole`, teachers });
    for (const stop of [2, 4, 7, 10, 12]) {
      const run = `${folder}/stopped_${stop}`;
      let done = 0;
      for await (const _ of distill(recipe, { folder: run, teachers })) {
        if (++done === stop) break;
      }
      const states = await stageStates(run);
      assertEquals(states.reduce((sum, { step }) => sum + step, 0), stop);
      await assertRejects(
        () => runToEnd(recipe, { folder: run, teachers }),
        UserError,
        "an unfinished run",
      );
      const notes: string[] = [];
      const { reports, digest, summary } = await runToEnd(recipe, {
        ...{ folder: run, teachers, resume: true, onNote: (line: string) => notes.push(line) },
      });
      const passedOver = notes.includes("stage 1 of 3, one: finished before");
      assertEquals(passedOver, stop > 4, "nothing of a finished stage is opened again");
      assertEquals(reports.length, 15 - stop, `stopped after ${stop}`);
      assertEquals(summary.finished, true);
      assertEquals(digest, whole.digest, `stopped after ${stop}`);
      const students = [run, `${folder}/whole`].map((one) =>
        Deno.readFileSync(runPaths(one).student)
      );
      assertEquals(students[0], students[1]);
    }
  }));

Deno.test("a signal stops in the stage at hand, and says so", () =>
  inFolder(async (folder) => {
    const recipe = await staged(folder), stop = new AbortController();
    const steps = distill(recipe, { folder: `${folder}/run`, teachers, signal: stop.signal });
    for (let done = 0; done < 6; done++) await steps.next();
    stop.abort();
    let next = await steps.next();
    while (!next.done) next = await steps.next();
    assertEquals(next.value.finished, false);
    assertEquals(next.value.run, `${folder}/run`);
    const [one, grown, small] = next.value.stages ?? [];
    assertEquals([one?.finished, grown?.finished, small?.step], [true, false, 0]);
    assert(grown!.step >= 2 && grown!.step < 6, `${grown!.step}`);
  }));

Deno.test("other stages are refused when a run is resumed, with what differs", () =>
  inFolder(async (folder) => {
    const recipe = await staged(folder), run = `${folder}/run`;
    for await (const _ of distill(recipe, { folder: run, teachers })) break;
    const resumed = (stages: readonly RecipeStage[] | undefined) => {
      const { stages: _, ...rest } = recipe;
      const changed = defineRecipe(stages === undefined ? rest : { ...rest, stages });
      return runToEnd(changed, { folder: run, teachers, resume: true });
    };
    const [one, grown, small] = stages as [RecipeStage, RecipeStage, RecipeStage];
    const cases: [readonly RecipeStage[] | undefined, string][] = [
      [
        [{ ...one, optimization: { steps: 9 } }, grown, small],
        "stages.one.optimization.steps: 4 -> 9",
      ],
      [[one, small], "stages.grown.place: 2 -> not given"],
      [
        [one, small, grown].map((stage) => ({ ...stage, student: {} })),
        "stages.grown.place: 2 -> 3",
      ],
      [undefined, "stages.one.place: 1 -> not given"],
    ];
    for (const [changed, expected] of cases) {
      const { message } = await assertRejects(() => resumed(changed), UserError);
      assertStringIncludes(message, expected);
    }
    // What cannot change the student may differ.
    await resumed([{ ...one, checkpoint: { every: 1 } }, grown, small]);
  }));

Deno.test("a first stage that cannot begin leaves nothing behind", () =>
  inFolder(async (folder) => {
    const recipe = await staged(folder), run = `${folder}/run`;
    const images = { ...recipe.images, quarantine: 0 };
    await Deno.writeTextFile(`${folder}/images/a/broken.png`, "no image");
    await assertRejects(
      () => runToEnd(defineRecipe({ ...recipe, images }), { folder: run, teachers }),
      UserError,
    );
    assert(!await Deno.stat(run).then(() => true, () => false), "the folder is gone");
  }));

Deno.test("a teacher of a stage that is not there is refused before the first stage", () =>
  inFolder(async (folder) => {
    const recipe = await staged(folder), run = `${folder}/run`;
    const given = await assertRejects(
      () => runToEnd(recipe, { folder: run, teachers: teachers.slice(0, 1) }),
      UserError,
    );
    assertStringIncludes(given.message, 'stage "grown": its teacher "squares" is not among those');
    const named = defineRecipe({
      ...recipe,
      teachers: ["resnet20_cifar10"],
      stages: [{ name: "one" }, { name: "two", teachers: ["resnet20_cifar1"] }],
    });
    const { message } = await assertRejects(() => runToEnd(named, { folder: run }), UserError);
    assertStringIncludes(message, 'Stage "two": Cannot load the teacher "resnet20_cifar1"');
    assertStringIncludes(message, "Did you mean resnet20_cifar10");
    assert(!await Deno.stat(run).then(() => true, () => false), "nothing was made");
  }));

Deno.test("a teacher of a stage stops early where its held-out loss no longer falls", () =>
  inFolder(async (folder) => {
    const stop = { heldOut: 4, every: 1, patience: 1, minimumImprovement: 0.9 };
    const [one, grown, small] = stages as [RecipeStage, RecipeStage, RecipeStage];
    const recipe = await staged(folder, {
      stages: [one, { ...grown, balancing: { stop } }, small],
    });
    await runToEnd(recipe, { folder: `${folder}/run`, teachers });
    const result = JSON.parse(
      await Deno.readTextFile(runPaths(`${folder}/run/stages/grown`).result),
    );
    assertEquals(Object.keys(result.stoppedTeachers).length, 1, JSON.stringify(result));
    const last = JSON.parse(await Deno.readTextFile(runPaths(`${folder}/run`).result));
    assertEquals(last.stoppedTeachers, undefined, "the next stage has its own rule");
  }));
