/**
 * The program beside an export: its features in PyTorch, as tests/golden/export/student_program.py kept them,
 * are ours; and where Python has PyTorch (HASHIGO_PYTHON names one), the program is run.
 */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { openModel } from "../../lib/evaluation/models/open_model.ts";
import { exportStudent } from "../../lib/export/export_student.ts";
import { studentProgram } from "../../lib/export/student_program.ts";
import { sha256 } from "../../lib/weights/verified_file.ts";
import { assertClose, golden } from "../golden_values_fixture.ts";
import { inFolder } from "../images/images_fixture.ts";
import { goldenImages } from "../teachers/golden_images_fixture.ts";
import { studentConfigs, studentFile } from "./student_program_fixture.ts";

await startEngine();

const expected = golden<{ readonly [name: string]: Record<"program" | "cls" | "patch", string> }>(
  "export/student_program",
);
assertEquals(Object.keys(expected), Object.keys(studentConfigs));

const python = Deno.env.get("HASHIGO_PYTHON") ?? "python3";
const withTorch = await new Deno.Command(python, { args: ["-c", "import torch"] }).output()
  .then(({ success }) => success, () => false);
const reason = withTorch ? "" : ` (skipped: ${python} has no torch; HASHIGO_PYTHON names another)`;

/** Exports the student of a config as a person does. */
async function exported(folder: string, name: string): Promise<string> {
  const made = `${folder}/made.safetensors`, out = `${folder}/student.safetensors`;
  await Deno.writeFile(made, studentFile(studentConfigs[name]!));
  const { program } = await exportStudent(made, { format: "safetensors", out });
  assertEquals(program, `${folder}/student.py`);
  return out;
}

for (const [name, { program, cls, patch }] of Object.entries(expected)) {
  Deno.test(`${name}: our features are those of student.py in PyTorch`, () =>
    inFolder(async (folder) => {
      const { backbone } = await openModel(await exported(folder, name));
      // The values are those of this program: if it changed, they must be made again.
      assertEquals(await sha256(await Deno.readFile(`${folder}/student.py`)), program);
      const features = backbone.features(goldenImages(2, 24));
      assertClose(features.cls ?? [], cls, 1e-5, "cls");
      assertClose(features.patch ?? [], patch, 1e-5, "patch");
      backbone.dispose();
    }));

  // Starting PyTorch takes longer than all else: one program of each sort.
  if (!["a stem of convolutions", "inverted residuals of several sizes, scaled"].includes(name)) {
    continue;
  }
  Deno.test({
    name: `${name}: student.py runs in PyTorch as it is${reason}`,
    ignore: !withTorch,
    fn: () =>
      inFolder(async (folder) => {
        await exported(folder, name);
        const code = "import json, sys, student\n" +
          "images = student.torch.tensor(json.load(sys.stdin)).permute(0, 3, 1, 2)\n" +
          "print(json.dumps([x.flatten().tolist() for x in student.features(images, *student.load())]))";
        const process = new Deno.Command(python, {
          ...{ args: ["-c", code], cwd: folder },
          ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
        }).spawn();
        const writer = process.stdin.getWriter();
        await writer.write(
          new TextEncoder().encode(JSON.stringify(goldenImages(2, 24).arraySync())),
        );
        await writer.close();
        const { stdout, stderr } = await process.output();
        const [found = [], patches = []] = JSON.parse(new TextDecoder().decode(stdout) || "[]");
        assert(found.length > 0, new TextDecoder().decode(stderr));
        assertClose(found, cls, 1e-5, "cls");
        assertClose(patches, patch, 1e-5, "patch");
        const alone = await new Deno.Command(python, { args: ["student.py"], cwd: folder })
          .output();
        assertStringIncludes(new TextDecoder().decode(alone.stdout), "CLS [1, ");
      }),
  });
}

Deno.test("the program is short, names its file whatever it is called, and replaces only itself", () =>
  inFolder(async (folder) => {
    const odd = studentProgram('a "b".safetensors', Object.values(studentConfigs)[0]!);
    assertStringIncludes(odd, String.raw`with_name("a \"b\".safetensors")`);
    assert(odd.split("\n").length < 75, `${odd.split("\n").length} lines`);
    const [name] = Object.keys(studentConfigs);
    await exported(folder, name!);
    await exported(folder, name!);
    await Deno.writeTextFile(`${folder}/student.py`, "print('mine')\n");
    await assertRejects(() => exported(folder, name!), UserError, "another program of that name");
  }));
