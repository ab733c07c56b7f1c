/**
 * One network in every wrapping in which people save it. tests/cases/checkpoints holds it plain, with
 * its features by PyTorch, and a DINOv2 under the names of Hugging Face; what trainers put around
 * them is written here.
 */
import * as tf from "@tensorflow/tfjs";
import sharp from "sharp";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import type { Backbone } from "../../../lib/teachers/backbone.ts";
import type { CheckpointReading } from "../../../lib/teachers/checkpoint_reading.ts";
import { backboneFromCheckpoint } from "../../../lib/teachers/open_backbone.ts";
import { loadFamily } from "../../../lib/teachers/load_family.ts";
import { openCheckpoint } from "../../../lib/weights/checkpoint_file.ts";
import type { FloatTensor } from "../../../lib/weights/host_tensor.ts";
import {
  encodeSafetensors,
  readSafetensors,
} from "../../../lib/weights/safetensors/safetensors.ts";
import { encodeTorchCheckpoint, type TorchTree } from "../../../lib/weights/torch/torch_writer.ts";
import { assertClose } from "../../golden_values_fixture.ts";
import { inFolder } from "../../images/images_fixture.ts";
import { familyCase, madeUpCheckpoint } from "./checkpoint_fixture.ts";
import { asHuggingFaceClip, asHuggingFaceVit, type Tensors } from "./hugging_face_names_fixture.ts";

await startEngine();

const caseFile = (name: string) =>
  fileURLToPath(new URL(`../../cases/checkpoints/${name}`, import.meta.url));

async function tensorsOf(name: string): Promise<Tensors> {
  using file = await openCheckpoint(caseFile(name));
  return Object.fromEntries(
    [...file.tensors].map(([name, { shape }]) => [name, { shape, data: file.read(name) }]),
  );
}

async function opened(
  family: string,
  path: string,
  reading: CheckpointReading = {},
): Promise<Backbone> {
  return await backboneFromCheckpoint({ family, path }, { name: "one", heads: 1, ...reading });
}

/** The digest of a network: equal ones have equal features. */
async function digestOf(...args: Parameters<typeof opened>): Promise<string> {
  const backbone = await opened(...args);
  backbone.dispose();
  return backbone.digest;
}

for (
  const [family, file] of [
    ["dino", "plain.pth"],
    ["dinov2", "huggingface_dinov2.safetensors"],
  ] as const
) {
  Deno.test(`the control, ${file}: features are PyTorch's`, async () => {
    const pixels = await Promise.all([0, 1, 2].map(async (i) => {
      const { data, info } = await sharp(caseFile(`${i}.png`)).removeAlpha().raw()
        .toBuffer({ resolveWithObject: true });
      return tf.tensor3d(Float32Array.from(data, (value) => value / 255), [
        info.height,
        info.width,
        3,
      ]);
    }));
    const { tensors } = await readSafetensors(caseFile(`expected_${family}.safetensors`));
    const backbone = await opened(family, caseFile(file));
    const { cls, patch } = backbone.features(tf.stack(pixels) as tf.Tensor4D);
    assertClose(cls ?? [], tensors.get("cls")!.data as Float32Array, 1e-5, "cls");
    assertClose(patch ?? [], tensors.get("patch")!.data as Float32Array, 1e-5, "patch");
    backbone.dispose();
  });
}

const plain = await tensorsOf("plain.pth");
const hugging = await tensorsOf("huggingface_dinov2.safetensors");
const scalar = { shape: [1], data: Float32Array.of(3) };

/** All names with `prefix` before them. */
function prefixed(prefix: string, tensors: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]),
  );
}

/** Numbers one after another, as the rows of one tensor. */
function rows(...parts: readonly FloatTensor[]): FloatTensor {
  const [first] = parts;
  return {
    shape: [parts.length * first!.shape[0]!, ...first!.shape.slice(1)],
    data: Float32Array.from(parts.flatMap(({ data }) => [...data])),
  };
}

