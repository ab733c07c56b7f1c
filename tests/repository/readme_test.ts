/** The README names tasks and files that exist; result_pages_test.ts compares its tables. */
import { assert, assertEquals } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import { writeHead } from "../../lib/inference/head_file.ts";
import { decodeStudent } from "../../lib/teachers/student_file.ts";
import { inFolder, png } from "../images/images_fixture.ts";

const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));

Deno.test("the README's two commands are tasks", async () => {
  const { tasks } = JSON.parse(await read("deno.json"));
  const readme = await read("README.md");
  for (const [, name = ""] of readme.matchAll(/deno@2\.9\.6 task (\w+)/g)) {
    assert(name in tasks, `deno task ${name} is in the README, not in deno.json`);
  }
});

Deno.test("every file that the README points at exists", async () => {
  const readme = await read("README.md");
  for (const [, path = ""] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
    assert((await Deno.stat(new URL(`../../${path}`, import.meta.url))) !== undefined, path);
  }
});

Deno.test("the README's lines that use a student run", () =>
  inFolder(async (folder) => {
    const [, code] = /```ts ignore\n([^`]*openStudent[^`]*)```/.exec(await read("README.md")) ?? [];
    assert(code !== undefined, "There are no such lines");
    const student = `${folder}/student.safetensors`;
    await Deno.copyFile(
      new URL("../../data/teachers/specialist_digits/encoder.safetensors", import.meta.url),
      student,
    );
    const { weight, bias } = { weight: new Float32Array(256).fill(0.1), bias: new Float32Array(2) };
    await startEngine();
    const digest = (await decodeStudent(await Deno.readFile(student), "digits")).digest;
    await writeHead(`${folder}/head.safetensors`, {
      ...{
        classes: ["a", "b"],
        width: 128,
        weight,
        bias,
        temperature: 1,
        network: digest,
        images: "",
      },
      validation: { images: 1, accuracy: 0, interval: [0, 1], calibration: [0, 0] },
    });
    await Deno.writeFile(`${folder}/cat.jpg`, await png(1));
    const changed =
      code.replaceAll("runs/mine", student).replaceAll("cat.jpg", `${folder}/cat.jpg`) +
      "export const found = { length: embedding.length, name, probability, unsure };";
    const module = await import(`data:application/typescript,${encodeURIComponent(changed)}`);
    const { length, name, probability } = module.found;
    assertEquals([length, ["a", "b"].includes(name)], [128, true]);
    assert(probability >= 0.5);
  }));
