import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import { encode, initVisionTransformer } from "../../lib/nn/vision_transformer.ts";
import { namedTensors } from "../../lib/tensors/parameters.ts";
import { encodeImages } from "../../lib/nn/encoder.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { parseTeacherManifest } from "../../lib/teachers/zoo/manifest.ts";
import { preprocess } from "../../lib/teachers/preprocess.ts";
import { encoderBackbone, readEncoder } from "../../lib/teachers/encoder_backbone.ts";
import { loadTeacherFrom } from "../../lib/teachers/zoo/zoo.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { encodeSafetensors } from "../../lib/weights/safetensors/safetensors.ts";
import type { HostTensor } from "../../lib/weights/host_tensor.ts";
import { sha256 } from "../../lib/weights/verified_file.ts";

await startEngine();

const config = { imageSize: 16, patchSize: 8, width: 12, depth: 2, heads: 3 } as const;
const input = { size: 16, mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.4] } as const;
const parameters = initVisionTransformer(config, randomStream(3));
const images = tf.tensor4d(
  Float32Array.from({ length: 2 * 16 * 16 * 3 }, (_, at) => Math.abs(Math.sin(at))),
  [2, 16, 16, 3],
);

/** The tensors as a file holds them, some changed or added. */
async function saved(changes: Record<string, HostTensor | undefined> = {}, metadata?: string) {
  const tensors = new Map<string, HostTensor>();
  for (const [name, tensor] of namedTensors(parameters)) {
    tensors.set(name, { shape: tensor.shape, data: await tensor.data<"float32">() });
  }
  for (const [name, change] of Object.entries(changes)) {
    if (change === undefined) tensors.delete(name);
    else tensors.set(name, change);
  }
  return encodeSafetensors(tensors, { config: metadata ?? JSON.stringify(config) });
}

async function assertEqualTensors(found: tf.Tensor | undefined, expected: tf.Tensor) {
  assert(found !== undefined);
  assertEquals(found.shape, expected.shape);
  assertEquals(await found.data(), await expected.data());
}

Deno.test("features are the encoder's tokens for normalised images", async () => {
  const teacher = encoderBackbone({
    name: "small",
    family: "vision_transformer",
    licence: "Apache-2.0",
    digest: "x",
    config,
    parameters,
    input,
  });
  assertEquals([...teacher.grid(), ...teacher.grid(32)], [2, 2, 4, 4]);
  const before = tf.memory().numTensors;
  const features = teacher.features(images);
  assertEquals(tf.memory().numTensors, before + 2);
  const expected = tf.tidy(() => encode(parameters, preprocess(images, input), config));
  await assertEqualTensors(features.cls, expected.cls);
  await assertEqualTensors(features.patch, expected.patch);
  tf.dispose([features, expected]);
});

Deno.test("a saved specialist is loaded through a manifest, with the same features", async () => {
  const folder = await Deno.makeTempDir();
  try {
    // A classifier that was trained with it does no harm.
    const bytes = await saved({ "classifier.bias": { shape: [1], data: Float32Array.of(1) } });
    await Deno.writeFile(`${folder}/small.safetensors`, bytes);
    const file = { path: "small.safetensors", bytes: bytes.length, sha256: await sha256(bytes) };
    const [entry] = parseTeacherManifest({
      version: 1,
      teachers: [{
        name: "specialist_small",
        family: "vision_transformer",
        description: "nothing yet",
        licence: "Apache-2.0",
        source: "a test",
        width: 12,
        stride: 8,
        parameters: 1,
        input,
        files: [file],
      }],
    });
    assert(entry !== undefined);
    const before = tf.memory().numTensors;
    const address = new URL(`file://${folder}/`);
    const teacher = await loadTeacherFrom(entry, address);
    const features = teacher.features(images);
    const expected = tf.tidy(() => encode(parameters, preprocess(images, input), config));
    await assertEqualTensors(features.patch, expected.patch);
    tf.dispose([features, expected]);

    const larger = await loadTeacherFrom(entry, address, { inputSize: 24 });
    const tokens = larger.features(images);
    assertEquals(tokens.patch?.shape, [2, 9, 12]);
    tf.dispose(tokens);
    await assertRejects(
      () => loadTeacherFrom(entry, address, { inputSize: 20 }),
      UserError,
      "a multiple of 8",
    );
    larger.dispose();
    teacher.dispose();
    assertEquals(tf.memory().numTensors, before);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a file whose config or tensors do not fit is refused, and nothing is left", async () => {
  const refused: [bytes: Uint8Array, found: string][] = [
    [encodeSafetensors(new Map()), "no valid config"],
    [await saved({}, "{"), "no valid config"],
    [await saved({}, JSON.stringify({ ...config, width: -1 })), "no valid config"],
    [await saved({ "norm.weight": undefined }), 'no such tensor for "norm.weight"'],
    [await saved({ cls: { shape: [12], data: new Float32Array(12) } }), 'F32 [12] for "cls"'],
    [await saved({ cls: { shape: [1, 12], data: new Int32Array(12) } }), 'I32 [1,12] for "cls"'],
  ];
  const before = tf.memory().numTensors;
  for (const [bytes, found] of refused) {
    assertThrows(() => readEncoder(bytes, "small"), UserError, found);
    assertEquals(tf.memory().numTensors, before, found);
  }
});

Deno.test("a transformer with registers and LayerScale is read back", async () => {
  const config = { imageSize: 16, patchSize: 8, width: 12, depth: 1, heads: 3 } as const;
  const own = { ...config, registers: 2, layerScale: 0.1 };
  const parameters = initVisionTransformer(own, randomStream(4));
  const tensors = new Map<string, HostTensor>();
  for (const [name, tensor] of namedTensors(parameters)) {
    tensors.set(name, { shape: tensor.shape, data: await tensor.data<"float32">() });
  }
  const metadata = { config: JSON.stringify(own) };
  const read = readEncoder(encodeSafetensors(tensors, metadata), "registers");
  assertEquals(read.config, own);
  const expected = encode(parameters, images, own),
    found = encodeImages(read.parameters, images, own);
  await assertEqualTensors(found.patch, expected.patch);
  // What the config does not announce is not read.
  const without = { config: JSON.stringify(config) };
  const plain = readEncoder(encodeSafetensors(tensors, without), "plain");
  assertEquals("registers" in plain.parameters, false);
  tf.dispose([
    expected,
    found,
    ...[parameters, read.parameters, plain.parameters].map((tree) => namedTensors(tree)).flat()
      .map(([, tensor]) => tensor),
  ]);
});
