/** `select`: its answer, its files, and what it says to wrong arguments. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runCommand } from "../../../../lib/cli/run_command.ts";
import { select } from "../../../../lib/cli/commands/select/select.ts";

import { readSelection, type Selection } from "../../../../lib/evaluation/selection/selection.ts";
import { loadRecipe } from "../../../../lib/recipe/load.ts";
import { inFolder, writeFiles } from "../../../images/images_fixture.ts";

async function run(...args: string[]) {
  const out: string[] = [], err: string[] = [];
  const output = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const status = await runCommand(select, args, { output });
  return { status, out: out.join("\n"), err: err.join("\n") };
}

const two = ["specialist_digits", "resnet20_cifar10"];
const small = ["--canvas", "32", "--limit", "40"];

/** A recipe as text, of these two on digits. */
const recipe = `export default {
  name: "both",
  images: { sources: [{ path: "data/images/digits.zip", split: "train" }], size: 32, canvas: 32 },
  teachers: [{ name: "resnet20_cifar10" }, { name: "specialist_digits" }],
  student: { width: 32, depth: 2, heads: 2, patchSize: 8 },
  optimization: { batchSize: 16, steps: 4 },
  evaluation: { tasks: ["digits"] },
};`;

Deno.test("with a recipe its teachers are chosen from, and it is written with the chosen ones", () =>
  inFolder(async (folder) => {
    await writeFiles(folder, { "both.ts": new TextEncoder().encode(recipe) });
    const { status, out, err } = await run(
      ...["--recipe", `${folder}/both.ts`, "--limit", "40", "--out", `${folder}/out`, "--json"],
    );
    assertEquals(status, 0, err);
    const selection = JSON.parse(out) as Selection;
    assertEquals(selection.teachers.map(({ name }) => name), two.toReversed());
    assertEquals(selection.teachers[selection.steps[0]!.added]!.name, "specialist_digits");
    assertEquals([selection.canvas, selection.tasks[0]?.images, selection.unit], [32, 40, "M"]);
    assertEquals(await readSelection(`${folder}/out`), selection);
    const page = await Deno.readTextFile(`${folder}/out/select.html`);
    assertStringIncludes(page, "Take specialist_digits");
    const written = await loadRecipe(`${folder}/out/select.ts`);
    assertEquals(
      written.teachers.map(({ name }) => name),
      selection.chosen.members.map((place) => selection.teachers[place]!.name),
    );
    assertEquals(written.optimization.steps, 4);
    assertStringIncludes(err, "recipe: ");
  }));

Deno.test("without labels it goes by prediction; a budget is in the unit that it is given in", async () => {
  const { status, out, err } = await run(
    ...[...two, "--images", "data/images/digits.zip", ...small, "--budget", "1.4M"],
  );
  assertEquals(status, 0, err);
  for (const part of ["over budget", "represent, %", "Nothing more is within the budget."]) {
    assertStringIncludes(out, part);
  }
  assert(!out.includes("LogME"));
});

Deno.test("mistakes are told before the work, with what was expected", () =>
  inFolder(async (folder) => {
    await writeFiles(folder, {
      "both.ts": new TextEncoder().encode(recipe),
      "one/cats/1.png": Uint8Array.of(1),
      "one/cats/2.png": Uint8Array.of(1),
      "file": Uint8Array.of(1),
    });
    const mistakes: [args: string[], found: string][] = [
      [["specialist_digits", "--data", "digits"], 'only one, "specialist_digits"'],
      [["--data", "digits"], "found none"],
      [two, "no images that all of them can see"],
      [[...two, "--data", `${folder}/one`], 'one class ("cats")'],
      [[...two, "--data", "world_parts"], "a task of segmentation"],
      [[...two, "--data", "digit"], "Did you mean digits?"],
      [["specialist_digits", "resnet20_cifar", "--data", "digits"], "resnet20_cifar10"],
      [[...two, "--images", `${folder}/none`], "none"],
      [[...two, "--images", folder, "--readout", "chosen"], "images without labels"],
      [[...two, "--data", "digits", "--budget", "20"], "--budget 20"],
      [[...two, "--data", "digits", "--budget", "0ms"], "--budget 0ms"],
      [[...two, "--data", "digits", "--probe", "sgd"], "knn, linear, both"],
      [[...two, "--data", "digits", "--cost-weight", "-1"], "0 or more"],
      [[...two, "--data", "digits", "--weights", "1,2"], "weights 1, 2"],
      [[...two, "--data", "digits", "--limit", "5"], "at least 24"],
      [[...two, "--data", "digits", "--out", `${folder}/file`], "is a file"],
      [["resnet56_cifar10", "--recipe", `${folder}/both.ts`], "some of its teachers"],
    ];
    for (const [args, found] of mistakes) {
      const { status, err } = await run(...args);
      assert(status !== 0, args.join(" "));
      assertStringIncludes(err, found, args.join(" "));
    }
  }));
