/** A run exported as a person does it, and read back. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { loadLatestCheckpoint } from "../../lib/runs/checkpoint/checkpoint.ts";
import { openModel } from "../../lib/evaluation/models/open_model.ts";
import { evaluateRun } from "../../lib/evaluation/evaluate_run.ts";
import { applyOverrides } from "../../lib/recipe/overrides.ts";
import { distill } from "../../lib/training/distill.ts";
import { type ExportFormat, exportStudent } from "../../lib/export/export_student.ts";
import { fromEncoderNames } from "../../lib/export/encoder_names.ts";
import { below } from "../../lib/export/named_tensors.ts";
import { fromUnicNames } from "../../lib/export/unic_names.ts";
import { runCommand } from "../../lib/cli/run_command.ts";
import { exportCommand } from "../../lib/cli/commands/use/export.ts";
import { openCheckpoint } from "../../lib/weights/checkpoint_file.ts";
import { readSafetensors } from "../../lib/weights/safetensors/safetensors.ts";
import type { FloatTensor } from "../../lib/weights/host_tensor.ts";
import tinyTest from "../../recipes/tiny_test.ts";
import { assertClose } from "../golden_values_fixture.ts";
import { goldenImages } from "../teachers/golden_images_fixture.ts";
import { inFolder, writeFiles } from "../images/images_fixture.ts";

/** Teachers with grids of 8 x 8 and 4 x 4, a student with 8 x 8. */
const recipe = applyOverrides(tinyTest, [
  'images.sources=[{"path": "data/images/digits.zip", "split": "train", "limit": 32}]',
  "student.patchSize=4",
  "optimization.steps=2",
  "optimization.warmupSteps=1",
]);

async function run(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const output = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const status = await runCommand(exportCommand, args, { output });
  return { status, out, err: err.join("\n") };
}

async function floats(path: string): Promise<Map<string, FloatTensor>> {
  const { tensors } = await readSafetensors(path);
  return new Map(
    [...tensors].map(([name, { shape, data }]) => {
      assert(data instanceof Float32Array);
      return [name, { shape, data }];
    }),
  );
}

const sorted = (tensors: ReadonlyMap<string, FloatTensor>) =>
  [...tensors].sort(([a], [b]) => a < b ? -1 : 1);

Deno.test("a run in every format, each read back to the same numbers", () =>
  inFolder(async (folder) => {
    const source = `${folder}/run`;
    for await (const _ of distill(recipe, { folder: source }));
    const student = await floats(`${source}/student.safetensors`);
    for (const format of ["safetensors", "dinov2", "timm", "unic"]) {
      const out = `${folder}/${format}.safetensors`;
      const { status, out: lines, err } = await run(
        ...[source, "--format", format, "--out", out, "--json"],
      );
      assertEquals(status, 0, err);
      const found = await floats(out);
      const written = JSON.parse(lines.join());
      const { program, ...numbers } = written;
      assertEquals(numbers, {
        ...{ out, format, tensors: found.size, bytes: (await Deno.stat(out)).size },
      });
      assertEquals(program, format === "safetensors" ? `${folder}/student.py` : undefined);
      if (format === "safetensors") assertEquals(sorted(found), sorted(student));
      if (format === "dinov2" || format === "timm") {
        const { encoder, config } = fromEncoderNames(found, format, { heads: 2 });
        assertEquals(sorted(encoder), sorted(student));
        assertEquals(config, { imageSize: 32, patchSize: 4, width: 32, depth: 2, heads: 2 });
      }
    }

    // The unic format holds encoder, ladder and statistics of the newest checkpoint.
    const state = await loadLatestCheckpoint(source);
    const unic = `${folder}/unic.safetensors`;
    const found = await floats(unic);
    const model = new Map([...found].filter(([name]) => name.startsWith("module.")));
    const back = fromUnicNames(model, { heads: 2, grids: { specialist_digits: [4, 4] } });
    const learnt = [...state?.tensors ?? []].filter(([name]) => /^(encoder|ladder)\./.test(name));
    assertEquals(sorted(back.student), sorted(new Map(learnt)));
    assert(learnt.some(([name]) => name.startsWith("ladder.patch_4x4.")), "a coarser teacher");
    const statistics = below(found, "teacher_ft_stats.resnet20_cifar10.");
    assertEquals(statistics.get("patch.std")?.shape, [1, 1, 64]);
    assertEquals(
      statistics.get("cls.mean")?.data,
      state?.tensors.get("statistics.resnet20_cifar10.cls.mean")?.data,
    );
    assertEquals((await readSafetensors(unic)).metadata.epoch, "1");
  }));

