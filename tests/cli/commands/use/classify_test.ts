import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runCommand } from "../../../../lib/cli/run_command.ts";
import { classify } from "../../../../lib/cli/commands/use/classify.ts";
import { openStudent } from "../../../../lib/inference/open_student.ts";
import { csvLines } from "../../../../lib/io/csv.ts";
import { inFolder, writeFiles } from "../../../images/images_fixture.ts";
import { openSourceFiles } from "../../../../lib/images/sources/source.ts";

const digits = new URL("../../../../data/", import.meta.url).pathname;

async function run(...args: string[]) {
  const out: string[] = [], err: string[] = [];
  const output = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const status = await runCommand(classify, args, { output });
  return { status, out: out.join("\n"), err: err.join("\n") };
}

/** A student that knows digits, and images of the digits 0 to 2: to learn from, and others. */
async function writeDigits(folder: string) {
  await Deno.copyFile(
    `${digits}teachers/specialist_digits/encoder.safetensors`,
    `${folder}/student.safetensors`,
  );
  const zip = await openSourceFiles(`${digits}images/digits.zip`);
  const files: Record<string, Uint8Array> = {};
  const counts = new Map<string, number>();
  for (const [place, { name }] of zip.files.entries()) {
    const [, part, digit] = /(train|test)\/(\d)\//.exec(name) ?? [];
    if (part === undefined || !["0", "1", "2"].includes(digit!)) continue;
    const key = `${part}/${digit}`, count = counts.get(key) ?? 0;
    if (count >= (part === "train" ? 12 : 6)) continue;
    counts.set(key, count + 1);
    files[`${part === "train" ? "labelled" : "new"}/${digit}/${count}.png`] = await zip.read(place);
  }
  zip.close();
  await writeFiles(folder, { ...files, "new/0/broken.png": "no image" });
}

Deno.test("a classifier is fitted, kept beside the student, and sorts images", () =>
  inFolder(async (folder) => {
    await writeDigits(folder);
    const [student, out] = [`${folder}/student.safetensors`, `${folder}/classes.csv`];
    const labelled = ["--train", `${folder}/labelled`], images = ["--images", `${folder}/new`];
    const first = await run(student, ...labelled, ...images, "--out", out);
    assertEquals(first.status, 0, first.err);
    assertMatch(first.out, /head.safetensors: 3 classes/);
    assertMatch(first.out, /right on held-out images: \d+\.\d % \[.*\] of 36/);
    assertStringIncludes(first.out, "classes.csv: 19 images, ");
    assertStringIncludes(first.out, "1 unreadable");
    assertMatch(first.out, /(9\d|100)\.\d % are of the class whose name their folder has/);
    assertStringIncludes(first.err, "0/broken.png is unreadable and left out");
    const refuse = (found: string) => new Error(found);
    const [header, ...rows] = csvLines(await Deno.readTextFile(out), { most: 1000, refuse });
    assertEquals(header, ["image", "class", "probability", "unsure", "note"]);
    const right = rows.filter(([image, name]) => image!.startsWith(`${name}/`));
    assert(right.length >= 16);
    const broken = rows.find(([image]) => image === "0/broken.png")!;
    assertEquals(broken.slice(1, 4), ["", "", "unsure"]);
    assertStringIncludes(broken[4]!, "unreadable: ");
    for (const [, , probability, unsure] of right) {
      assertEquals(unsure === "unsure", Number(probability) < 0.5);
    }
    // Again, by the one that was kept; and in code.
    const table = await Deno.readTextFile(out);
    const again = await run(student, ...images, "--out", out);
    assertEquals(again.status, 0, again.err);
    assertEquals(await Deno.readTextFile(out), table);
    using opened = await openStudent(student);
    assertEquals(opened.classes, ["0", "1", "2"]);
    const [image, name, probability] = right[0]!;
    const [one] = await opened.classify([`${folder}/new/${image}`]);
    assertEquals(one!.class, name);
    assert(Math.abs(one!.probability - Number(probability)) < 1e-3);
  }));

Deno.test("costs decide, and are kept with the classifier", () =>
  inFolder(async (folder) => {
    await writeDigits(folder);
    const costs = "true,0,1,2\n0,0,1000,1000\n1,1,0,1\n2,1,1,0\n";
    await writeFiles(folder, { "costs.csv": costs });
    const student = `${folder}/student.safetensors`, model = `${folder}/careful.safetensors`;
    const fitted = await run(
      ...[student, "--train", `${folder}/labelled`, "--model", model],
      ...["--costs", `${folder}/costs.csv`, "--rejection", "0.01", "--json"],
    );
    assertEquals(fitted.status, 0, fitted.err);
    const { classes, validation } = JSON.parse(fitted.out);
    assertEquals(classes, ["0", "1", "2"]);
    assertEquals(typeof validation.deferral.deferred, "number");
    const applied = await run(student, "--images", `${folder}/new`, "--model", model, "--json");
    assertEquals(JSON.parse(applied.out).images, 19);
    assert(JSON.parse(applied.out).unsure > 0, "a hundredth is little to ask a person");
  }));

Deno.test("mistakes leave with status 2 before anything is computed", () =>
  inFolder(async (folder) => {
    await writeDigits(folder);
    await writeFiles(folder, { "one/a/1.png": "x", "text.csv": "image,label\n" });
    const student = `${folder}/student.safetensors`;
    const labelled = ["--train", `${folder}/labelled`], images = ["--images", `${folder}/new`];
    const mistakes: [args: string[], message: string][] = [
      [[], "expected RUN"],
      [[student], "Found neither --train nor --images"],
      [[student, ...images], "Fit it with --train FOLDER"],
      [[student, ...images, "--model", `${folder}/text.csv`], "Cannot read"],
      [[student, ...labelled, "--out", "a.csv"], "without --images"],
      [[student, ...labelled, ...images, "--out", "a.txt"], "ends in .csv"],
      [[student, ...images, "--costs", "a.csv"], "Found --costs without --train"],
      [[student, ...labelled, "--rejection", "x"], "expected a number"],
      [[student, ...labelled, "--costs", `${folder}/absent.csv`], "no such file"],
      [["resnet20_cifar10", ...labelled], "has no folder to keep a classifier in"],
      [[`${folder}/absent`, ...labelled], "Cannot open the model"],
      [[student, "--train", `${folder}/absent`], "no such file or folder"],
    ];
    for (const [args, message] of mistakes) {
      const { status, err } = await run(...args);
      assertEquals(status, 2, `${args}: ${err}`);
      assertStringIncludes(err, message);
    }
    assertEquals(await Deno.stat(`${folder}/head.safetensors`).catch(() => undefined), undefined);
  }));