/** The DINOv2 under its authors' names, block `i` under `at(i)`. */
function dinov2(at: (block: number) => string): Tensors {
  const of = (name: string) => hugging[name]!;
  const blocks = [0, 1].flatMap((i) => {
    const layer = `encoder.layer.${i}`, block = `blocks.${at(i)}`;
    return ["weight", "bias"].flatMap((kind): [string, FloatTensor][] => [
      [`${block}.norm1.${kind}`, of(`${layer}.norm1.${kind}`)],
      [
        `${block}.attn.qkv.${kind}`,
        rows(
          ...["query", "key", "value"].map((one) =>
            of(`${layer}.attention.attention.${one}.${kind}`)
          ),
        ),
      ],
      [`${block}.attn.proj.${kind}`, of(`${layer}.attention.output.dense.${kind}`)],
      [
        `${block}.ls${kind === "bias" ? 1 : 2}.gamma`,
        of(
          `${layer}.layer_scale${kind === "bias" ? 1 : 2}.lambda1`,
        ),
      ],
      [`${block}.norm2.${kind}`, of(`${layer}.norm2.${kind}`)],
      [`${block}.mlp.fc1.${kind}`, of(`${layer}.mlp.fc1.${kind}`)],
      [`${block}.mlp.fc2.${kind}`, of(`${layer}.mlp.fc2.${kind}`)],
    ]);
  });
  return {
    cls_token: of("embeddings.cls_token"),
    pos_embed: of("embeddings.position_embeddings"),
    "patch_embed.proj.weight": of("embeddings.patch_embeddings.projection.weight"),
    "patch_embed.proj.bias": of("embeddings.patch_embeddings.projection.bias"),
    ...Object.fromEntries(blocks),
    "norm.weight": of("layernorm.weight"),
    "norm.bias": of("layernorm.bias"),
  };
}

const other: Tensors = Object.fromEntries(
  Object.entries(plain).map((
    [name, { shape, data }],
  ) => [name, { shape, data: data.map((x) => -x) }]),
);

const wrapped: Record<string, [tree: TorchTree, key?: string]> = {
  "compiled": [prefixed("_orig_mod.", plain)],
  "compiled, on several devices": [prefixed("module._orig_mod.", plain)],
  "on several devices, then compiled": [{ model: prefixed("_orig_mod.module.", plain) }],
  "averaged (SWA)": [{ n_averaged: scalar, ...prefixed("module.", plain) }],
  "Lightning": [{
    state_dict: { ...prefixed("model.", plain), "loss.weight": scalar },
    hyper_parameters: { lr: 0.1 },
  }],
  "PyTorch's tutorial": [{
    epoch: 3,
    model_state_dict: plain,
    optimizer_state_dict: { state: { 0: { exp_avg: scalar } } },
  }],
  "beside an optimiser": [{ ...plain, optimizer: { "exp_avg.0": scalar } }],
  "a teacher's backbone and its head": [{
    ...prefixed("teacher_backbone.", plain),
    "teacher_head.mlp.weight": scalar,
  }],
  "containers within one another": [{ a: { b: { c: prefixed("d.", plain) } } }],
  "modules as dictionaries": [{
    cls_token: plain.cls_token!,
    pos_embed: plain.pos_embed!,
    ...nestedModules(),
  }],
  "a name with quotes": [prefixed(`my "net".`, plain)],
  "net, of net and ema": [{ net: plain, ema: other }, "net"],
  "net, as a prefix": [{ ...prefixed("net.", plain), ...prefixed("net_ema.", other) }, "net"],
  "one of two levels": [{ best: { net: plain, ema: other }, last: { net: other } }, "best.net"],
  "one that fits, of two": [{ net: plain, part: { "patch_embed.proj.weight": scalar } }],
  "the one without a prefix": [{ ...plain, ...prefixed("ema.", other) }, "."],
  "with a probe on top": [{ ...plain, "fc.weight": scalar, "classifier.bias": scalar }],
};

/** Modules are dictionaries of their own. */
function nestedModules(): TorchTree {
  const inside = (prefix: string) =>
    Object.fromEntries(
      Object.entries(plain).filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    );
  return { patch_embed: inside("patch_embed."), blocks: inside("blocks."), norm: inside("norm.") };
}

Deno.test("one network in every wrapping is the same network", () =>
  inFolder(async (folder) => {
    const control = await digestOf("dino", caseFile("plain.pth"));
    for (const [description, [tree, key]] of Object.entries(wrapped)) {
      const path = `${folder}/one.pth`;
      await Deno.writeFile(path, encodeTorchCheckpoint(tree));
      assertEquals(await digestOf("dino", path, { key }), control, description);
      const flat = Object.values(tree).every((value) =>
        typeof value === "object" && "shape" in value
      );
      if (!flat) continue;
      await Deno.writeFile(path, encodeSafetensors(new Map(Object.entries(tree as Tensors))));
      assertEquals(await digestOf("dino", path, { key }), control, `${description}, safetensors`);
    }
  }));

