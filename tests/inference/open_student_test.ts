import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../lib/engine/backend.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { decodeImage } from "../../lib/images/codec/decode.ts";
import { writeFeatures } from "../../lib/evaluation/features/write.ts";
import { paddedCount } from "../../lib/inference/image_batches.ts";
import { openStudent } from "../../lib/inference/open_student.ts";
import { readSafetensors } from "../../lib/weights/safetensors/safetensors.ts";
import { inFolder, png, writeFiles } from "../images/images_fixture.ts";

const digits = new URL("../../data/teachers/specialist_digits/", import.meta.url).pathname +
  "encoder.safetensors";

function assertClose(actual: Float32Array, expected: ArrayLike<number>, tolerance = 1e-4) {
  assertEquals(actual.length, expected.length);
  actual.forEach((value, i) => assertAlmostEquals(value, expected[i]!, tolerance));
}

Deno.test("embeddings and patches are those of the features command, in any batch", () =>
  inFolder(async (folder) => {
    const files: Record<string, Uint8Array> = {};
    for (let i = 0; i < 5; i++) files[`images/${i}.png`] = await png(i, 40, 32 + i);
    await writeFiles(folder, files);
    const names = Object.keys(files).map((name) => `${folder}/${name}`);
    for (const batchSize of [1, 2, 32]) {
      using student = await openStudent(digits, { batchSize });
      const out = `${folder}/features.safetensors`;
      await writeFeatures(student.backbone, { images: `${folder}/images`, out });
      const { tensors } = await readSafetensors(out);
      const [cls, patch] = ["cls", "patch"].map((kind) => tensors.get(kind)!.data as Float32Array);
      const [embeddings, patches] = [await student.embed(names), await student.patches(names)];
      const { width, grid: [rows, columns] } = student;
      assertEquals(width * rows * columns, patches[0]!.length);
      embeddings.forEach((row, i) => assertClose(row, cls!.slice(i * width, (i + 1) * width)));
      const size = patches[0]!.length;
      patches.forEach((row, i) => assertClose(row, patch!.slice(i * size, (i + 1) * size)));
    }
  }));

Deno.test("a path, bytes and a tensor of the same image have one embedding", () =>
  inFolder(async (folder) => {
    using student = await openStudent(digits);
    const { size } = student.backbone.input;
    const bytes = await png(3, size, size);
    await writeFiles(folder, { "a.png": bytes });
    const pixels = tf.tensor3d(
      Float32Array.from(await decodeImage(bytes, size), (value) => value / 255),
      [size, size, 3],
    );
    const path = `${folder}/a.png`;
    const [first, ...others] = await student.embed([
      path,
      bytes,
      pixels,
      new URL(`file://${path}`),
    ]);
    for (const other of others) assertClose(other, first!, 1e-4);
    // The caller's tensor is still there.
    assertEquals(pixels.isDisposed, false);
    pixels.dispose();
  }));

Deno.test("the middle square of a tensor is resized, as of a file", async () => {
  using student = await openStudent(digits);
  const bytes = await png(1, 80, 60);
  const { default: sharp } = await import("sharp");
  const raw = await sharp(bytes).raw().toBuffer();
  const pixels = tf.tensor3d(Float32Array.from(raw, (value) => value / 255), [60, 80, 3]);
  const [file, tensor] = await student.embed([bytes, pixels]);
  pixels.dispose();
  const cosine = file!.reduce((sum, value, i) => sum + value * tensor![i]!, 0) /
    Math.hypot(...file!) / Math.hypot(...tensor!);
  // Bicubic for files, bilinear for tensors.
  assert(cosine > 0.98, `${cosine}`);
});

Deno.test("nothing of an embedding stays in memory", async () => {
  await startEngine();
  const before = tf.memory().numTensors;
  {
    using student = await openStudent(digits);
    const image = await png(0, 32, 32);
    await student.embed([image]);
    const during = tf.memory().numTensors;
    await student.embed([image, image, image]);
    await student.patches([image]);
    await assertRejects(() => student.embed([image, new Uint8Array(9)]), UserError);
    assertEquals(tf.memory().numTensors, during);
  }
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("few sizes of batches are compiled", () => {
  assertEquals([1, 2, 3, 5, 9, 31, 32].map((count) => paddedCount(count, 32)), [
    ...[1, 2, 4, 8, 16, 32, 32],
  ]);
  assertEquals(paddedCount(3, 3), 3);
});

Deno.test("what is no image, no student or no head is refused with the next step", () =>
  inFolder(async (folder) => {
    await assertRejects(() => openStudent(`${folder}/absent`), UserError, "Cannot open the model");
    await assertRejects(() => openStudent(digits, { batchSize: 0 }), UserError, "at least 1");
    await assertRejects(
      () => openStudent(digits, { head: `${folder}/head.safetensors` }),
      UserError,
      "no such file",
    );
    using student = await openStudent(digits);
    await assertRejects(() => student.embed([`${folder}/absent.png`]), UserError, "no such file");
    await assertRejects(() => student.embed([new Uint8Array(3)]), UserError, "number 0 (3 bytes)");
    const grey = tf.zeros<tf.Rank.R3>([4, 4, 1]);
    await assertRejects(() => student.embed([grey as tf.Tensor3D]), UserError, "shape [4,4,1]");
    grey.dispose();
    assertEquals(student.classes, undefined);
    await assertRejects(() => student.classify([]), UserError, "it has no head");
    assertEquals(await student.embed([]), []);
  }));
