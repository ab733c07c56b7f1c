import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { parseTeacherManifest } from "../../../lib/teachers/zoo/manifest.ts";
import { loadTeacher, loadTeacherFrom, zoo } from "../../../lib/teachers/zoo/zoo.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { readVerifiedFile } from "../../../lib/weights/verified_file.ts";
import { isHere } from "./fetched_weights_fixture.ts";

await startEngine();
const data = new URL("../../../data/teachers/", import.meta.url);

Deno.test("the zoo holds the pretrained networks, each with its licence", async () => {
  const names = zoo.map(({ name }) => name);
  for (
    const name of [
      "mobilenet_v1_imagenet",
      "mobilenet_v2_imagenet",
      "mobilenet_v2_birds",
      "mobilenet_v2_insects",
      "deeplab_v3_voc",
      "efficientnet_lite0_imagenet",
      "resnet20_cifar10",
      "resnet56_cifar10",
    ]
  ) assert(names.includes(name), name);
  assertEquals(new Set(names).size, names.length);
  for (const { name, family, files } of zoo) {
    // The specialists were trained by this package and stand under its own licence.
    const own = family === "vision_transformer";
    assert(own || files.some(({ path }) => path.endsWith("LICENSE")), name);
    for (const file of files) await readVerifiedFile(file, data);
  }
});

Deno.test("what the manifest says is what is loaded, and nothing is left behind", async () => {
  for (const entry of zoo.filter(isHere)) {
    const before = tf.memory().numTensors;
    const teacher = await loadTeacher(entry.name);
    assertEquals(teacher.parameterCount, entry.parameters);
    assertEquals(teacher.width, entry.width);
    assertEquals(teacher.input.size, entry.input.size);
    assertEquals(teacher.grid()[0], Math.ceil(entry.input.size / entry.stride));
    teacher.dispose();
    assertEquals(tf.memory().numTensors, before, entry.name);
  }
});

Deno.test("features fit the grid at any input size and any image size", async () => {
  for (const [name, size] of [["mobilenet_v2_birds", 70], ["deeplab_v3_voc", 50]] as const) {
    const teacher = await loadTeacher(name, { inputSize: size });
    const images = tf.zeros<tf.Rank.R4>([3, 20, 30, 3]);
    const before = tf.memory().numTensors;
    const features = teacher.features(images);
    assertEquals(tf.memory().numTensors, before + 2);
    const [rows, columns] = teacher.grid();
    assertEquals(features.cls?.shape, [3, teacher.width]);
    assertEquals(features.patch?.shape, [3, rows * columns, teacher.width]);
    tf.dispose([features, images]);
    teacher.dispose();
  }
});

Deno.test("the digest changes with the network and with the input size only", async () => {
  const digestOf = async (name: string, inputSize: number) => {
    const teacher = await loadTeacher(name, { inputSize });
    teacher.dispose();
    return teacher.digest;
  };
  const digest = await digestOf("resnet20_cifar10", 32);
  assertEquals(digest.length, 64);
  assertEquals(await digestOf("resnet20_cifar10", 32), digest);
  assertNotEquals(await digestOf("resnet20_cifar10", 48), digest);
  assertNotEquals(await digestOf("resnet56_cifar10", 32), digest);
});

Deno.test("an unknown teacher and a useless input size are told with the next step", async () => {
  await assertRejects(() => loadTeacher("cats"), UserError, "deno task teachers");
  await assertRejects(() => loadTeacher("specialist_cats"), UserError, "deno task specialists");
  for (const inputSize of [16, 64.5, NaN]) {
    const before = tf.memory().numTensors;
    await assertRejects(
      () => loadTeacher("mobilenet_v2_imagenet", { inputSize }),
      UserError,
      "at least 32 pixels",
    );
    assertEquals(tf.memory().numTensors, before);
  }
});

Deno.test("a missing, shortened or changed file is refused and named", async () => {
  const entry = zoo.find(({ name }) => name === "resnet20_cifar10");
  assert(entry !== undefined);
  const folder = await Deno.makeTempDir();
  try {
    const address = new URL(`file://${folder}/`);
    const refuse = (text: string) =>
      assertRejects(() => loadTeacherFrom(entry, address), UserError, text);
    await refuse("there is no such file");
    await Deno.mkdir(`${folder}/resnet20_cifar10`);
    for (const { path } of entry.files) {
      await Deno.copyFile(new URL(path, data), `${folder}/${path}`);
    }
    (await loadTeacherFrom(entry, address)).dispose();

    const weights = `${folder}/${entry.files[0]?.path}`;
    const bytes = await Deno.readFile(weights);
    bytes[70_000] = 1 + (bytes[70_000] ?? 0);
    await Deno.writeFile(weights, bytes);
    await refuse(`expected ${entry.files[0]?.sha256}`);
    await Deno.writeFile(weights, bytes.subarray(0, 70_000));
    await refuse("found 70000 bytes, expected 1099231");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a manifest of another form is refused, and the place is named", () => {
  const [entry] = zoo;
  const wrong = { version: 1, teachers: [{ ...entry, files: [{ path: "../x", bytes: 1 }] }] };
  const error = assertThrows(() => parseTeacherManifest(wrong), UserError);
  assert(error.message.includes("teachers[0].files[0].path"), error.message);
});
