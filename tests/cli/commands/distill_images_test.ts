import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runCommand } from "../../../lib/cli/run_command.ts";
import { distillCommand } from "../../../lib/cli/commands/distill.ts";
import { loadRecipe } from "../../../lib/recipe/load.ts";
import { runPaths } from "../../../lib/runs/run_folder.ts";
import { inFolder, png, writeFiles } from "../../images/images_fixture.ts";

async function run(...args: string[]) {
  const out: string[] = [], err: string[] = [];
  const output = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const status = await runCommand(distillCommand, args, { output });
  return { status, out: out.join("\n"), err: err.join("\n") };
}

async function writePhotos(folder: string, count: number) {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < count; i++) files[`My Photos/${i % 3}/${i}.png`] = await png(11 * i, 40, 32);
  await writeFiles(folder, files);
  return `${folder}/My Photos`;
}

Deno.test("a folder and two teachers are enough, and the recipe that was chosen runs again", () =>
  inFolder(async (folder) => {
    const images = await writePhotos(folder, 40);
    const begun = ["--images", images, "--teachers", "resnet20_cifar10,specialist_digits"];
    const { status, out, err } = await run(
      ...[...begun, "--student", "tiny", "--minutes", "0.25", "--run", `${folder}/run`, "--json"],
    );
    assertEquals(status, 0, err);
    for (
      const line of [
        "plan for 0.25 min:",
        "images:  40, their shorter side about 32 px",
        "teacher: resnet20_cifar10 at 32 px, ",
        "student: vision transformer, width 96",
        "planned for 0.25 min: ",
      ]
    ) assertStringIncludes(err, line);
    const [, finished] = out.split("\n").map((line) => JSON.parse(line));
    const { recipeSource } = runPaths(`${folder}/run`);
    const recipe = await loadRecipe(recipeSource);
    assertEquals([recipe.name, recipe.optimization.steps], ["my_photos", finished.steps]);
    assertEquals(recipe.budget, undefined);
    const again = await run(recipeSource, "--run", `${folder}/again`, "--json");
    assertEquals(again.status, 0, again.err);
    const [, second] = again.out.split("\n").map((line) => JSON.parse(line));
    assertEquals(second.stateDigest, finished.stateDigest);
    // The student is a teacher of the next one.
    const next = await run(
      ...["--images", images, "--teachers", `${folder}/run`, "--run", `${folder}/next`],
      ...[
        "--set",
        "checkpoint.every=1000",
        "--set",
        "optimization.steps=4",
        "--set",
        "images.views=2",
        "--json",
      ],
    );
    assertEquals(next.status, 0, next.err);
    assertMatch(next.err, /student: vision transformer, width 96.*, from student:/);
  }));

Deno.test("mistakes are told before a teacher is opened", () =>
  inFolder(async (folder) => {
    const images = await writePhotos(folder, 16);
    await writeFiles(folder, {
      "few/a.png": await png(1),
      "empty/notes.txt": "none",
      "broken/a.png": "none",
      "broken/b.png": "none",
      "run/thesis.txt": "",
    });
    const of = (
      ...args: string[]
    ) => ["--images", images, "--teachers", "resnet20_cifar10", ...args];
    const mistakes: [args: string[], message: string][] = [
      [[], "Found nothing, expected RECIPE, or --images FOLDER"],
      [
        ["recipes/tiny_test.ts", ...of()],
        "Found both the recipe recipes/tiny_test.ts and --images",
      ],
      [["recipes/tiny_test.ts", "--minutes", "3"], "Found --minutes without --images"],
      [["--images", images], "Found --images without --teachers"],
      [
        ["--images", `${folder}/absent`, "--teachers", "resnet20_cifar10"],
        "no such file or folder",
      ],
      [
        ["--images", `${folder}/empty`, "--teachers", "resnet20_cifar10"],
        "none with a name in .png",
      ],
      [["--images", `${folder}/broken`, "--teachers", "resnet20_cifar10"], "2 are unreadable"],
      [["--images", images, "--teachers", "resnet20_cifar"], "Did you mean resnet20_cifar10 or"],
      [["--images", images, "--teachers", "dino:absent.pth"], "no such file"],
      [
        ["--images", images, "--teachers", "resnet20_cifar10,resnet20_cifar10@48"],
        "both are called",
      ],
      [of("--student", "large"), "found no network of that name and no size"],
      [of("--minutes", "0"), "expected a number above 0"],
      [of("--evaluate", `${folder}/absent`), "absent"],
      [of("--run", `${folder}/run`), "not a run"],
      [of("--run", `${images}/run`), "lies in the images"],
      [of("--resume"), "Give distill --resume"],
      [
        ["--images", `${folder}/few`, "--teachers", "resnet20_cifar10"],
        "found 1, expected at least 16",
      ],
    ];
    for (const [args, message] of mistakes) {
      const { status, err } = await run(...args);
      assertEquals(status, 2, `${args}: ${err}`);
      assertStringIncludes(err, message);
    }
    assert(!await Deno.stat(`${folder}/new`).then(() => true, () => false));
  }));
