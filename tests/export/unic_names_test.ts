/**
 * Names of other codebases. tests/golden/export/unic_names.py fills a PyTorch network that has the
 * reference's names and computes with it; here the same state dict is read and computed with.
 */
import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import { fromEncoderNames, toEncoderNames } from "../../lib/export/encoder_names.ts";
import { below } from "../../lib/export/named_tensors.ts";
import {
  fromUnicStatistics,
  toUnicStatistics,
  unicCheckpoint,
} from "../../lib/export/unic_checkpoint.ts";
import {
  fromUnicNames,
  type LadderStudentConfig,
  toUnicNames,
} from "../../lib/export/unic_names.ts";
import { encodeImages } from "../../lib/nn/encoder.ts";
import { fromNamedTensors, namedTensors, type Parameters } from "../../lib/tensors/parameters.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { initStudent, student, type StudentParameters } from "../../lib/method/student.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import type { FloatTensor } from "../../lib/weights/host_tensor.ts";
import { assertClose, fill, fillValues, golden } from "../golden_values_fixture.ts";

await startEngine();

interface Golden {
  readonly shapes: { readonly [name: string]: number[] };
  readonly tokens: string;
  readonly predictions: { readonly [head: string]: string };
  /** Names and shapes of timm's own class. */
  readonly timm: { readonly [name: string]: number[] };
}
const expected = golden<Golden>("export/unic_names");

/** The state dict of the script, filled as there; the mask token is zeros and not counted. */
function referenceModel(): Map<string, FloatTensor> {
  let seed = 0;
  return new Map(
    Object.entries(expected.shapes).map(([name, shape]) => {
      const size = tf.util.sizeFromShape(shape);
      if (name.endsWith("mask_token")) return [name, { shape, data: new Float32Array(size) }];
      const offset = name.includes("norm") && name.endsWith("weight") ? 1 : 0;
      return [name, { shape, data: fillValues(size, seed++, 0.3, offset) }];
    }),
  );
}

function tensorsOf(tree: Parameters): Map<string, FloatTensor> {
  return new Map(
    namedTensors(tree).map(([name, tensor]) => [
      name,
      { shape: tensor.shape, data: tensor.dataSync<"float32">().slice() },
    ]),
  );
}

function treeOf(tensors: ReadonlyMap<string, FloatTensor>): Parameters {
  return fromNamedTensors(
    [...tensors].map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])] as const),
  );
}

function sorted(tensors: ReadonlyMap<string, FloatTensor>): [string, FloatTensor][] {
  return [...tensors].sort(([a], [b]) => a < b ? -1 : 1);
}

Deno.test("a reference-style state dict computes what PyTorch computes with it (item 41)", () => {
  const { config, student: tensors } = fromUnicNames(referenceModel(), { heads: 2 });
  assertEquals(config.encoder, { imageSize: 12, patchSize: 4, width: 8, depth: 2, heads: 2 });
  assertEquals(config.ladder.teachers.map(({ name, width, tokens }) => [name, width, ...tokens]), [
    ["dbotft", 3, "patch"],
    ["deit3", 7, "cls"],
    ["dino", 5, "cls", "patch"],
  ]);
  const parameters = treeOf(tensors) as StudentParameters;
  const images = fill<tf.Rank.R4>([2, 12, 12, 3], 90);
  const { cls, patch } = encodeImages(parameters.encoder, images, config.encoder);
  assertClose(tf.concat([tf.expandDims(cls, 1), patch], 1), expected.tokens, 1e-5, "tokens");
  const predictions = student(parameters, images, config);
  assertEquals(Object.keys(expected.predictions).length, 4);
  for (const [head, values] of Object.entries(expected.predictions)) {
    const [teacher = "", token] = head.split(".");
    const own = predictions[teacher]?.[token === "cls" ? "cls" : "patch"];
    assertClose(own ?? [], values, 1e-5, head);
  }
});

