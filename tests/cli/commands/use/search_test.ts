import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import sharp from "sharp";
import { runCommand } from "../../../../lib/cli/run_command.ts";
import { search } from "../../../../lib/cli/commands/use/search.ts";
import { csvLines } from "../../../../lib/io/csv.ts";
import { inFolder, writeFiles } from "../../../images/images_fixture.ts";

async function run(...args: string[]) {
  const out: string[] = [], err: string[] = [];
  const output = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const status = await runCommand(search, args, { output });
  return { status, out: out.join("\n"), err: err.join("\n") };
}

const student = "resnet20_cifar10";
const refuse = (found: string) => new Error(found);

/** Waves of a direction and colours of their own. */
function waves(number: number, side = 60): Promise<Uint8Array> {
  const pixels = Uint8Array.from({ length: side * side * 3 }, (_, i) => {
    const [x, y, channel] = [
      Math.floor(i / 3) % side / side,
      Math.floor(i / 3 / side) / side,
      i % 3,
    ];
    return 128 +
      120 * Math.sin(9 * (x * Math.cos(number) + y * Math.sin(number)) + number * channel);
  });
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } }).png().toBuffer();
}

/** Pictures, one of them twice, in another size and format. */
async function writePictures(folder: string) {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 6; i++) files[`photos/${i}.png`] = await waves(i);
  files["photos/copy.jpg"] = await sharp(files["photos/2.png"]).resize(48).jpeg({ quality: 90 })
    .toBuffer();
  files["photos/<b>.png"] = await waves(7);
  await writeFiles(folder, files);
}

Deno.test("a table has the nearest of each image, never itself", () =>
  inFolder(async (folder) => {
    await writePictures(folder);
    const out = `${folder}/similar.csv`;
    const { status, err, out: said } = await run(
      ...[student, "--index", `${folder}/photos`, "--count", "2", "--out", out],
    );
    assertEquals(status, 0, err);
    const [header, ...rows] = csvLines(await Deno.readTextFile(out), { most: 1000, refuse });
    assertEquals(header, ["image", "place", "neighbour", "similarity"]);
    assertEquals(rows.length, 16);
    assert(rows.every(([image, , neighbour]) => image !== neighbour));
    const nearest = (name: string) => rows.find(([image]) => image === name)![2];
    assertEquals([nearest("copy.jpg"), nearest("2.png")], ["2.png", "copy.jpg"]);
    assertStringIncludes(said, "8 images, their nearest of 8");
  }));

Deno.test("almost the same pictures are listed", () =>
  inFolder(async (folder) => {
    await writePictures(folder);
    const { out } = await run(
      ...[student, "--index", `${folder}/photos`, "--out", `${folder}/a.csv`],
      ...["--duplicates", "0.9", "--json"],
    );
    const { duplicates } = JSON.parse(out);
    assertEquals(duplicates[0].images.sort(), ["2.png", "copy.jpg"]);
  }));

Deno.test("the page shows pictures of other images and their neighbours, and no foreign HTML", () =>
  inFolder(async (folder) => {
    await writePictures(folder);
    await writeFiles(folder, { "new/a.png": await waves(2) });
    const out = `${folder}/similar.html`;
    const { status, err } = await run(
      ...[student, "--index", `${folder}/photos`, "--images", `${folder}/new`, "--out", out],
    );
    assertEquals(status, 0, err);
    const page = await Deno.readTextFile(out);
    // One with its five nearest, and the pair of the index.
    assertEquals(page.match(/<img /g)?.length, 8);
    assertStringIncludes(page, 'src="data:image/jpeg;base64,');
    assertEquals(page.includes("<b>.png"), false);
    // Nothing is fetched.
    assertEquals(/(src|href)="(?!data:)/.test(page), false);
  }));

Deno.test("mistakes leave with status 2", () =>
  inFolder(async (folder) => {
    await writePictures(folder);
    const index = ["--index", `${folder}/photos`], out = ["--out", `${folder}/a.csv`];
    const mistakes: [args: string[], message: string][] = [
      [[student, ...out], "Found no --index"],
      [[student, ...index], "Found no --out"],
      [[student, ...index, "--out", "a.txt"], "ends in .html or .csv"],
      [[student, ...index, ...out, "--count", "0"], "from 1 to 100"],
      [[student, ...index, ...out, "--duplicates", "2"], "at most 1"],
      [[student, "--index", `${folder}/absent`, ...out], "no such file or folder"],
      [["resnet20_cifar", ...index, ...out], "Did you mean resnet20_cifar10"],
    ];
    for (const [args, message] of mistakes) {
      const { status, err } = await run(...args);
      assertEquals(status, 2, err);
      assertStringIncludes(err, message);
    }
  }));
