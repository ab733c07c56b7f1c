import { assert, assertEquals, assertRejects } from "@std/assert";
import * as ort from "npm:onnxruntime-node@1.30.0";
import sharp from "sharp";
import { UserError } from "../../../lib/errors/user_error.ts";
import { compareOnnx } from "../../../lib/export/onnx/compare_onnx.ts";
import { checkOnnx, exportOnnx } from "../../../lib/export/onnx/export_onnx.ts";
import { startEngine } from "../../../lib/engine/backend.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
} from "../../../lib/weights/safetensors/safetensors.ts";
import { decodeStudent } from "../../../lib/teachers/student_file.ts";
import { inFolder, png } from "../../images/images_fixture.ts";
import { randomStudent } from "./random_student_fixture.ts";
import { kinds, plain, transformer, writeStudent } from "./written_student_fixture.ts";

/** A file in which another program turned the signs of a layer. */
function withOtherWeights(model: Uint8Array): Uint8Array {
  const changed = model.slice(), name = "blocks.1.mlp.hidden.weight";
  // Behind its name, field and length a tensor has its numbers.
  const from = new TextDecoder("latin1").decode(model).lastIndexOf(name) + name.length + 4;
  for (let i = from; i < from + 8000; i++) changed[i]! ^= 0x80;
  return changed;
}

for (const [name, config] of Object.entries(kinds)) {
  Deno.test(`${name} computes in ONNX Runtime what it does here`, () =>
    inFolder(async (folder) => {
      const { exported } = await writeStudent(folder, config);
      for (const preprocessing of [false, true]) {
        const whole = await exported({ preprocessing });
        assert(whole.difference < 2e-5, `${whole.difference}`);
        assertEquals(whole.images, 5);
        const half = await exported({ preprocessing, precision: "float16" });
        assert(half.difference < 1e-2 && half.difference > whole.difference, `${half.difference}`);
        assert(half.bytes < 0.6 * whole.bytes);
      }
    }));
}

Deno.test("the file has the outputs, names and metadata that are promised, for any batch", () =>
  inFolder(async (folder) => {
    const { exported } = await writeStudent(folder, transformer);
    const head = {
      classes: ["a", "b"],
      count: 2,
      weight: Float32Array.from({ length: 48 }, (_, i) => (i % 5) - 2),
      bias: Float32Array.of(0.5, -0.5),
      temperature: 2,
    };
    const { path } = await exported({ head });
    const session = await ort.InferenceSession.create(path);
    assertEquals(session.inputNames, ["pixel_values"]);
    const names = ["cls", "patch", "last_hidden_state", "pooler_output", "probabilities"];
    assertEquals(session.outputNames, names);
    for (const batch of [1, 3]) {
      const data = Float32Array.from({ length: batch * 3 * 32 * 32 }, (_, i) => Math.sin(i));
      const outputs = await session.run({
        pixel_values: new ort.Tensor("float32", data, [batch, 3, 32, 32]),
      });
      assertEquals(names.map((name) => outputs[name]!.dims), [
        [batch, 24],
        [batch, 16, 24],
        [batch, 17, 24],
        [batch, 24],
        [batch, 2],
      ]);
      const [cls, probabilities] = [outputs.cls!, outputs.probabilities!]
        .map(({ data }) => data as Float32Array);
      const logits = [0, 1].map((label) =>
        (cls!.slice(0, 24).reduce((sum, value, i) => sum + value * head.weight[2 * i + label]!, 0) +
          head.bias[label]!) / 2
      );
      const expected = 1 / (1 + Math.exp(logits[1]! - logits[0]!));
      assert(Math.abs(probabilities![0]! - expected) < 1e-4);
    }
    await session.release();
    const text = new TextDecoder("latin1").decode(await Deno.readFile(path));
    assert(text.includes("recipe") && text.includes('["a","b"]'));
    const config = JSON.parse(await Deno.readTextFile(`${folder}/out/config.json`));
    assertEquals([config.hidden_size, config.id2label], [24, { 0: "a", 1: "b" }]);
  }));

Deno.test("with preprocessing photos of any size are resized within the graph", () =>
  inFolder(async (folder) => {
    const { source, exported } = await writeStudent(folder, transformer);
    const { path } = await exported({ preprocessing: true });
    const session = await ort.InferenceSession.create(path);
    const backbone = await decodeStudent(await Deno.readFile(source), "s");
    const tf = await import("@tensorflow/tfjs");
    const bytes = await sharp(await png(3, 100, 75)).raw().toBuffer();
    const data = Uint8Array.from(bytes);
    const { cls } = await session.run({ images: new ort.Tensor("uint8", data, [1, 75, 100, 3]) });
    const pixels = tf.tensor4d(Float32Array.from(data, (value) => value / 255), [1, 75, 100, 3]);
    const expected = await backbone.features(pixels).cls!.data();
    const actual = cls!.data as Float32Array;
    const differences = expected.map((value, i) => Math.abs(value - actual[i]!));
    assert(Math.max(...differences) < 1e-5 * Math.max(...expected.map(Math.abs)));
    await session.release();
    backbone.dispose();
    pixels.dispose();
  }));

