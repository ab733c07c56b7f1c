/** Files on whole numbers of eight bits, of every kind of student. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { compareOnnx } from "../../../lib/export/onnx/compare_onnx.ts";
import { encodeStudentOnnx, type OnnxPrecision } from "../../../lib/export/onnx/encode_student.ts";
import { checkOnnx } from "../../../lib/export/onnx/export_onnx.ts";
import { sampleAll, splitImages } from "../../../lib/export/onnx/sample_images.ts";
import { decodeStudent } from "../../../lib/teachers/student_file.ts";
import { inFolder } from "../../images/images_fixture.ts";
import { kinds, transformer, writeStudent } from "./written_student_fixture.ts";

/** How far files of a student are from the student, whether they would be kept or not. */
async function compared(
  folder: string,
  files: readonly { precision: OnnxPrecision; bits?: number }[],
) {
  const bytes = await Deno.readFile(`${folder}/student.safetensors`);
  const backbone = await decodeStudent(bytes, "s"), { size } = backbone.input;
  const { seen, images } = splitImages(await sampleAll([`${folder}/colours`], { count: 18, size }));
  const found = [];
  for (const { precision, bits } of files) {
    const options = { precision, seen, bits, version: "0", metadata: {} };
    const model = await encodeStudentOnnx(bytes, backbone, options);
    const { typical } = await compareOnnx({ model, backbone, images, preprocessing: false });
    found.push({ typical, bytes: model.length });
  }
  backbone.dispose();
  return found;
}

for (const [name, config] of Object.entries(kinds)) {
  Deno.test(`${name} by eight bits differs a little, and by seven more`, () =>
    inFolder(async (folder) => {
      await writeStudent(folder, config);
      const files = [{ precision: "float32" }, { precision: "int8" }, {
        precision: "int8",
        bits: 7,
      }] as const;
      const [whole, eight, seven] = await compared(folder, files);
      assert(eight!.typical < 0.15 && eight!.typical > whole!.typical, `${eight!.typical}`);
      assert(eight!.bytes < 0.6 * whole!.bytes, `${eight!.bytes} of ${whole!.bytes}`);
      assert(
        seven!.typical > eight!.typical,
        `${seven!.typical} of seven, ${eight!.typical} of eight`,
      );
    }));
}

Deno.test("eight bits are kept where features tell images apart as before, and else refused", () =>
  inFolder(async (folder) => {
    const eight = { precision: "int8", images: [`${folder}/colours`] } as const;
    const kept = await (await writeStudent(folder, transformer)).exported(eight);
    assertEquals([kept.ofWhat, kept.images], ["in the cosine of features around their mean", 2]);
    assert(kept.difference > 0 && kept.difference < 0.05, `${kept.difference}`);
    const source = `${folder}/student.safetensors`;
    assertEquals((await checkOnnx(source, kept.path, eight.images)).difference, kept.difference);
    await Deno.remove(kept.path);
    // Of random weights this one gives nearly the same features of every image, and rounding is all that differs.
    const { exported } = await writeStudent(folder, kinds["MobileNetV2"]!);
    await assertRejects(
      () => exported(eight),
      UserError,
      "in the cosine of features around their mean, expected at most 0.08",
    );
    assertEquals(await Deno.stat(kept.path).catch(() => undefined), undefined);
  }));

Deno.test("images that calibrate and images that judge are others, however few there are", () => {
  const numbered = (count: number) => Array.from({ length: count }, (_, i) => Uint8Array.of(i));
  for (const [count, judging] of [[3, 2], [9, 5], [10, 2], [18, 2], [576, 64]] as const) {
    const { seen, images } = splitImages(numbered(count));
    assertEquals([images.length, seen.length], [judging, count - judging]);
    assertEquals(new Set([...seen, ...images]).size, count);
  }
  assertThrows(
    () => splitImages(numbered(2)),
    UserError,
    "found 2 images to go by, expected at least 3",
  );
});
