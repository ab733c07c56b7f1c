import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { writeFeatures } from "../../../lib/evaluation/features/write.ts";
import { openModel } from "../../../lib/evaluation/models/open_model.ts";
import { featureFileLayout } from "../../../lib/weights/safetensors/feature_file.ts";
import { decodeImage } from "../../../lib/images/codec/decode.ts";
import { startEngine } from "../../../lib/engine/backend.ts";
import { loadTeacher } from "../../../lib/teachers/zoo/zoo.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
} from "../../../lib/weights/safetensors/safetensors.ts";
import { makeZip } from "../../images/zip_fixture.ts";
import { inFolder, pixels, png, writeFiles } from "../../images/images_fixture.ts";

await startEngine();

/** Seven images of 32 px, in class folders, loose and below a split: all are images. */
async function sevenImages(): Promise<Record<string, Uint8Array>> {
  const names = [
    "z.png",
    "b/2.png",
    "b/10.png",
    "a/1.png",
    "train/cat/1.png",
    "c.png",
    "b/x/1.png",
  ];
  const entries = names.map(async (name, i) => [name, await png(i, 32, 32)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
const sorted = ["a/1.png", "b/10.png", "b/2.png", "b/x/1.png", "c.png", "train/cat/1.png", "z.png"];
const numbers = [3, 2, 1, 6, 5, 4, 0];

/** Numbers of one table of a written file. */
async function floats(path: string, kind: "cls" | "patch"): Promise<Float32Array> {
  const data = (await readSafetensors(path)).tensors.get(kind)?.data;
  assert(data instanceof Float32Array);
  return data;
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

Deno.test("features of images of the input's size are those of their exact pixels, in order", () =>
  inFolder(async (folder) => {
    await writeFiles(`${folder}/images`, await sevenImages());
    const backbone = await loadTeacher("resnet20_cifar10");
    const out = `${folder}/f.safetensors`;
    // Two whole batches and one that is filled up.
    const options = { images: `${folder}/images`, out, batchSize: 3 };
    const { seconds, ...written } = await writeFeatures(backbone, options);
    const listed = "7 images in 4 folders";
    assertEquals(written, { out, images: 7, listed, width: 64, tokens: 64 });
    assert(seconds > 0);

    const { tensors, metadata } = await readSafetensors(out);
    assertEquals(JSON.parse(metadata.images ?? ""), sorted);
    assertEquals(JSON.parse(metadata.input ?? ""), { ...backbone.input });
    assertEquals(JSON.parse(metadata.grid ?? ""), [8, 8]);
    assertEquals([metadata.network, metadata.digest, metadata.licence], [
      "resnet20_cifar10",
      backbone.digest,
      "BSD-2-Clause",
    ]);
    assertEquals(tensors.get("cls")?.shape, [7, 64]);
    assertEquals(tensors.get("patch")?.shape, [7, 64, 64]);

    const raw = numbers.flatMap((number) => [...pixels(number, 32, 32)]);
    const direct = tf.tidy(() => backbone.features(tf.div(tf.tensor4d(raw, [7, 32, 32, 3]), 255)));
    for (const kind of ["cls", "patch"] as const) {
      const expected = await direct[kind]!.data();
      const found = await floats(out, kind);
      assertEquals(found.length, expected.length);
      expected.forEach((value, i) => assertAlmostEquals(found[i] ?? NaN, value, 1e-4));
    }
    tf.dispose(direct);
    backbone.dispose();
  }));

Deno.test("pixels pass bit by bit, and other sizes come as shorter side and centre", () =>
  inFolder(async (folder) => {
    await writeFiles(`${folder}/images`, {
      "a.png": await png(9, 32, 32),
      "b.png": await png(4, 96, 64), // Shrunk to 48 x 32, of which the middle 32 are kept.
    });
    // The feature of this network is the image itself.
    const { backbone } = await openModel("pixels");
    const out = `${folder}/f.safetensors`;
    const written = await writeFeatures(backbone, {
      images: `${folder}/images`,
      out,
      batchSize: 2,
    });
    assertEquals([written.width, written.tokens], [3072, 0]);
    const { tensors, metadata } = await readSafetensors(out);
    assertEquals([...tensors.keys()], ["cls"]);
    assertEquals(metadata.grid, undefined);
    const bytes = Array.from(await floats(out, "cls"), (value) => Math.round(value * 255));
    assertEquals(bytes.slice(0, 3072), [...pixels(9, 32, 32)]);
    assertEquals(bytes.slice(3072), [...await decodeImage(await png(4, 96, 64), 32)]);
    backbone.dispose();
  }));

Deno.test("a zip, other batches and workers give the same file", () =>
  inFolder(async (folder) => {
    const files = await sevenImages();
    await writeFiles(`${folder}/images`, files);
    const entries = Object.entries(files).map(([name, content]) => ({ name, content }));
    await Deno.writeFile(`${folder}/images.zip`, makeZip(entries));
    const backbone = await loadTeacher("resnet20_cifar10");
    const write = async (images: string, batchSize: number, workers: number) => {
      const out = `${folder}/${batchSize}-${workers}.safetensors`;
      await writeFeatures(backbone, { images: `${folder}/${images}`, out, batchSize, workers });
      return await floats(out, "patch");
    };
    const one = await write("images", 4, 0);
    assertEquals(await write("images.zip", 4, 2), one);
    const other = await write("images", 7, 0);
    one.forEach((value, i) => assertAlmostEquals(other[i] ?? NaN, value, 1e-4));
    backbone.dispose();
  }));

Deno.test("the file is the one that the format's own writer makes", () => {
  const cls = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
  const patch = { shape: [2, 1, 2], data: Float32Array.of(7, 8, 9, 10) };
  const metadata = { network: "é", images: "[]" };
  const { head, bytes, places } = featureFileLayout([
    { name: "patch", shape: patch.shape },
    { name: "cls", shape: cls.shape },
  ], metadata);
  const file = new Uint8Array(bytes);
  file.set(head);
  file.set(new Uint8Array(cls.data.buffer), places.get("cls")!.start);
  file.set(new Uint8Array(patch.data.buffer), places.get("patch")!.start);
  assertEquals(file, encodeSafetensors(new Map([["cls", cls], ["patch", patch]]), metadata));
  assertEquals(decodeSafetensors(file).metadata, metadata);
  assertEquals([places.get("cls")?.rowBytes, places.get("patch")?.rowBytes], [12, 8]);
});

Deno.test("whole or absent: a damaged image, an interrupt and a lost number leave nothing", () =>
  inFolder(async (folder) => {
    await writeFiles(`${folder}/images`, { "a.png": await png(0), "b.png": "no image" });
    await writeFiles(`${folder}/good`, { "a.png": await png(0), "b.png": await png(1) });
    await Deno.mkdir(`${folder}/out`);
    const out = `${folder}/out/f.safetensors`;
    const backbone = await loadTeacher("resnet20_cifar10");
    const before = tf.memory().numTensors;
    await assertRejects(
      () => writeFeatures(backbone, { images: `${folder}/images`, out, batchSize: 1 }),
      UserError,
      '"b.png"',
    );
    assertEquals(await namesIn(`${folder}/out`), []);

    await Deno.writeTextFile(out, "an older file");
    const controller = new AbortController();
    await assertRejects(() =>
      writeFeatures(backbone, {
        ...{ images: `${folder}/good`, out, batchSize: 1, signal: controller.signal },
        onProgress: () => controller.abort(),
      })
    );
    const lost = { ...backbone, features: () => ({ cls: tf.fill<tf.Rank.R2>([1, 64], NaN) }) };
    await assertRejects(
      () => writeFeatures(lost, { images: `${folder}/good`, out, batchSize: 1 }),
      UserError,
      'one of the image "a.png" is NaN',
    );
    assertEquals(await namesIn(`${folder}/out`), ["f.safetensors"]);
    assertEquals(await Deno.readTextFile(out), "an older file");
    assertEquals(tf.memory().numTensors, before);

    const nowhere = `${folder}/absent/f.safetensors`;
    await assertRejects(
      () => writeFeatures(backbone, { images: `${folder}/good`, out: nowhere }),
      UserError,
      "Create its folder first",
    );
    backbone.dispose();
  }));