Deno.test("a file that computes something else is noticed", () =>
  inFolder(async (folder) => {
    const { exported, source } = await writeStudent(folder, transformer);
    const { path } = await exported();
    await startEngine();
    const backbone = await decodeStudent(await Deno.readFile(source), "s");
    const image = new Uint8Array(32 * 32 * 3).map((_, i) => i % 251);
    const model = await Deno.readFile(path);
    const compare = (model: Uint8Array) =>
      compareOnnx({ model, backbone, images: [image], preprocessing: false });
    assert((await compare(model)).largest < 1e-5);
    const changed = withOtherWeights(model);
    assert((await compare(changed)).largest > 1e-3);
    await assertRejects(
      () => compare(model.slice(0, 500)),
      UserError,
      "the runtime refuses the file",
    );
    backbone.dispose();
  }));

Deno.test("an exported file is compared again, and one that was changed or is of another student refused", () =>
  inFolder(async (folder) => {
    const { exported, source } = await writeStudent(folder, transformer);
    const photos = [`${folder}/photos`];
    for (const changed of [{}, { preprocessing: true }, { precision: "float16" }] as const) {
      const { path, difference, ofWhat } = await exported(changed);
      assertEquals(await checkOnnx(source, path, photos), { difference, ofWhat, images: 5 });
    }
    const { path } = await exported();
    await Deno.writeFile(path, withOtherWeights(await Deno.readFile(path)));
    await assertRejects(
      () => checkOnnx(source, path, photos),
      UserError,
      "Another program changed it",
    );
    await exported();
    await Deno.writeFile(source, randomStudent({ ...transformer, depth: 1 }));
    await assertRejects(() => checkOnnx(source, path, photos), UserError, "it is of the student");
    await Deno.writeTextFile(path, "no model");
    await assertRejects(() => checkOnnx(source, path, photos), UserError, "found no ONNX file");
  }));

Deno.test("in halves, biases and filters of one channel stay whole", () =>
  inFolder(async (folder) => {
    const { source, exported } = await writeStudent(folder, kinds["MobileNetV2"]!);
    const { tensors } = decodeSafetensors(await Deno.readFile(source), { source });
    const { path } = await exported({ precision: "float16" });
    const text = (bytes: ArrayBufferLike) => new TextDecoder("latin1").decode(bytes);
    const file = text((await Deno.readFile(path)).buffer);
    const isWhole = (name: string) => {
      const { data, shape } = tensors.get(`stages.1.${name}`)!, floats = data as Float32Array;
      const [channels, taps] = [shape[2]!, shape[0]! * shape[1]!];
      const channelsFirst = shape.length === 1
        ? floats
        : floats.map((_, i) => floats[(i % taps) * channels + Math.floor(i / taps)]!);
      return file.includes(text(channelsFirst.buffer));
    };
    assertEquals(["depthwise.weight", "depthwise.bias", "project.bias"].filter(isWhole).length, 3);
    const largest = Math.max(...tensors.get("stages.1.project.weight")!.data as Float32Array);
    assert(!file.includes(text(Float32Array.of(largest).buffer)));
  }));

Deno.test("numbers that do not fit into halves are refused, and nothing is written", () =>
  inFolder(async (folder) => {
    const { exported } = await writeStudent(folder, transformer);
    const path = `${folder}/student.safetensors`;
    const { tensors, metadata } = decodeSafetensors(await Deno.readFile(path), { source: path });
    const norm = tensors.get("norm.weight")!.data as Float32Array;
    norm.fill(1e6);
    await Deno.writeFile(path, encodeSafetensors(tensors, metadata));
    await assertRejects(
      () => exported({ precision: "float16" }),
      UserError,
      "do not fit into halves: choose --format onnx",
    );
    assertEquals(await Deno.stat(`${folder}/out`).catch(() => undefined), undefined);
    assert((await exported()).difference < 1e-4);
  }));

Deno.test("no images, and no student, are refused", () =>
  inFolder(async (folder) => {
    const { exported } = await writeStudent(folder, transformer);
    await assertRejects(() => exported({ images: [] }), UserError, "Give a folder by --images");
    await assertRejects(
      () => exportOnnx(`${folder}/absent`, { ...plain, out: folder, images: [] }),
      UserError,
      "found no student there",
    );
  }));
