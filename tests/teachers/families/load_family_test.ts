/** Files that do not fit are refused with everything that is wrong with them. */
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import type { CheckpointTensors } from "../../../lib/teachers/families/checkpoint_tensors.ts";
import { teacherFamilies } from "../../../lib/teachers/families/families.ts";
import { type FamilyName, familyNamed } from "../../../lib/teachers/family_names.ts";
import { loadFamily } from "../../../lib/teachers/load_family.ts";
import type { LoadFamilyOptions } from "../../../lib/teachers/families/load_options.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import type { FloatTensor } from "../../../lib/weights/host_tensor.ts";
import { familyCase, madeUpCheckpoint } from "./checkpoint_fixture.ts";

await startEngine();

const zeros = (...shape: number[]): FloatTensor => ({
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});

/** What the refusal says; nothing is left behind by it. */
function refusal(
  family: FamilyName,
  checkpoint: CheckpointTensors,
  options: LoadFamilyOptions = {},
): string {
  const before = tf.memory().numTensors;
  const { message } = assertThrows(() => loadFamily(family, checkpoint, options), UserError);
  assertEquals(tf.memory().numTensors, before);
  return message;
}

Deno.test("one error names every missing, surplus and mis-shaped tensor (item 34)", () => {
  const message = refusal(
    "dino",
    madeUpCheckpoint(familyCase("dino"), {
      "norm.weight": undefined,
      "blocks.1.attn.qkv.bias": zeros(128),
      "blocks.0.mlp.fc2.weight": zeros(128),
      "extra.weight": zeros(3),
    }),
  );
  assertStringIncludes(message, 'Cannot load "made_up.pth" as "dino": found 4 differences');
  assertStringIncludes(message, '"norm.weight" is missing, expected [128]');
  assertStringIncludes(message, '"blocks.1.attn.qkv.bias" is [128], expected [384]');
  assertStringIncludes(message, '"blocks.0.mlp.fc2.weight" is [128], expected [128,512]');
  assertStringIncludes(message, '"extra.weight" [3] is unknown');
  assertStringIncludes(message, "No other family is nearer");
});

Deno.test("every tensor of every family is missed by its name (item 34)", () => {
  const ignored =
    /^(head\.|lp\.|encoder\.mask_token|mask|token_embedding|positional_embedding|text_|logit_|transformer\.|ln_f)/;
  for (const name of Object.keys(teacherFamilies)) {
    const whole = madeUpCheckpoint(familyCase(name)), family = name as FamilyName;
    const refusalOf = (tensors: CheckpointTensors["tensors"]) =>
      refusal(family, { ...whole, tensors });
    for (const tensor of whole.tensors.keys()) {
      if (ignored.test(tensor)) continue;
      const rest = new Map([...whole.tensors].filter(([other]) => other !== tensor));
      assertStringIncludes(refusalOf(rest), `"${tensor}"`);
    }
    const more = new Map([...whole.tensors, ["unheard", { shape: [1] }]]);
    assertStringIncludes(refusalOf(more), '"unheard" [1] is unknown');
  }
});

Deno.test("a backbone beside a tensor of the same name is not mistaken for it (item 34)", () => {
  const twice = madeUpCheckpoint(familyCase("dino"), { "backbone.norm.bias": zeros(128) });
  assertStringIncludes(refusal("dino", twice), '"backbone.norm.bias" [128] is unknown');
});

Deno.test("the family that fits is named, or else the nearest", () => {
  for (const name of ["deit3", "dbot_ft", "dinov2 with registers", "dinov2 giant's MLP", "clip"]) {
    const one = familyCase(name), message = refusal("dino", madeUpCheckpoint(one));
    assertStringIncludes(message, `It fits the family "${one.family}": load it as that.`);
  }
  const near = madeUpCheckpoint(familyCase("deit3"), { "norm.bias": undefined });
  const message = refusal("clip", near);
  assertStringIncludes(message, 'The nearest family is "deit3", with 1 difference.');
  // No page of names: the first of them, and how many there are.
  assertStringIncludes(message, "more\n");
  assert(message.split("\n").length <= 16, message);
});

Deno.test("numbers that are not finite are refused", () => {
  const one = familyCase("deit3");
  for (const value of [NaN, Infinity]) {
    const bias = zeros(128);
    bias.data[7] = value;
    const message = refusal("deit3", madeUpCheckpoint(one, { "blocks.1.norm1.bias": bias }));
    assertStringIncludes(message, `1 of 128 numbers of "blocks.1.norm1.bias"`);
  }
});

