/**
 * Features of the embedded networks against tests/golden/teachers.py, which runs each network
 * operation by operation in double precision. Tolerance: 1e-4 of the norm per number.
 */
import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { compile } from "../../../lib/engine/compiler/compile.ts";
import { startEngine } from "../../../lib/engine/backend.ts";
import { loadTeacher } from "../../../lib/teachers/zoo/zoo.ts";
import golden from "../../golden/teachers.json" with { type: "json" };
import { goldenImages } from "../golden_images_fixture.ts";

interface Summary {
  readonly shape: readonly number[];
  readonly norm: number;
  readonly mean: number;
  readonly positions: readonly number[];
  readonly values: readonly number[];
}

async function assertMatches(found: tf.Tensor | undefined, expected: Summary): Promise<void> {
  assert(found !== undefined);
  assertEquals(found.shape, [...expected.shape]);
  const data = await found.data<"float32">();
  const norm = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0));
  assertAlmostEquals(norm, expected.norm, 1e-4 * expected.norm);
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const scale = expected.norm / Math.sqrt(data.length);
  assertAlmostEquals(mean, expected.mean, 1e-4 * scale);
  expected.positions.forEach((position, k) => {
    assertAlmostEquals(data[position] ?? NaN, expected.values[k] ?? NaN, 1e-4 * scale);
  });
}

await startEngine();

for (const { name, batch, imageSize, inputSize, grid, cls, patch } of golden) {
  Deno.test(`${name} at ${inputSize} px equals the independent evaluation`, async () => {
    const teacher = await loadTeacher(name, { inputSize });
    const input = goldenImages(batch, imageSize);
    const features = teacher.features(input);
    assertEquals([...teacher.grid()], grid);
    await assertMatches(features.cls, cls);
    await assertMatches(features.patch, patch);
    tf.dispose([input, features]);
    teacher.dispose();
  });
}

Deno.test("compiled features equal the independent evaluation", async () => {
  for (const { name, batch, imageSize, inputSize, cls, patch } of golden) {
    if (inputSize > 65) continue;
    const teacher = await loadTeacher(name, { inputSize });
    const input = goldenImages(batch, imageSize);
    const features = compile(teacher.features, [input], { mode: "graph", name });
    const found = await features(input);
    await assertMatches(found.cls, cls);
    await assertMatches(found.patch, patch);
    tf.dispose([input, found]);
    features.dispose();
    teacher.dispose();
  }
});
