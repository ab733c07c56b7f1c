/**
 * Features of the embedded networks against tests/golden/teachers/teachers.py, which runs each network
 * operation by operation in double precision. Tolerance: 1e-4 of the norm per number.
 */
import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { compile } from "../../../lib/engine/compiler/compile.ts";
import { startEngine } from "../../../lib/engine/backend.ts";
import { loadTeacher } from "../../../lib/teachers/zoo/zoo.ts";
import golden from "../../golden/teachers/teachers.json" with { type: "json" };
import { goldenImages } from "../golden_images_fixture.ts";
import { assertSummary } from "../summary_fixture.ts";

await startEngine();

for (const { name, batch, imageSize, inputSize, grid, cls, patch } of golden) {
  Deno.test(`${name} at ${inputSize} px equals the independent evaluation`, async () => {
    const teacher = await loadTeacher(name, { inputSize });
    const input = goldenImages(batch, imageSize);
    const features = teacher.features(input);
    assertEquals([...teacher.grid()], grid);
    await assertSummary(features.cls, cls);
    await assertSummary(features.patch, patch);
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
    await assertSummary(found.cls, cls);
    await assertSummary(found.patch, patch);
    tf.dispose([input, found]);
    features.dispose();
    teacher.dispose();
  }
});
