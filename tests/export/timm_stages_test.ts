/**
 * Convolutional students under timm's names: timm's own models, as tests/golden/export/timm_students.py ran them with
 * these files, have our features.
 */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../lib/engine/backend.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { openModel } from "../../lib/evaluation/models/open_model.ts";
import { type ExportFormat, exportStudent } from "../../lib/export/export_student.ts";
import { timmLayers, timmModelOf } from "../../lib/export/timm_stages.ts";
import type { ConvolutionalConfig } from "../../lib/nn/convolutional/convolutional_config.ts";
import { readSafetensors } from "../../lib/weights/safetensors/safetensors.ts";
import { sha256 } from "../../lib/weights/verified_file.ts";
import { assertClose, golden } from "../golden_values_fixture.ts";
import { inFolder } from "../images/images_fixture.ts";
import { goldenImages } from "../teachers/golden_images_fixture.ts";
import { studentFile } from "./student_program_fixture.ts";
import { timmConfigs } from "./timm_stages_fixture.ts";

await startEngine();

interface Case {
  readonly command: string;
  readonly file: string;
  readonly names: string;
  readonly every: number;
  readonly pooled: string;
}

const expected = golden<{ readonly [name: string]: Case }>("export/timm_students");
assertEquals(Object.keys(expected), Object.keys(timmConfigs));

for (const [name, { command, file, names, every, pooled }] of Object.entries(expected)) {
  Deno.test(`${name}: names and shapes are those of timm's model`, async () => {
    const config = timmConfigs[name] as ConvolutionalConfig;
    const lines = timmLayers(config).flatMap(({ convolution, norm, layer }) => {
      const { depthwise, inputs, outputs, kernel } = layer;
      return [
        [`${convolution}.weight`, outputs, depthwise ? 1 : inputs, kernel, kernel],
        ...["weight", "bias", "running_mean", "running_var"].map((
          part,
        ) => [`${norm}.${part}`, outputs]),
      ];
    }).map((line) => line.join(" ")).sort();
    assertEquals(await sha256(new TextEncoder().encode(lines.join("\n"))), names);
    assertEquals(timmModelOf(config).command, command);
  });

  Deno.test({
    ignore: name.startsWith("ResNet"),
    name: `${name}: timm's model with our export has our features${
      name.startsWith("ResNet") ? " (skipped: its file takes too long for every run)" : ""
    }`,
    fn: () =>
      inFolder(async (folder) => {
        const made = `${folder}/made.safetensors`, out = `${folder}/timm.safetensors`;
        await Deno.writeFile(made, studentFile(timmConfigs[name]!));
        await exportStudent(made, { format: "timm", out });
        // The values are those of this file: if it changed, they must be made again.
        assertEquals(await sha256(await Deno.readFile(out)), file);
        assertEquals((await readSafetensors(out)).metadata.timm, command);
        const { backbone } = await openModel(made);
        const { cls, patch } = backbone.features(goldenImages(2, 48));
        const values = (await cls!.data()).filter((_, i) => i % every === 0);
        assertClose(values, pooled, 1e-5, "pooled");
        tf.dispose([cls!, patch!]);
        backbone.dispose();
      }),
  });
}

Deno.test("what timm, dinov2 and unic cannot hold is said, with what to use", () =>
  inFolder(async (folder) => {
    const made = `${folder}/made.safetensors`;
    const small = { kind: "resnet_cifar", imageSize: 16, blocks: 1 } as const;
    await Deno.writeFile(made, studentFile(small));
    for (const format of ["timm", "dinov2"] as ExportFormat[]) {
      const refused = await assertRejects(
        () => exportStudent(made, { format, out: `${folder}/x.safetensors` }),
        UserError,
        `resnet_cifar`,
      );
      assertEquals(refused.message.includes("--format safetensors"), true, refused.message);
    }
    const without: ConvolutionalConfig[] = [
      { kind: "mobilenet_v2", imageSize: 64, widthMultiplier: 0.6 },
      { kind: "mobilenet_v2", imageSize: 64, outputStride: 16 },
      { kind: "mobilenet_v2", imageSize: 64, depthMultiplier: 0.5 },
      { kind: "efficientnet_lite", imageSize: 64, widthMultiplier: 0.5 },
      { kind: "resnet", imageSize: 64, layers: 18, widthMultiplier: 0.5 },
    ];
    for (const config of without) {
      assertThrows(
        () => timmModelOf(config),
        UserError,
        "timm has no model that computes the same",
      );
    }
  }));