Deno.test("hostile names become neither an endless list nor an endless line", () => {
  for (const name of ["blocks.999999999.norm1.bias", "x".repeat(100_000), "\x1b[2J\n"]) {
    const checkpoint = madeUpCheckpoint(familyCase("dino"), { [name]: zeros(128) });
    const message = refusal("dino", checkpoint);
    assert(message.length < 2000, `${message.length} characters`);
    assert(!message.includes("\x1b"), "a control character");
  }
});

Deno.test("heads, input sizes and positions that do not fit are refused", () => {
  const dino = madeUpCheckpoint(familyCase("dino"));
  assertStringIncludes(refusal("dino", dino, { heads: 3 }), "found 3 heads for the width 128");
  assertStringIncludes(refusal("dino", dino, { heads: 0 }), "found 0 heads");
  assertStringIncludes(refusal("dino", dino, { inputSize: 30 }), "a multiple of 8");
  const narrow = madeUpCheckpoint(familyCase("timm_vit, everything"));
  assertStringIncludes(refusal("timm_vit", narrow), 'number of its heads as "heads"');
  const oblong = madeUpCheckpoint(familyCase("dino"), { pos_embed: zeros(1, 1 + 15, 128) });
  assertStringIncludes(refusal("dino", oblong), "positions of 15 patches, expected a square");
});

Deno.test("positions with two readings are refused, unless something decides", () => {
  const dim = 64, tensors = familyCase("timm_vit");
  const width = madeUpCheckpoint(tensors).tensors.get("cls_token")?.shape.at(-1) ?? dim;
  const positions = (count: number) =>
    madeUpCheckpoint(tensors, { pos_embed: zeros(1, count, width) });
  const message = refusal("timm_vit", positions(25));
  assertStringIncludes(message, "25 positions are 5 x 5 patches without CLS, or CLS and 24 in an");
  assertStringIncludes(message, "inputSize 40, or @40 behind the file");
  const square = loadFamily("timm_vit", positions(25), { inputSize: 40 });
  assertEquals(square.grid(), [5, 5]);
  square.dispose();
  refusal("timm_vit", positions(25), { inputSize: 48 });
  // Registers have no positions in timm's class where CLS has none.
  const registers = madeUpCheckpoint(tensors, {
    pos_embed: zeros(1, 25, width),
    reg_token: zeros(1, 2, width),
  });
  const decided = loadFamily("timm_vit", registers);
  assertEquals(decided.grid(), [5, 5]);
  decided.dispose();
  // CLS and 25 patches have one reading; CLS and 24 are no square.
  const sure = loadFamily("timm_vit", positions(26));
  assertEquals(sure.grid(), [5, 5]);
  sure.dispose();
  const dino = madeUpCheckpoint(familyCase("dino"), { pos_embed: zeros(1, 25, 128) });
  assertStringIncludes(
    refusal("dino", dino),
    "positions of 24 patches, expected a square grid; theirs may be 4 x 6",
  );
  const distilled = madeUpCheckpoint(familyCase("timm_vit"), { dist_token: zeros(1, 1, width) });
  assertStringIncludes(refusal("timm_vit", distilled), '"dist_token" [1,1,');
});

Deno.test("one file of several is sent to its index, an object in a tensor's place is named", () => {
  const whole = madeUpCheckpoint(familyCase("dino"));
  const rest = new Map([...whole.tensors].filter(([name]) => name !== "norm.bias"));
  const shard = { ...whole, tensors: rest, source: "model-00001-of-00002.safetensors" };
  assertStringIncludes(refusal("dino", shard), "one of 2 files: give their index");
  const contained = [...rest].map(([name, { shape }]) => [name, { shape, container: [] }] as const);
  const everything = {
    tensors: new Map(contained),
    objects: new Map([["norm.bias", "torch.ComplexFloatStorage"]]),
    read: whole.read,
  };
  assertStringIncludes(
    refusal("dino", { ...whole, everything }),
    '"norm.bias" is missing, expected [128]; the file has the Python object ' +
      '"torch.ComplexFloatStorage" there',
  );
});

Deno.test("names of families are checked where they come from outside", () => {
  assertEquals(familyNamed("dbot_ft"), "dbot_ft");
  for (const name of ["dinov3", "constructor", ""]) {
    assertThrows(() => familyNamed(name), UserError, "dino, ibot, deit3, dbot_ft, dinov2, clip");
  }
});