Deno.test("a run for torch.load, read back as the teachers that it may be", () =>
  inFolder(async (folder) => {
    const source = `${folder}/run`;
    const plain = applyOverrides(recipe, ["student.registers=2", "student.layerScale=0.1"]);
    for await (const _ of distill(plain, { folder: source }));
    const pixels = tf.ones<tf.Rank.R4>([1, 32, 32, 3]);
    const { backbone: student } = await openModel(source);
    const expected = student.features(pixels);
    for (const [format, family] of [["unic", "unic"], ["dinov2", "dinov2"]] as const) {
      const out = `${folder}/${format}.pth`;
      const { status, err } = await run(source, "--format", format, "--out", out);
      assertEquals(status, 0, err);
      const { backbone } = await openModel(`${family}:${out}`, { heads: 2 });
      const found = backbone.features(pixels);
      assertClose(found.cls ?? [], await expected.cls!.data(), 1e-5, `${format} cls`);
      assertClose(found.patch ?? [], await expected.patch!.data(), 1e-5, `${format} patch`);
      backbone.dispose();
    }
    student.dispose();

    // The student becomes a teacher, named in a recipe by its file.
    const elder = { name: "elder", checkpoint: `unic:${folder}/unic.pth`, heads: 2 };
    const younger = applyOverrides(recipe, [`teachers=${JSON.stringify([elder])}`]);
    for await (const { losses } of distill(younger, { folder: `${folder}/younger` })) {
      assertEquals(Object.keys(losses), ["elder"]);
    }
    const { rows } = await evaluateRun(`${folder}/younger`, { tasks: ["digits"], limit: 20 });
    assertEquals(rows.map(({ model }) => model), ["student", "elder", "random", "pixels"]);

    using file = await openCheckpoint(`${folder}/unic.pth`, { key: "teacher_ft_stats" });
    const state = await loadLatestCheckpoint(source);
    assertEquals(
      file.read("resnet20_cifar10.cls.mean"),
      state?.tensors.get("statistics.resnet20_cifar10.cls.mean")?.data,
    );
    const licences = { resnet20_cifar10: "BSD-2-Clause", specialist_digits: "Apache-2.0" };
    assertEquals(state?.meta.teacherLicences, licences);
    const { metadata } = await readSafetensors(`${source}/student.safetensors`);
    assertEquals(JSON.parse(metadata.teacherLicences ?? ""), licences);
    const { status, err } = await run(source, "--format", "timm", "--out", `${folder}/t.pth`);
    assertEquals(status, 2);
    assertStringIncludes(err, "it has registers");
  }));

Deno.test("every export is read back by its own family, with the features of the run", () =>
  inFolder(async (folder) => {
    const pixels = goldenImages(2, 40);
    const families = { dinov2: "dinov2:", timm: "timm_vit:", unic: "unic:", safetensors: "" };
    const stems: Record<string, ExportFormat[]> = {
      patch: ["dinov2", "timm", "unic", "safetensors"],
      convolution: ["unic", "safetensors"],
    };
    for (const [stem, formats] of Object.entries(stems)) {
      const source = `${folder}/${stem}`;
      const changed = applyOverrides(recipe, [`student.stem=${stem}`]);
      for await (const _ of distill(changed, { folder: source }));
      const { backbone: student } = await openModel(source);
      const expected = student.features(pixels);
      for (const format of formats) {
        for (const ending of format === "safetensors" ? ["safetensors"] : ["safetensors", "pth"]) {
          const out = `${folder}/${stem}_${format}.${ending}`, what = `${stem} ${format} ${ending}`;
          await exportStudent(source, { format, out });
          const { backbone } = await openModel(families[format] + out);
          assertEquals(backbone.input, student.input, what);
          assertEquals(
            [
              backbone.licence,
              (backbone.notes ?? []).filter((note) => note.includes("supposed")),
            ],
            [format === "safetensors" ? "Apache-2.0" : "unknown", []],
            what,
          );
          const found = backbone.features(pixels);
          assertClose(found.cls ?? [], await expected.cls!.data(), 1e-5, `${what} cls`);
          assertClose(found.patch ?? [], await expected.patch!.data(), 1e-5, `${what} patch`);
          backbone.dispose();
        }
      }
      student.dispose();
    }
    // What is given goes before what is recorded.
    const model = `timm_vit:${folder}/patch_timm.pth`;
    const { backbone } = await openModel(model, { heads: 4, mean: [0, 0, 0], activation: "gelu" });
    assertEquals(backbone.input.mean, [0, 0, 0]);
    assertEquals(backbone.input.std, [0.229, 0.224, 0.225]);
    backbone.dispose();
  }));

Deno.test("mistakes leave with status 2 and say what was expected", () =>
  inFolder(async (folder) => {
    const out = ["--out", `${folder}/x.safetensors`];
    const top = `${folder}/top`;
    const other = applyOverrides(recipe, ["ladder.kind=top"]);
    await writeFiles(top, { "recipe.json": JSON.stringify(other) });
    const narrow = `${folder}/narrow`, axes = ["standardizer.kind=fixed", "standardizer.axes=4"];
    await writeFiles(narrow, { "recipe.json": JSON.stringify(applyOverrides(recipe, axes)) });
    const stem = "data/teachers/specialist_digits/encoder.safetensors";
    const mistakes: [args: string[], message: string][] = [
      [["runs/x", ...out], "Found no --format, expected one of safetensors, unic"],
      [["runs/x", "--format", "tflite", ...out], "Found --format tflite"],
      [["runs/x", "--format", "onnx", ...out], "expected the name of a folder"],
      [["runs/x", "--format", "timm"], "Found no --out"],
      [["runs/x", "--format", "timm", "--out", "x.onnx"], "ends in .safetensors or .pth"],
      [[`${folder}/absent`, "--format", "timm", ...out], "expected the folder of a run"],
      [[`${folder}/absent`, "--format", "unic", ...out], "expected the folder of a run"],
      [[stem, "--format", "timm", ...out], "its stem is made of convolutions"],
      [[top, "--format", "unic", ...out], 'of the kind "top", expected a ladder'],
      [[narrow, "--format", "unic", ...out], "predicts 4 principal axes of each teacher"],
    ];
    for (const [args, message] of mistakes) {
      const { status, err } = await run(...args);
      assertEquals(status, 2, `${args}: ${err}`);
      assertStringIncludes(err, message);
    }
  }));
