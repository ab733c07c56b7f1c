/** ONNX files written, looked at and refused as a person does it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runCommand } from "../../../../lib/cli/run_command.ts";
import { exportCommand } from "../../../../lib/cli/commands/use/export.ts";
import { startEngine } from "../../../../lib/engine/backend.ts";
import { fitHead } from "../../../../lib/inference/fit_head.ts";
import { writeHead } from "../../../../lib/inference/head_file.ts";
import { inFolder } from "../../../images/images_fixture.ts";

async function run(...args: string[]) {
  const out: string[] = [], err: string[] = [];
  const output = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const status = await runCommand(exportCommand, args, { output });
  return { status, out: out.join("\n"), err: err.join("\n") };
}

const student = "data/teachers/specialist_digits/encoder.safetensors";
const images = ["--images", "data/images/digits.zip"];

Deno.test("a folder that was exported is compared again, and one that was changed refused", () =>
  inFolder(async (folder) => {
    const out = `${folder}/onnx`, model = `${out}/onnx/model.onnx`;
    const written = await run(student, "--format", "onnx", "--out", out, ...images);
    assertEquals(written.status, 0, written.err);
    assertStringIncludes(await Deno.readTextFile(`${out}/MODEL_CARD.md`), "**Licence: ");
    for (const path of [out, model]) {
      const { status, out: said, err } = await run(student, "--check", path, ...images);
      assertEquals(status, 0, err);
      assertStringIncludes(said, "differs from the student by");
    }
    const bytes = await Deno.readFile(model);
    const middle = bytes.length >> 1;
    for (let i = middle; i < middle + 4000; i++) bytes[i]! ^= 0x80;
    await Deno.writeFile(model, bytes);
    const changed = await run(student, "--check", out, ...images);
    assertEquals(changed.status, 2);
    assertStringIncludes(changed.err, "Another program changed it");
  }));

Deno.test("a classifier of other features does not get into the file", () =>
  inFolder(async (folder) => {
    const model = `${folder}/head.safetensors`, copy = `${folder}/student.safetensors`;
    const features = Float32Array.from({ length: 40 }, (_, i) => (i % 2 ? 1 : -1) + (i % 7) / 20);
    const labels = Int32Array.from({ length: 40 }, (_, i) => i % 2);
    const made = { classes: ["low", "high"], network: "made up", images: "40 numbers" };
    await startEngine();
    await writeHead(model, await fitHead({ features, labels, width: 1 }, made));
    const out = `${folder}/onnx`;
    const given = await run(student, "--format", "onnx", "--out", out, "--model", model, ...images);
    assertEquals(given.status, 2);
    assertStringIncludes(given.err, "fitted to other features");
    assert(await Deno.stat(out).then(() => false, () => true));
    // One that lies beside the student by chance is left out.
    await Deno.copyFile(student, copy);
    const beside = await run(copy, "--format", "onnx", "--out", out, ...images);
    assertEquals(beside.status, 0, beside.err);
    assert(!beside.out.includes("probabilities"));
  }));

Deno.test("what cannot be written or compared is refused before anything is written", () =>
  inFolder(async (folder) => {
    const out = `${folder}/onnx`, onnx = ["--format", "onnx", "--out", out];
    const mistakes: [args: string[], message: string][] = [
      [["--check", folder], "expected the folder of an earlier export"],
      [["--check", out, "--out", folder], "writes nothing: expected one of them"],
      [[...onnx, "--readout", "chosen"], "gives features as they are"],
      [[...onnx, "--data-licence", "WTFPL2"], 'Cannot use the licence "WTFPL2"'],
      [[...onnx, "--licence-must-allow", "money"], "expected commercial"],
      [[...onnx, "--images", `${folder}/absent`], "no such file or folder"],
      [["--format", "onnx", "--out", `${folder}/x.onnx`], "expected the name of a folder"],
    ];
    for (const [args, message] of mistakes) {
      const { status, err } = await run(student, ...args);
      assertEquals(status, 2, `${args}: ${err}`);
      assertStringIncludes(err, message);
    }
    assert(await Deno.stat(out).then(() => false, () => true));
  }));
