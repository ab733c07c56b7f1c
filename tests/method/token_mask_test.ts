/** A student that sees some of its patches: predictions, losses and gradients. */
import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { lossesPerTeacher } from "../../lib/method/losses.ts";
import { initStudent, student, type StudentConfig } from "../../lib/method/student.ts";
import { takeTargets } from "../../lib/method/token_selection.ts";
import type { TeacherShape } from "../../lib/method/tokens.ts";
import type { KeptTokens } from "../../lib/nn/kept_tokens.ts";
import { valueAndGradient } from "../../lib/tensors/gradient.ts";
import { flatten, layoutOf, unflatten } from "../../lib/tensors/parameters.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { assertClose, fill, filled, golden } from "../golden_values_fixture.ts";
import { assertProbes } from "./probes_fixture.ts";
import "../pure_backend_fixture.ts";

const teachers: TeacherShape[] = [
  { name: "a", width: 5, tokens: ["cls", "patch"], grid: [4, 4] },
  { name: "b", width: 6, tokens: ["patch"], grid: [2, 2] },
];
const encoder = { imageSize: 16, patchSize: 4, width: 16, depth: 2, heads: 2 };
const config: StudentConfig = {
  encoder,
  ladder: { width: 16, depth: 2, grid: [4, 4], teachers },
};
const expected = golden<{
  readonly kept: number[][];
  readonly matrix: string;
  readonly gradients: { readonly [name: string]: string };
}>("method/token_mask");

function keptOf(places: readonly (readonly number[])[], tokens: number): KeptTokens {
  const count = places[0]!.length, rows = places.length * count;
  const rowOf = (image: number, place: number) => {
    const at = places[image]!.indexOf(place);
    return at < 0 ? rows : image * count + at;
  };
  return {
    places: tf.tensor2d(places as number[][], [places.length, count], "int32"),
    rows: tf.tensor2d(
      places.map((_, image) => Array.from({ length: tokens }, (_, place) => rowOf(image, place))),
      [places.length, tokens],
      "int32",
    ),
  };
}

const kept = keptOf(expected.kept, 16);
const images = fill<tf.Rank.R4>([3, 16, 16, 3], 82);
const targets = {
  a: { cls: fill<tf.Rank.R2>([3, 5], 70), patch: fill<tf.Rank.R3>([3, 16, 5], 71) },
  b: { patch: fill<tf.Rank.R3>([3, 4, 6], 72) },
};

Deno.test("six of sixteen patches: losses and every gradient equal PyTorch", () => {
  const tree = filled(initStudent(config, randomStream(0))), layout = layoutOf(tree);
  const { gradient, others } = valueAndGradient(
    (parameters) => {
      const predictions = student(parameters, images, config, { kept });
      assertEquals(predictions.a!.patch!.shape, [3, 6, 5]);
      assertEquals(predictions.b!.patch!.shape, [3, 4, 6]);
      const seen = takeTargets(targets, config, kept);
      const { matrix } = lossesPerTeacher(predictions, seen, ["a", "b"]);
      return { value: tf.mean(matrix) as tf.Scalar, others: { matrix } };
    },
    flatten(tree, layout),
    layout,
  );
  assertClose(others.matrix, expected.matrix, 2e-6);
  assertProbes(unflatten(gradient, layout), expected.gradients);
});

Deno.test("with all patches kept a student predicts what it does without a mask, of every kind", () => {
  const all = keptOf(Array.from({ length: 3 }, () => [...Array(16).keys()]), 16);
  const shape = { width: 16, depth: 2, grid: [4, 4] as const, teachers };
  for (const kind of ["ladder", "top", "transformer"] as const) {
    const same: StudentConfig = {
      encoder: { ...encoder, registers: 2 },
      ladder: kind === "transformer" ? { kind, ...shape, heads: 2 } : { kind, ...shape },
    };
    const parameters = filled(initStudent(same, randomStream(0)));
    const predict = (kept?: KeptTokens) => student(parameters, images, same, { kept });
    const masked = predict(all), whole = predict();
    for (const [name, tokens] of Object.entries(whole)) {
      for (const [type, prediction] of Object.entries(tokens)) {
        assertClose(masked[name]![type as "cls"]!, prediction.dataSync(), 2e-6, `${name} ${type}`);
      }
    }
  }
});
