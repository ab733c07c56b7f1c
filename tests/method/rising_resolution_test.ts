/** A student on smaller images than its own: the same parameters, coarser grids. */
import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { lossesPerTeacher } from "../../lib/method/losses.ts";
import { headGroups } from "../../lib/method/projectors/head_groups.ts";
import {
  initStudent,
  student,
  type StudentConfig,
  studentLayout,
} from "../../lib/method/student.ts";
import { takeTargets } from "../../lib/method/token_selection.ts";
import type { TeacherShape } from "../../lib/method/tokens.ts";
import { studentAtSize } from "../../lib/recipe/student_config.ts";
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
const own: StudentConfig = {
  encoder: { imageSize: 16, patchSize: 4, width: 16, depth: 2, heads: 2 },
  ladder: { width: 16, depth: 2, grid: [4, 4], teachers },
};
const ladder = { kind: "ladder", blocks: "all" } as const;

Deno.test("on images of half the size, losses and every gradient equal PyTorch", () => {
  const expected = golden<{
    readonly matrix: string;
    readonly gradients: { readonly [name: string]: string };
  }>("method/rising_resolution");
  const config = studentAtSize({ ladder }, own, 8);
  const tree = filled(initStudent(own, randomStream(0))), layout = layoutOf(tree);
  const images = fill<tf.Rank.R4>([3, 8, 8, 3], 82);
  const targets = {
    a: { cls: fill<tf.Rank.R2>([3, 5], 70), patch: fill<tf.Rank.R3>([3, 16, 5], 71) },
    b: { patch: fill<tf.Rank.R3>([3, 4, 6], 72) },
  };
  const { gradient, others } = valueAndGradient(
    (parameters) => {
      const predictions = student(parameters, images, config);
      const { matrix } = lossesPerTeacher(predictions, takeTargets(targets, config), ["a", "b"]);
      return { value: tf.mean(matrix) as tf.Scalar, others: { matrix } };
    },
    flatten(tree, layout),
    layout,
  );
  assertClose(others.matrix, expected.matrix, 2e-6);
  assertProbes(unflatten(gradient, layout), expected.gradients);
});

Deno.test("heads keep names and teachers at every size, of every kind of projector and network", () => {
  const shape = { width: 16, depth: 2, grid: [4, 4] as const, teachers };
  const kinds: StudentConfig["ladder"][] = [
    shape,
    { kind: "top", ...shape },
    { kind: "transformer", ...shape, heads: 2 },
  ];
  for (const ladderConfig of kinds) {
    const whole = { ...own, ladder: ladderConfig };
    const parameters = initStudent(whole, randomStream(0));
    for (const [size, places] of [[4, 1], [8, 4], [12, 9]] as const) {
      const config = studentAtSize({ ladder }, whole, size);
      assertEquals(
        headGroups(config.ladder).map(({ name, teachers }) => [name, teachers.length]),
        [["cls", 1], ["patch", 1], ["patch_2x2", 1]],
      );
      const { a, b } = student(parameters, tf.zeros<tf.Rank.R4>([1, size, size, 3]), config);
      assertEquals(a?.patch?.shape, [1, places, 5]);
      assertEquals(b?.patch?.shape, [1, Math.min(4, places), 6]);
    }
  }
  const encoder = { kind: "resnet_cifar", blocks: 1, imageSize: 16 } as const;
  const stages = [16, 16, 32, 64].map((width, i) => {
    const side = [16, 16, 8, 4][i]!;
    return { width, grid: [side, side] as const };
  });
  const convolutional = {
    encoder,
    ladder: { width: 64, depth: 4, grid: [8, 8] as const, stages, teachers },
  };
  studentLayout(convolutional);
  const parameters = initStudent(convolutional, randomStream(0));
  // Patches are compared where the third stage is, as on images of its own size.
  const config = studentAtSize({ ladder: { ...ladder, patchStage: 2 } }, convolutional, 6);
  assertEquals([config.ladder.grid, config.ladder.ownGrid], [[3, 3], [8, 8]]);
  const { a, b } = student(parameters, tf.zeros<tf.Rank.R4>([1, 6, 6, 3]), config);
  assertEquals([a?.patch?.shape, b?.patch?.shape], [[1, 9, 5], [1, 4, 6]]);
});

Deno.test("a student at its own size is itself, and its targets are left untouched", () => {
  assertEquals(studentAtSize({ ladder }, own, 16), own);
  const targets = { a: { cls: fill<tf.Rank.R2>([1, 5], 1) }, b: {} };
  assertEquals(takeTargets(targets, own), targets);
});
