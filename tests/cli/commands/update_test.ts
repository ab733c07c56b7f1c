import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { drift } from "../../../lib/cli/commands/use/drift.ts";
import { update } from "../../../lib/cli/commands/update.ts";
import { runCommand } from "../../../lib/cli/run_command.ts";
import { applyOverrides } from "../../../lib/recipe/overrides.ts";
import { cardFacts } from "../../../lib/report/card/card_facts.ts";
import { loadRecipe } from "../../../lib/recipe/load.ts";
import { distill } from "../../../lib/training/distill.ts";
import tinyTest from "../../../recipes/tiny_test.ts";
import { png, writeFiles } from "../../images/images_fixture.ts";

/** Holds what {@linkcode begin} made once for all tests, which leave it as it was. */
let folder = "";

Deno.test.beforeAll(async () => {
  folder = await Deno.makeTempDir({ prefix: "hashigo" });
  await begin(folder);
});

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

async function run(command: typeof update | typeof drift, ...args: string[]) {
  const out: string[] = [], err: string[] = [];
  const output = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  // One signature for commands of other options.
  const status = await runCommand(command as typeof update, args, { output });
  return { status, out: out.join("\n"), err: err.join("\n") };
}

/** A finished run of 40 images, 40 new ones, of which two were in the run, and a folder without these. */
async function begin(folder: string) {
  const images = async (name: string, from: number, count: number) => {
    const files: Record<string, Uint8Array> = {};
    for (let i = 0; i < count; i++) {
      files[`${name}/${i % 2 === 0 ? "even" : "odd"}/${i}.png`] = await png(from + i, 32, 32);
    }
    await writeFiles(folder, files);
  };
  await images("old", 0, 40);
  await images("new", 40, 40);
  await images("mixed", 38, 40);
  const recipe = applyOverrides(tinyTest, [
    `images.sources=${JSON.stringify([{ path: `${folder}/old` }])}`,
    ...["featureCache=true", "images.views=2", "optimization.steps=4", "name=before"],
    "evaluation.tasks=[]",
  ]);
  for await (const _ of distill(recipe, { folder: `${folder}/run` }));
}

Deno.test("an update starts from the old student and projectors, rehearses, and shows tasks before and after", async () => {
  const after = `${folder}/after`;
  const { status, out, err } = await run(
    update,
    ...[`${folder}/run`, "--images", `${folder}/new`, "--run", after],
    // Steps instead of minutes, so that nothing is waited for.
    ...["--set", "optimization.steps=8", "--evaluate", `${folder}/new`, "--json"],
  );
  assertEquals(status, 0, err);
  const result = JSON.parse(out);
  assertEquals([result.images, result.rehearsed, result.finished], [40, 40, true]);
  assert(result.cost.scratch > result.cost.before && result.cost.seconds > 0, out);
  const models = new Set(result.rows.map(({ model }: { model: string }) => model));
  assert(models.has("before") && models.has("student"), [...models].join());
  assertStringIncludes(err, "before  after  difference");
  const recipe = await loadRecipe(`${after}/recipe.json`);
  assertEquals(recipe.student.from, `${folder}/run`);
  assertEquals(recipe.ladder.from, `${folder}/run`);
  assertEquals(recipe.images.sources[0], { run: `${folder}/run`, images: 40 });
  assertEquals(recipe.optimization.learningRate, 0.001);
  // The images of the old run count in the card's licence.
  assertEquals((await cardFacts(after)).images.map(({ name }) => name), ["old", "new"]);
  // What is left behind can be run again.
  await loadRecipe(`${after}/recipe.ts`);
});

Deno.test("without the old teachers the old student takes their place", async () => {
  const after = `${folder}/without_teachers`;
  const { status, err } = await run(
    update,
    ...[`${folder}/run`, "--images", `${folder}/new`, "--run", after],
    ...["--teachers", "specialist_land_use", "--rehearse", "0.5", "--set", "optimization.steps=5"],
  );
  assertEquals(status, 0, err);
  const recipe = await loadRecipe(`${after}/recipe.json`);
  assertEquals(recipe.teachers, [
    { name: "old_student", checkpoint: `student:${folder}/run` },
    { name: "specialist_land_use" },
  ]);
  assertEquals(recipe.ladder.from, undefined);
  assertEquals(recipe.images.sources[0], { run: `${folder}/run`, images: 40 });
});

Deno.test("mistakes leave with status 2 before anything is trained", async () => {
  const broken: Record<string, string> = {};
  for (let i = 0; i < 40; i++) broken[`broken/${i}.png`] = "no picture";
  await writeFiles(folder, broken);
  await Deno.copyFile(`${folder}/run/recipe.json`, `${folder}/recipe.json`);
  await Deno.mkdir(`${folder}/unfinished`);
  await Deno.rename(`${folder}/recipe.json`, `${folder}/unfinished/recipe.json`);
  const images = ["--images", `${folder}/new`], known = `${folder}/run`;
  const mistakes: [args: string[], message: string][] = [
    [[known], "Found no --images"],
    [[known, "--images", `${folder}/mixed`], "trained on 2 of the 40 already"],
    [[known, "--images", `${folder}/old`], "trained on all of the 40 already"],
    [[known, "--images", `${folder}/broken`], "40 are unreadable"],
    [[known, "--images", `${folder}/absent`], "no such file or folder"],
    [[known, ...images, "--rehearse", "1"], "Found --rehearse 1"],
    [[known, ...images, "--minutes", "0"], "Found --minutes 0"],
    [[known, ...images, "--teachers", "none"], "can teach only what it knows"],
    [[known, ...images, "--teachers", "nobody"], "Cannot learn from"],
    [[`${folder}/unfinished`, ...images], "found no student.safetensors"],
    [[`${folder}/new`, ...images], "found no recipe.json"],
    [[known, ...images, "--run", known], "a finished run"],
    // These minutes are what the run would have had, so the option has come through.
    [
      [known, ...images, "--minutes", "0.0001", "--run", `${folder}/short`],
      'Cannot run recipe "before-update" in 0.0001 minutes: one pass over its 80 images',
    ],
  ];
  for (const [args, message] of mistakes) {
    const { status, err } = await run(update, ...args);
    assertEquals(status, 2, `${args.join(" ")}: ${err}`);
    assertStringIncludes(err, message);
  }
});

Deno.test("harm is measured where a run keeps projectors, and else it is said why not", async () => {
  const args = ["--reference", `${folder}/old`, "--images", `${folder}/new`, "--json"];
  const { status, out, err } = await run(drift, `${folder}/run`, ...args);
  assert(status === 0 || status === 3, err);
  const { harm } = JSON.parse(out);
  assertEquals(harm.images, { reference: 20, current: 20 });
  assertEquals(harm.each.length, 2);
  for (const { times, low, high } of [harm.student, harm.teachers]) {
    assert(low <= times && times <= high && low > 0, JSON.stringify(harm));
  }
  const [kept, away] = [`${folder}/run/checkpoints`, `${folder}/checkpoints`];
  await Deno.rename(kept, away);
  try {
    const without = JSON.parse((await run(drift, `${folder}/run`, ...args)).out);
    assertEquals(without.harm, null);
    assertStringIncludes(without.whyNoHarm, "found no checkpoint");
  } finally {
    await Deno.rename(away, kept);
  }
});