Deno.test("names and shapes are those of timm's own class; DINOv2 adds a mask token", () => {
  const { config, student } = fromUnicNames(referenceModel(), { heads: 2 });
  const shapesOf = (dialect: "timm" | "dinov2") => {
    const renamed = toEncoderNames(below(student, "encoder."), config.encoder, dialect);
    return Object.fromEntries([...renamed].map(([name, { shape }]) => [name, [...shape]]));
  };
  assertEquals(shapesOf("timm"), expected.timm);
  assertEquals(shapesOf("dinov2"), { ...expected.timm, mask_token: [1, 8] });
});

Deno.test("ours to theirs gives back the state dict of PyTorch, bit by bit", () => {
  const model = referenceModel();
  const { config, student } = fromUnicNames(model, { heads: 2 });
  assertEquals(sorted(toUnicNames(student, config)), sorted(model));
  const bare = new Map([...model].map(([name, one]) => [name.replace("module.", ""), one]));
  assertEquals(sorted(fromUnicNames(bare, { heads: 2 }).student), sorted(student));
});

const uneven: LadderStudentConfig = {
  encoder: { imageSize: 32, patchSize: 8, width: 12, depth: 3, heads: 3, mlpRatio: 2 },
  ladder: {
    ...{ width: 12, depth: 3, grid: [4, 4], blocks: [0, 2], hidden: 7, lastHidden: 9 },
    teachers: [
      { name: "a", width: 5, tokens: ["cls", "patch"], grid: [4, 4] },
      { name: "b", width: 6, tokens: ["patch"], grid: [2, 2] },
      { name: "c", width: 3, tokens: ["cls"], grid: [4, 4] },
      { name: "d", width: 4, tokens: ["cls", "patch"], grid: [2, 2] },
    ],
  },
};

Deno.test("there and back: some blocks, other hidden widths, coarser teachers", () => {
  const tensors = tensorsOf(initStudent(uneven, randomStream(3)));
  const model = toUnicNames(tensors, uneven);
  assertEquals(model.get("module.lp.heads.d.patch.2.layers.0.weight")?.shape, [9, 12]);
  assertEquals(model.get("module.lp.heads.d.patch.0.layers.2.weight")?.shape, [4, 7]);
  assertEquals(model.has("module.lp.heads.d.patch.1.layers.0.weight"), false);
  const grids = { b: [2, 2], d: [2, 2] } as const;
  const { config, student } = fromUnicNames(model, { heads: 3, grids });
  assertEquals(config, uneven);
  assertEquals(sorted(student), sorted(tensors));
});

for (const dialect of ["timm", "dinov2"] as const) {
  Deno.test(`there and back under the names of ${dialect}`, () => {
    const encoder = tensorsOf(initStudent(uneven, randomStream(4)).encoder);
    const renamed = toEncoderNames(encoder, uneven.encoder, dialect);
    assertEquals(renamed.get("blocks.2.mlp.fc1.weight")?.shape, [24, 12]);
    assertEquals(renamed.get("patch_embed.proj.weight")?.shape, [12, 3, 8, 8]);
    assertEquals(renamed.has("mask_token"), dialect === "dinov2");
    const back = fromEncoderNames(renamed, dialect, { heads: 3 });
    assertEquals(back.config, uneven.encoder);
    assertEquals(sorted(back.encoder), sorted(encoder));
  });
}

