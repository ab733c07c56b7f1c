/** Targets of specialists, and the loss that they are trained with. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { openSupervision, smoothLabels } from "../../../lib/training/supervised/labels.ts";
import { type LessonTensors, specialistGradients } from "../../../lib/training/supervised/step.ts";
import { startEngine } from "../../../lib/engine/backend.ts";
import { drawWorldImage } from "../../../lib/world/world.ts";
import type { ImagePack } from "../../../lib/images/packs/pack_file.ts";
import { initLinear } from "../../../lib/nn/linear.ts";
import { encode, initVisionTransformer } from "../../../lib/nn/vision_transformer.ts";
import { flatten, layoutOf } from "../../../lib/tensors/parameters.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import worldTeachers from "../../../recipes/world_teachers.ts";

const few = (recipe: typeof worldTeachers.world_parts) => ({
  ...recipe,
  images: {
    ...recipe.images,
    sources: recipe.images.sources.map((source) =>
      "world" in source ? { world: { ...source.world, images: 3 } } : source
    ),
  },
});

/** The part of opened images that supervision uses. */
const images = (labels: number[], classes: readonly string[]): ImagePack => ({
  count: labels.length,
  canvas: 64,
  classes,
  labels: Int32Array.from(labels),
  names: labels.map(String),
  digest: "",
  read: () => new Uint8Array(),
  close: () => {},
});

Deno.test("the parts lesson: shares of each patch, and of the image", () => {
  const lesson = openSupervision(few(worldTeachers.world_parts), images([0, 0, 0], ["world"]));
  const { cls, patch = new Float32Array() } = lesson.targets([2]);
  const { parts } = drawWorldImage(1, 2);
  for (let part = 0; part < 4; part++) {
    const share = parts.filter((label) => label === part).length / parts.length;
    assertAlmostEquals(cls[part]!, share, 1e-5);
    let inPatch = 0; // the patch of 8 px in row 3, column 4
    for (let y = 24; y < 32; y++) {
      for (let x = 32; x < 40; x++) if (parts[y * 64 + x] === part) inPatch++;
    }
    assertAlmostEquals(patch[(3 * 8 + 4) * 4 + part]!, inPatch / 64, 1e-5);
  }
});

Deno.test("a factor is learnt from the patches that show it, in each of several sources", () => {
  const recipe = few(worldTeachers.world_shape);
  const lesson = openSupervision(
    recipe,
    images([1, 1, 1, 7, 7, 7], ["a", "b", "c", "d", "e", "f", "g", "h"]),
  );
  const { cls, patch = new Float32Array() } = lesson.targets([4]);
  assertEquals(cls, smoothLabels([7], 8, 0.1));
  const { parts } = drawWorldImage(1, 1);
  for (let token = 0; token < 16; token++) {
    const [row, column] = [Math.floor(token / 4), token % 4];
    let shown = 0;
    for (let pixel = 0; pixel < 256; pixel++) {
      const y = row * 16 + Math.floor(pixel / 16), x = column * 16 + pixel % 16;
      if (parts[y * 64 + x] !== 0) shown++;
    }
    const targets = patch.subarray(token * 8, token * 8 + 8);
    assertEquals(targets, shown >= 128 ? cls : new Float32Array(8));
  }
  assert(patch.some((share) => share > 0), "some patch shows an object");
});

Deno.test("image files have no parts to learn", () => {
  const recipe = worldTeachers.world_parts;
  const files = { ...recipe, images: { ...recipe.images, sources: [{ path: "a.zip" }] } };
  assertThrows(() => openSupervision(files, images([0], ["a"])), UserError, 'the lesson "class"');
});

Deno.test("patches are not taught by views that move them", () => {
  const recipe = few(worldTeachers.world_shape);
  const augmentation = { ...recipe.images.augmentation, flip: 0.5 };
  assertThrows(
    () =>
      openSupervision(
        { ...recipe, images: { ...recipe.images, augmentation } },
        images([0], ["a"]),
      ),
    UserError,
    'Cannot train "world_shape" patch by patch: found augmentation.flip',
  );
});

const encoder = { imageSize: 16, patchSize: 8, width: 8, depth: 1, heads: 2, mlpRatio: 2 };

Deno.test("the loss is the cross-entropy in plain numbers, its gradient the finite difference", async () => {
  await startEngine();
  const random = randomStream(5);
  const tree = {
    encoder: initVisionTransformer({ ...encoder, initialization: "scaled" }, random.at("encoder")),
    head: initLinear({ inputs: 8, outputs: 3 }, random.at("head")),
  };
  const layout = layoutOf(tree);
  const flat = tf.tidy(() => flatten(tree, layout));
  const pixels = tf.tensor4d(random.at("images").normal(2 * 16 * 16 * 3), [2, 16, 16, 3]);
  const cls = tf.tensor2d([[0.2, 0.8, 0], [0, 0, 1]]);
  // The third token of the second image has nothing to learn.
  const rows = [...Array(8).keys()].map((i) =>
    i === 6 ? [0, 0, 0] : i % 2 ? [1, 0, 0] : [0, 0.5, 0.5]
  );
  const patch = tf.tensor3d(rows.flat(), [2, 4, 3]);

  const plain = (tokens: number[][], targets: number[][]): number => {
    const weight = tree.head.weight.arraySync() as number[][];
    const bias = tree.head.bias!.arraySync() as number[];
    let loss = 0, total = 0;
    tokens.forEach((token, i) => {
      // Weights lie as [inputs, outputs].
      const logits = bias.map((b, o) =>
        b + token.reduce((sum, x, k) => sum + x * weight[k]![o]!, 0)
      );
      const norm = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
      targets[i]!.forEach((share, o) => {
        loss -= share * (logits[o]! - norm);
        total += share;
      });
    });
    return loss / total;
  };
  const tokens = tf.tidy(() => encode(tree.encoder, pixels, encoder));
  const clsTokens = tokens.cls.arraySync(), patches = tokens.patch.arraySync();
  const meanPatches = patches.map((tokens) =>
    tokens[0]!.map((_, k) => tokens.reduce((sum, token) => sum + token[k]!, 0) / tokens.length)
  );
  const wantedCls = cls.arraySync();
  const cases: [targets: LessonTensors, expected: number][] = [
    [{ cls }, (plain(clsTokens, wantedCls) + plain(meanPatches, wantedCls)) / 2],
    [{ cls, patch }, (plain(clsTokens, wantedCls) + plain(patches.flat(), rows)) / 2],
  ];
  const lossAt = (parameters: tf.Tensor1D, targets: LessonTensors) =>
    tf.tidy(() => {
      const { report, gradients } = specialistGradients(parameters, pixels, targets, {
        encoder,
        layout,
      });
      return { loss: report.dataSync<"float32">()[0]!, gradients: gradients.dataSync<"float32">() };
    });
  for (const [targets, expected] of cases) {
    const { loss, gradients } = lossAt(flat, targets);
    assertAlmostEquals(loss, expected, 1e-5);
    const direction = random.at("direction").normal(flat.size);
    const step = 1e-2 / Math.sqrt(flat.size);
    const moved = (sign: number) =>
      tf.tidy(() =>
        lossAt(tf.add(flat, tf.mul(sign * step, tf.tensor1d(direction))), targets).loss
      );
    const difference = (moved(1) - moved(-1)) / (2 * step);
    const along = gradients.reduce((sum, slope, i) => sum + slope * direction[i]!, 0);
    assertAlmostEquals(along, difference, 2e-2 * Math.max(1, Math.abs(difference)));
  }
  tf.dispose([tree, flat, pixels, cls, patch, tokens]);
});
