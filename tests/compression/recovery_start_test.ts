/** A pruned student that is distilled again: what its first step sees, and that it goes on bit for bit. */
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { recoveryRecipe } from "../../lib/compression/recovery_recipe.ts";
import { startEngine } from "../../lib/engine/backend.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { standardize } from "../../lib/method/standardizers/standardizer.ts";
import { student } from "../../lib/method/student.ts";
import { applyOverrides } from "../../lib/recipe/overrides.ts";
import type { Recipe } from "../../lib/recipe/options.ts";
import { studentConfigOf, studentInputOf } from "../../lib/recipe/student_config.ts";
import { shapeOf } from "../../lib/teachers/backbone.ts";
import { preprocess } from "../../lib/teachers/preprocess.ts";
import { openStudentFile } from "../../lib/teachers/student_file.ts";
import { unflatten } from "../../lib/tensors/parameters.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { distill } from "../../lib/training/distill.ts";
import { freshState } from "../../lib/training/start.ts";
import tinyTest from "../../recipes/tiny_test.ts";
import { randomStudent } from "../export/onnx/random_student_fixture.ts";
import { assertClose } from "../golden_values_fixture.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";
import { goldenImages } from "../teachers/golden_images_fixture.ts";
import { runToEnd } from "../training/shared_runs_fixture.ts";

await startEngine();

const shape = { imageSize: 32, patchSize: 8, width: 32, depth: 2, heads: 2 } as const;
const config = { ...shape, hiddenWidths: [24, 40], headCounts: [1, 2], queryWidths: [16, 5] };

/** A run of which a student was pruned. */
const trained = applyOverrides(tinyTest, [
  'images.sources=[{"path": "data/images/digits.zip", "split": "train", "limit": 64}]',
  ...["images.views=2", "checkpoint.every=100", "optimization.steps=2", "featureCache=true"],
]);

/** The recovery of a student whose blocks have unequal heads, by steps instead of minutes. */
async function recoveryIn(folder: string): Promise<Recipe> {
  const [before, from] = ["before", "pruned"].map((name) => `${folder}/${name}.safetensors`);
  await Deno.writeFile(before!, randomStudent(shape));
  await Deno.writeFile(from!, randomStudent(config));
  const files = { from: from!, before: before! };
  const own = { name: "again", ...files, config, minutes: 1, plan: undefined };
  const { budget: _budget, optimization, ...rest } = recoveryRecipe(trained, own);
  return { ...rest, optimization: { ...optimization, steps: 6, warmupSteps: 1 } };
}

Deno.test("the first prediction of the student before pruning is the pruned student's feature", () =>
  inTemporaryFolder(async (folder) => {
    const recipe = await recoveryIn(folder), images = goldenImages(2, 32);
    const [before, pruned] = await Promise.all(
      ["before", "pruned"].map((name) => openStudentFile(`${folder}/${name}.safetensors`, name)),
    );
    const own = studentConfigOf(recipe, [{ ...shapeOf(before!), name: "before_pruning" }]);
    const { state, layout } = await freshState({ recipe, student: own, random: randomStream(0) });
    const kind = () => ({
      mean: tf.mul(tf.sin(tf.range(0, 32)), 0.1) as tf.Tensor1D,
      std: tf.add(tf.mul(tf.cos(tf.range(0, 32)), 0.3), 1) as tf.Tensor1D,
    });
    const statistics = { before_pruning: { cls: kind(), patch: kind() } };
    const input = preprocess(images, studentInputOf(recipe));
    const parameters = unflatten(state.tensors.parameters, layout);
    const found = student(parameters, input, own, { statistics }).before_pruning!;
    const expected = [pruned!, before!].map((network) => {
      const { cls, patch } = network.features(images);
      return standardize({ before_pruning: { cls: cls!, patch: patch! } }, statistics)
        .before_pruning!;
    });
    assertClose(found.cls!, await expected[0]!.cls!.data(), 1e-4, "cls");
    assertClose(found.patch!, await expected[0]!.patch!.data(), 1e-4, "patch");
    const distance = tf.mean(tf.abs(tf.sub(found.cls!, expected[1]!.cls!))).dataSync()[0]!;
    assert(distance > 0.1, `the target is another network, ${distance} away`);
    before!.dispose();
    pruned!.dispose();
  }));

Deno.test("a student of unequal heads that is distilled again goes on bit for bit", () =>
  inTemporaryFolder(async (folder) => {
    const recipe = await recoveryIn(folder), features = `${folder}/features`;
    const whole = await runToEnd(recipe, { folder: `${folder}/whole`, features });
    const last = whole.reports.at(-1)!;
    assertEquals(Object.keys(last.losses), ["before_pruning"]);
    assert(Number.isFinite(last.loss) && last.gradientNorm > 0);
    const stopped = { folder: `${folder}/stopped`, features };
    for await (const { step } of distill(recipe, stopped)) if (step === 3) break;
    const resumed = await runToEnd(recipe, { ...stopped, resume: true });
    assertEquals([resumed.reports[0]?.step, resumed.digest], [4, whole.digest]);
  }));

Deno.test("a teacher of another width cannot be predicted by the student itself", () =>
  inTemporaryFolder(async (folder) => {
    const recipe = await recoveryIn(folder);
    const teacher = { name: "before_pruning", width: 64, tokens: ["cls"], grid: [1, 1] } as const;
    assertThrows(
      () => studentConfigOf(recipe, [teacher]),
      UserError,
      "found features of 64 channels, expected the student's 32",
    );
  }));
