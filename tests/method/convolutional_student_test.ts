/** A convolutional student whose teachers have no patches computes none. */
import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { project } from "../../lib/method/projectors/projector.ts";
import { initStudent, student, type StudentConfig } from "../../lib/method/student.ts";
import { encoderOutputs } from "../../lib/nn/encoder.ts";
import { encoderStages } from "../../lib/nn/encoder.ts";
import { splitTokens } from "../../lib/nn/vision_transformer.ts";
import { randomStream } from "../../lib/tensors/random.ts";

await startEngine();

const encoder = { kind: "resnet_cifar", blocks: 1, imageSize: 8 } as const;
const stages = encoderStages(encoder), { width, grid } = stages.at(-1)!;

const config = (tokens: readonly ("cls" | "patch")[]): StudentConfig => ({
  encoder,
  ladder: {
    ...{ width, grid, stages, depth: stages.length, blocks: [1, 3], hidden: 3, lastHidden: 4 },
    teachers: [{ name: "a", width: 5, tokens: ["cls"], grid }, {
      name: "b",
      width: 2,
      tokens,
      grid,
    }],
  },
});

Deno.test("predictions of CLS are those of all tokens", async () => {
  const images = tf.tensor4d(randomStream(1).normal(2 * 8 * 8 * 3), [2, 8, 8, 3]);
  const clsOnly = config(["cls"]), parameters = initStudent(clsOnly, randomStream(0));
  const [own, fromAll] = tf.tidy(() => {
    const outputs = encoderOutputs(parameters.encoder, images, encoder);
    assertEquals(outputs[1]!.shape, [2, 1 + 8 * 8, 16]);
    return [
      student(parameters, images, clsOnly),
      project(parameters.ladder, outputs, clsOnly.ladder),
    ];
  });
  for (const name of ["a", "b"]) {
    const expected = await fromAll![name]!.cls!.data();
    (await own![name]!.cls!.data()).forEach((value, i) =>
      assertAlmostEquals(value, expected[i]!, 1e-6)
    );
  }
  tf.dispose([images, own, fromAll]);
});

Deno.test("a teacher with patches is given all tokens", () => {
  const all = config(["cls", "patch"]), parameters = initStudent(all, randomStream(0));
  tf.tidy(() => {
    const images = tf.ones<tf.Rank.R4>([2, 8, 8, 3]);
    assertEquals(student(parameters, images, all).b?.patch?.shape, [2, grid[0] * grid[1], 2]);
    const outputs = encoderOutputs(parameters.encoder, images, encoder, { clsOnly: true });
    assertEquals(outputs[1]!.shape, [2, 1, 16]);
    assertThrows(() => project(parameters.ladder, outputs, all.ladder), UserError, "block 1");
  });
});

Deno.test("a single token has no patches", async () => {
  const { cls, patch } = splitTokens(tf.tensor3d([1, 2], [1, 1, 2]));
  assertEquals([[...await cls.data()], patch.shape], [[1, 2], [1, 0, 2]]);
});