Deno.test("statistics there and back, and the tree of a whole checkpoint", () => {
  const row = (seed: number, width: number) => ({ shape: [width], data: fillValues(width, seed) });
  const statistics = new Map([
    ["statistics.a.cls.mean", row(1, 5)],
    ["statistics.a.cls.std", row(2, 5)],
    ["statistics.b.patch.mean", row(3, 6)],
    ["statistics.b.patch.std", row(4, 6)],
  ]);
  const state = new Map([...tensorsOf(initStudent(uneven, randomStream(5))), ...statistics]);
  state.set("adam.first.encoder.cls", row(5, 12));
  const tree = unicCheckpoint(state, uneven, { epoch: 7 });
  assertEquals([tree.epoch, Object.keys(tree.teacher_ft_stats)], [7, ["a", "b"]]);
  assertEquals(tree.teacher_ft_stats.a?.cls?.mean.shape, [1, 5]);
  assertEquals(tree.teacher_ft_stats.b?.patch?.std.shape, [1, 1, 6]);
  assertEquals(sorted(fromUnicStatistics(tree.teacher_ft_stats)), sorted(statistics));
  const names = Object.keys(tree.model);
  assertEquals(names.filter((name) => !/^module\.(encoder|lp\.heads)\./.test(name)), []);

  statistics.set("statistics.a.cls.rotation", { shape: [5, 5], data: new Float32Array(25) });
  assertThrows(() => toUnicStatistics(statistics), UserError, "rotation");
  assertThrows(
    () => toUnicStatistics(new Map([["statistics.a.cls.mean", row(1, 5)]])),
    UserError,
    'no "statistics.a.cls.std"',
  );
});

Deno.test("a missing or surplus name is an error that names it", () => {
  const model = referenceModel();
  const changed = (change: (model: Map<string, FloatTensor>) => void): string => {
    const copy = new Map(model);
    change(copy);
    return assertThrows(() => fromUnicNames(copy, { heads: 2 }), UserError).message;
  };
  const one = { shape: [1], data: Float32Array.of(1) };
  const missing = [
    "encoder.blocks.0.1.attn.proj.bias",
    "encoder.pos_embed",
    "lp.heads.dino.cls.0.layers.0.weight",
    "lp.heads.dino.patch.1.layers.2.bias",
  ];
  for (const name of missing) {
    const message = changed((copy) => copy.delete(`module.${name}`));
    assertStringIncludes(message, `"${name.replace(/^(encoder|lp\.heads)\./, "")}"`);
  }
  for (const name of ["encoder.register_tokens", "lp.heads.dino.cls.0.norm", "head.weight"]) {
    const message = changed((copy) => copy.set(`module.${name}`, one));
    assertStringIncludes(message, name.replace(/^(encoder|lp\.heads)\./, ""));
  }
  const heads = assertThrows(() => fromUnicNames(model), UserError);
  assertStringIncludes(heads.message, "option heads");
  const uneven3 = assertThrows(() => fromUnicNames(model, { heads: 3 }), UserError);
  assertStringIncludes(uneven3.message, "3 heads for the width 8, expected a divisor");
  for (const dialect of ["timm", "dinov2"] as const) {
    const convolved = { ...uneven.encoder, stem: "convolution" } as const;
    const refusal = () => toEncoderNames(new Map(), convolved, dialect);
    assertThrows(refusal, UserError, "made of convolutions");
  }
});

Deno.test("there and back: a stem of convolutions, under names of its own", () => {
  const encoder = { imageSize: 16, patchSize: 4, width: 8, depth: 1, heads: 2 } as const;
  const config: LadderStudentConfig = {
    encoder: { ...encoder, stem: "convolution" },
    ladder: {
      ...{ width: 8, depth: 1, grid: [4, 4] },
      teachers: [{ name: "a", width: 5, tokens: ["cls"], grid: [4, 4] }],
    },
  };
  const tensors = tensorsOf(initStudent(config, randomStream(4)));
  const model = toUnicNames(tensors, config);
  const stem = "module.encoder.patch_embed.stages";
  assertEquals(model.get(`${stem}.0.convolution.weight`)?.shape, [4, 3, 3, 3]);
  assertEquals(model.get(`${stem}.1.convolution.weight`)?.shape, [8, 4, 3, 3]);
  const back = fromUnicNames(model, { heads: 2 });
  assertEquals(back.config, config);
  assertEquals(sorted(back.student), sorted(tensors));
});