Deno.test("DINOv2 in chunks, by both ways of counting, and its heads beside it", () =>
  inFolder(async (folder) => {
    const control = await digestOf("dinov2", caseFile("huggingface_dinov2.safetensors"));
    const trees: Record<string, Tensors> = {
      "in a row": dinov2(String),
      "one chunk": dinov2((i) => `0.${i}`),
      "two chunks": dinov2((i) => `${i}.${i}`),
      "two chunks, each from 0": dinov2((i) => `${i}.0`),
    };
    for (const [description, tensors] of Object.entries(trees)) {
      const path = `${folder}/one.pth`, backbone = prefixed("backbone.", tensors);
      const tree = { teacher: { ...backbone, "dino_head.mlp.0.weight": scalar } };
      await Deno.writeFile(path, encodeTorchCheckpoint(tree));
      assertEquals(await digestOf("dinov2", path), control, description);
    }
  }));

Deno.test("several networks are listed, and a key chooses", () =>
  inFolder(async (folder) => {
    const path = `${folder}/both.pth`;
    await Deno.writeFile(path, encodeTorchCheckpoint({ net: plain, ema: other }));
    const refusal = async (reading: CheckpointReading = {}) =>
      (await assertRejects(() => opened("dino", path, reading), UserError)).message;
    const several = await refusal();
    assertStringIncludes(several, 'found 2 networks that fit, "net" and "ema"');
    assertStringIncludes(several, '--key "ema"');
    assertStringIncludes(await refusal({ key: "emma" }), 'Choose one of "net", "ema"');
    const ema = await opened("dino", path, { key: "ema" });
    assert(ema.digest !== await digestOf("dino", path, { key: "net" }));
    ema.dispose();
    assertStringIncludes(await refusal({ key: "." }), 'networks that fit, "net" and "ema"');
    // What was passed over is said.
    await Deno.writeFile(path, encodeTorchCheckpoint({ net: plain, n: scalar }));
    const { notes, dispose } = await backboneFromCheckpoint(
      { family: "dino", path },
      { name: "one", inputSize: 48 },
    );
    dispose();
    assertEquals(notes, [
      'the network "net." was read',
      'tensors of the file that were not read: 1, "n"',
      "heads are supposed to be 1, which no file tells (option heads)",
      "positions of 4 x 4 patches were interpolated to 6 x 6",
    ]);
  }));

Deno.test("names of Hugging Face for ViT, DINO and CLIP", () =>
  inFolder(async (folder) => {
    const control = await digestOf("dino", caseFile("plain.pth"));
    const path = `${folder}/vit.safetensors`;
    await Deno.writeFile(path, encodeSafetensors(new Map(Object.entries(asHuggingFaceVit(plain)))));
    assertEquals(await digestOf("dino", path), control);

    const one = madeUpCheckpoint(familyCase("clip"));
    const clip = Object.fromEntries(
      [...one.tensors].map(([name, { shape }]) => [name, { shape, data: one.read(name) }]),
    );
    const own = `${folder}/clip.safetensors`;
    await Deno.writeFile(own, encodeSafetensors(new Map(Object.entries(clip))));
    const expected = await digestOf("clip", own, { heads: 2 });
    const tensors = asHuggingFaceClip(clip);
    await Deno.writeFile(path, encodeSafetensors(new Map(Object.entries(tensors))));
    assertEquals(await digestOf("clip", path, { heads: 2 }), expected);
    const projected = async (path: string) => {
      using file = await openCheckpoint(path);
      const { digest, dispose } = loadFamily("clip", file, { heads: 2, projection: true });
      dispose();
      return digest;
    };
    assertEquals(await projected(path), await projected(own));
    const { "visual_projection.weight": _, ...alone } = tensors;
    await Deno.writeFile(path, encodeSafetensors(new Map(Object.entries(alone))));
    assertEquals(await digestOf("clip", path, { heads: 2 }), expected);
    const tower = Object.fromEntries(
      Object.entries(clip).filter(([name]) => name.startsWith("visual."))
        .map(([name, tensor]) => [name.slice("visual.".length), tensor]),
    );
    await Deno.writeFile(path, encodeSafetensors(new Map(Object.entries(tower))));
    assertEquals(await digestOf("clip", path, { heads: 2 }), expected);
  }));
