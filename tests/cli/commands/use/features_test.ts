import { assertEquals, assertStringIncludes } from "@std/assert";
import { runCommand } from "../../../../lib/cli/run_command.ts";
import { features } from "../../../../lib/cli/commands/use/features.ts";
import { readSafetensors } from "../../../../lib/weights/safetensors/safetensors.ts";
import { inFolder, png, writeFiles } from "../../../images/images_fixture.ts";

async function run(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const output = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const status = await runCommand(features, args, { output });
  return { status, out, err: err.join("\n") };
}

Deno.test("a teacher of the zoo, at another size, by its name", () =>
  inFolder(async (folder) => {
    await writeFiles(`${folder}/images`, { "cat/1.png": await png(1), "2.png": await png(2) });
    const out = `${folder}/f.safetensors`;
    const args = ["mobilenet_v1_imagenet@64", "--images", `${folder}/images`, "--out", out];
    const { status, out: lines, err } = await run(...args, "--batch", "2", "--json");
    assertEquals(status, 0, err);
    const { seconds, ...written } = JSON.parse(lines.join("\n"));
    assertEquals(typeof seconds, "number");
    const listed = "2 images in 1 folder";
    assertEquals(written, { out, images: 2, listed, width: 256, tokens: 4 });
    assertStringIncludes(err, `images: ${listed}`);
    assertStringIncludes(err, "2 images, width 256, 4 patch tokens each");
    const { tensors, metadata } = await readSafetensors(out);
    assertEquals(tensors.get("patch")?.shape, [2, 4, 256]);
    assertEquals(metadata.images, '["2.png","cat/1.png"]');
  }));

Deno.test("an exported student, by its file", () =>
  inFolder(async (folder) => {
    await writeFiles(`${folder}/images`, { "1.png": await png(1) });
    const student = new URL(
      "../../../../data/teachers/specialist_digits/encoder.safetensors",
      import.meta.url,
    ).pathname;
    const out = `${folder}/f.safetensors`;
    const { status, err } = await run(student, "--images", `${folder}/images`, "--out", out);
    assertEquals(status, 0, err);
    assertEquals((await readSafetensors(out)).tensors.get("patch")?.shape, [1, 16, 128]);
  }));

Deno.test("mistakes leave with status 2 and say what was expected", () =>
  inFolder(async (folder) => {
    await writeFiles(folder, { "images/1.png": await png(1), "empty/notes.txt": "none" });
    const images = ["--images", `${folder}/images`];
    const out = ["--out", `${folder}/f.safetensors`];
    const mistakes: [args: string[], message: string][] = [
      [[], "expected MODEL"],
      [["resnet20_cifar10", ...out], "Found no --images"],
      [["resnet20_cifar10", ...images], "Found no --out"],
      [["resnet20_cifar10", ...images, "--out", "f.npy"], "ends in .safetensors"],
      [["resnet20_cifar", ...images, ...out], "Did you mean resnet20_cifar10"],
      [["resnet20_cifar10", "--images", `${folder}/absent`, ...out], "no such file or folder"],
      [["resnet20_cifar10", "--images", `${folder}/empty`, ...out], "none with a name in .png"],
      [["resnet20_cifar10", ...images, ...out, "--batch", "0"], "at least 1"],
    ];
    for (const [args, message] of mistakes) {
      const { status, err } = await run(...args);
      assertEquals(status, 2, `${args}: ${err}`);
      assertStringIncludes(err, message);
    }
  }));
