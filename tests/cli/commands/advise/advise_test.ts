/** `advise`: its answer, its recipe, and what it says to wrong arguments. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import sharp from "sharp";
import { advise } from "../../../../lib/cli/commands/advise/advise.ts";
import { runCommand } from "../../../../lib/cli/run_command.ts";
import { loadRecipe } from "../../../../lib/recipe/load.ts";
import { randomStream } from "../../../../lib/tensors/random.ts";
import { inFolder, png, writeFiles } from "../../../images/images_fixture.ts";

async function run(...args: string[]) {
  const out: string[] = [], err: string[] = [];
  const output = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const status = await runCommand(advise, args, { output });
  return { status, out: out.join("\n"), err: err.join("\n") };
}

const two = ["--teachers", "resnet20_cifar10,specialist_land_use"];

/** An image like no other. */
function noise(seed: number): Promise<Uint8Array> {
  const pixels = randomStream(seed).uniform(32 * 32 * 3).map((value) => Math.floor(256 * value));
  return sharp(Uint8Array.from(pixels), { raw: { width: 32, height: 32, channels: 3 } }).png()
    .toBuffer();
}

/** A clock that runs so many times as fast, for what is measured for a given time. */
function hurriedClock(times: number): Disposable {
  const { now } = performance;
  performance.now = () => times * now.call(performance);
  return { [Symbol.dispose]: () => performance.now = now };
}

Deno.test("a set of images and two teachers are enough; the recipe is what distill takes", () =>
  inFolder(async (folder) => {
    const recipe = `${folder}/advised.ts`;
    const photos = Array.from({ length: 70 }, async (_, i) => {
      return [`My Photos/${i}.png`, await noise(i)] as const;
    });
    await writeFiles(folder, Object.fromEntries(await Promise.all(photos)));
    using _hurried = hurriedClock(10);
    const { status, out, err } = await run(
      ...["--images", `${folder}/My Photos`, ...two, "--minutes", "9"],
      ...["--target", "1000,20", "--recipe", recipe, "--json"],
    );
    assertEquals(status, 0, err);
    const { isWorthIt, student, teachers, minutes, facts, objections } = JSON.parse(out);
    assertEquals([isWorthIt, objections], [true, []]);
    // The larger of the two.
    assertEquals(student.name, "specialist_land_use");
    assertEquals(teachers.map(({ name }: { name: string }) => name), [
      ...["specialist_land_use", "resnet20_cifar10"],
    ]);
    assertEquals(facts.images, { count: 70, looked: 70, copies: 0, distinct: 70 });
    assertEquals(facts.students.length, 5);
    assert(student.milliseconds > 0 && minutes.passes >= 1);
    assert(facts.cache.viewBytes > 0 && facts.step.speed.newViewSeconds > 0);
    for (const part of ["Distil: 2 teachers", "Measured on this machine", `recipe: ${recipe}`]) {
      assertStringIncludes(err, part);
    }
    const written = await loadRecipe(recipe);
    assertEquals(written.budget?.minutes, 9);
    assertEquals(written.student.from, "specialist_land_use");
    assertEquals(written.name, "my_photos");
  }));

Deno.test("copies of one image are not worth it: status 3, no step is taken, and no recipe is written", () =>
  inFolder(async (folder) => {
    const image = await png(3, 40, 32);
    const files = Array.from({ length: 100 }, (_, i) => [`photos/${i}.png`, image] as const);
    await writeFiles(folder, Object.fromEntries(files));
    const recipe = `${folder}/advised.ts`;
    const { status, out, err } = await run(
      "--images",
      `${folder}/photos`,
      ...two,
      "--recipe",
      recipe,
    );
    assertEquals(status, 3, err);
    for (const part of ["Not worth it. There are about 1 different image", "No step was taken"]) {
      assertStringIncludes(out, part);
    }
    assertStringIncludes(err, "no recipe: ");
    assertEquals(await Deno.stat(recipe).catch(() => undefined), undefined);
  }));

Deno.test("mistakes are told before the measuring, with what was expected", () =>
  inFolder(async (folder) => {
    await writeFiles(folder, {
      "few/a.png": await png(1),
      "empty/notes.txt": "none",
      "broken/a.png": "none",
      "broken/b.png": "none",
    });
    const digits = ["--images", "data/images/digits.zip"];
    const mistakes: [args: string[], found: string][] = [
      [two, "no --images"],
      [[...digits, "--teachers", "resnet20_cifar10"], "the teacher resnet20_cifar10 alone"],
      [[...digits, "--teachers", "resnet20_cifar10,resnet20_cifar10"], "at least two"],
      [[...digits, "--teachers", "resnet20_cifar10,specialist_digit"], "specialist_digits"],
      [["--images", `${folder}/none`, ...two], "none"],
      [["--images", `${folder}/empty`, ...two], "empty"],
      [["--images", `${folder}/few`, ...two], "at least 16"],
      [["--images", `${folder}/broken`, ...two], "2 are unreadable"],
      [[...digits, ...two, "--minutes", "0"], "--minutes 0"],
      [[...digits, ...two, "--target", "5"], "milliseconds of an image and megabytes"],
      [[...digits, ...two, "--target", "5,0"], "such as 5,10"],
      [[...digits, ...two, "--target", "5,1,2"], "such as 5,10"],
      [[...digits, ...two, "--recipe", `${folder}/a.json`], "ends in .ts"],
      [[...digits, ...two, "--recipe", `${folder}/no/a.ts`], "there is no folder"],
      [["--images", `${folder}/few`, ...two, "--background", "red"], "at least 16"],
    ];
    for (const [args, found] of mistakes) {
      const { status, err } = await run(...args);
      assertEquals(status === 0 || status === 3, false, args.join(" "));
      assertStringIncludes(err, found, args.join(" "));
    }
  }));
