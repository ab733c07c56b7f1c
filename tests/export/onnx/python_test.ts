/**
 * A student's ONNX file in Python's onnxruntime has the features of its timm export in timm. Where Python lacks one
 * of them the tests are skipped; HASHIGO_PYTHON names another.
 */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { exportOnnx } from "../../../lib/export/onnx/export_onnx.ts";
import { exportStudent } from "../../../lib/export/export_student.ts";
import type { EncoderConfig } from "../../../lib/nn/encoder.ts";
import { inFolder, png, writeFiles } from "../../images/images_fixture.ts";
import { randomStudent } from "./random_student_fixture.ts";

const python = Deno.env.get("HASHIGO_PYTHON") ?? "python3";
const program = fileURLToPath(new URL("../../golden/export/onnx_in_python.py", import.meta.url));
const found = await new Deno.Command(python, { args: ["-c", "import onnxruntime, timm, torch"] })
  .output()
  .then(({ success }) => success, () => false);
const reason = found
  ? ""
  : ` (skipped: ${python} has no onnxruntime, timm and torch; HASHIGO_PYTHON names another)`;

const configs: Readonly<Record<string, EncoderConfig>> = {
  "a transformer": { imageSize: 32, patchSize: 8, width: 24, depth: 2, heads: 3 },
  "MobileNetV2": { kind: "mobilenet_v2", imageSize: 64, widthMultiplier: 0.5 },
};

for (const [name, config] of Object.entries(configs)) {
  Deno.test({
    name: `${name} in onnxruntime has the features of timm's${reason}`,
    ignore: !found,
    fn: () =>
      inFolder(async (folder) => {
        await writeFiles(folder, {
          "student.safetensors": randomStudent(config),
          "photos/a.png": await png(1, config.imageSize, config.imageSize),
          "images.json": JSON.stringify([3, config.imageSize]),
        });
        const source = `${folder}/student.safetensors`;
        await exportOnnx(source, {
          ...{ out: folder, precision: "float32", preprocessing: false, version: "0.0.0" },
          ...{ images: [`${folder}/photos`], metadata: { recipe: "digest" } },
        });
        await exportStudent(source, { format: "timm", out: `${folder}/timm.pth` });
        const { stdout, stderr } = await new Deno.Command(python, { args: [program, folder] })
          .output();
        const text = new TextDecoder();
        // Libraries may say something before.
        const line = text.decode(stdout).trim().split("\n").at(-1)!;
        assert(line.startsWith("{"), text.decode(stderr));
        const { cls, patch, hidden, metadata, producer } = JSON.parse(line);
        assert(cls < 1e-4 && patch < 1e-4, `${cls} ${patch}`);
        assertEquals([hidden, metadata.recipe, producer], [true, "digest", "hashigo"]);
      }),
  });
}
