import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import sharp from "sharp";
import { drift } from "../../../../lib/cli/commands/use/drift.ts";
import { runCommand } from "../../../../lib/cli/run_command.ts";
import { randomStream } from "../../../../lib/tensors/random.ts";
import { inFolder, writeFiles } from "../../../images/images_fixture.ts";

async function run(...args: string[]) {
  const out: string[] = [], err: string[] = [];
  const output = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const status = await runCommand(drift, args, { output });
  return { status, out: out.join("\n"), err: err.join("\n") };
}

const student = "resnet20_cifar10", side = 32;

/** Clouds of colour, brighter by so much. */
function cloud(number: number, brighter: number): Promise<Uint8Array> {
  const draws = randomStream(number).uniform(7);
  const pixels = Uint8Array.from({ length: side * side * 3 }, (_, i) => {
    const [x, y, channel] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side), i % 3];
    const wave = Math.sin(draws[0]! * x / 3 + draws[1]! * y / 3 + 6 * draws[2]!);
    return Math.max(
      0,
      Math.min(255, 60 + 60 * wave * draws[3]! + 80 * draws[4 + channel]! + brighter),
    );
  });
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } }).png().toBuffer();
}

async function writeClouds(folder: string, name: string, from: number, count = 60, brighter = 0) {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < count; i++) files[`${name}/${i}.png`] = await cloud(from + i, brighter);
  await writeFiles(folder, files);
}

Deno.test("images of the same kind are no drift, brighter ones are, by status, table, JSON and page", () =>
  inFolder(async (folder) => {
    await writeClouds(folder, "reference", 0);
    await writeClouds(folder, "same", 100);
    await writeClouds(folder, "brighter", 200, 60, 90);
    const reference = ["--reference", `${folder}/reference`];
    const same = await run(student, ...reference, "--images", `${folder}/same`);
    assertEquals(same.status, 0, same.err);
    assertStringIncludes(same.out, "no drift: p ");
    assertStringIncludes(same.out, `harm: not measured: "${student}" is no run`);
    const out = `${folder}/out/today`;
    const found = await run(
      ...[student, ...reference, "--images", `${folder}/brighter`, "--out", out, "--json"],
    );
    assertEquals(found.status, 3, found.err);
    const record = JSON.parse(found.out);
    assertEquals([record.drift, record.tests.length, record.harm], [true, 3, null]);
    assertEquals(record.tested, { reference: 60, images: 60 });
    assert(record.tests.every(({ p }: { p: number }) => p < 0.05), found.out);
    assertEquals(record.newest.length, 20);
    const { seconds: _, ...kept } = JSON.parse(await Deno.readTextFile(`${out}/drift.json`));
    const { seconds: _s, ...emitted } = record;
    assertEquals(kept, emitted);
    const page = await Deno.readTextFile(`${out}/drift.html`);
    assertEquals(page.match(/<img /g)?.length, 48);
    assertStringIncludes(page, "The images have drifted");
    assertEquals(/(src|href)="(?!data:)/.test(page.split("<noscript>")[0]!), false);
    const again = await run(
      ...[student, ...reference, "--images", `${folder}/brighter`, "--json", "--limit", "40"],
    );
    assertEquals(JSON.parse(again.out).tested, { reference: 40, images: 40 });
  }));

Deno.test("mistakes leave with status 2 and say what was expected", () =>
  inFolder(async (folder) => {
    await writeClouds(folder, "reference", 0, 30);
    await writeClouds(folder, "few", 0, 29);
    const broken: Record<string, string> = {};
    for (let i = 0; i < 40; i++) broken[`broken/${i}.png`] = "no picture";
    await writeFiles(folder, broken);
    await writeFiles(folder, { "unfinished/recipe.json": "{}" });
    const reference = ["--reference", `${folder}/reference`];
    const images = ["--images", `${folder}/reference`];
    const mistakes: [args: string[], message: string][] = [
      [[student, ...images], "Found no --reference"],
      [[student, ...reference], "Found no --images"],
      [[student, ...reference, ...images, "--level", "0"], "Found --level 0"],
      [[student, ...reference, ...images, "--limit", "20"], "Found --limit 20"],
      [[student, ...reference, ...images, "--harm", "7"], "from 30, or 0"],
      [[student, "--reference", `${folder}/few`, ...images], "found 29 images"],
      [
        [student, ...reference, "--images", `${folder}/few`],
        "the new images; expected at least 30",
      ],
      [[student, ...reference, "--images", `${folder}/broken`], "40 are unreadable"],
      [[student, ...reference, "--images", `${folder}/absent`], "no such file or folder"],
      [[`${folder}/unfinished`, ...reference, ...images], "found no student.safetensors"],
      [["resnet20_cifar", ...reference, ...images], "Did you mean resnet20_cifar10"],
      [
        [student, ...reference, ...images, "--out", `${folder}/reference/out`],
        "lies in the images",
      ],
    ];
    for (const [args, message] of mistakes) {
      const { status, err } = await run(...args);
      assertEquals(status, 2, `${args.join(" ")}: ${err}`);
      assertStringIncludes(err, message);
    }
  }));
