/** Runs of a convolutional student that takes some of the channels of a teacher. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { ImagePack } from "../../lib/images/packs/pack_file.ts";
import { prepareImages } from "../../lib/method/encoder_input.ts";
import { encoderOutputs, type EncoderParameters } from "../../lib/nn/encoder.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import type { Recipe } from "../../lib/recipe/options.ts";
import { encoderConfigOf, studentInputOf } from "../../lib/recipe/student_config.ts";
import { loadLatestCheckpoint } from "../../lib/runs/checkpoint/checkpoint.ts";
import { namedTensors } from "../../lib/tensors/parameters.ts";
import { matchedWeights } from "../../lib/training/source/match_source.ts";
import { setUpTraining } from "../../lib/training/setup.ts";
import { openSource, weightsFrom } from "../../lib/training/source/warm_start.ts";
import { runSteps, runToEnd, withOwnCache } from "./shared_runs_fixture.ts";
import { writeImages } from "./tiny_distillation_fixture.ts";

const source = "resnet20_cifar10";

function recipeOver(folder: string, widthMultiplier = 0.5): Recipe {
  return defineRecipe({
    name: "narrower",
    images: { sources: [{ path: `${folder}/images` }], size: 16, views: 2 },
    teachers: [source],
    student: {
      ...{ kind: "resnet_cifar", blocks: 3, from: source, inputSize: 32, widthMultiplier },
      ...{ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    },
    ladder: { hidden: 8, lastHidden: 8 },
    optimization: { batchSize: 4, steps: 6, warmupSteps: 0, learningRate: 1e-3 },
    ...{ mode: "graph", workers: 0, checkpoint: { every: 2 } },
  });
}

/** Deviation of what each stage gives of the images of a run. */
function spread(
  parameters: EncoderParameters,
  recipe: Recipe,
  { count, canvas, ...pack }: ImagePack,
): number[] {
  return tf.tidy(() => {
    const pixels = pack.read(Uint32Array.from({ length: count }, (_, i) => i));
    const whole = tf.div<tf.Tensor4D>(tf.tensor4d(pixels, [count, canvas, canvas, 3]), 255);
    const images = prepareImages(whole, studentInputOf(recipe));
    return encoderOutputs(parameters, images, encoderConfigOf(recipe)).map((output) =>
      Math.sqrt(tf.moments(output!).variance.dataSync()[0]!)
    );
  });
}

Deno.test("a student of half the channels begins with activations as large as its source's", () =>
  withOwnCache(async (folder) => {
    await writeImages(folder, { count: 10 });
    const recipe = recipeOver(folder), notes: string[] = [];
    const setup = await setUpTraining(recipe),
      teacher = (await openSource(recipe, (line) => notes.push(line)))!;
    assert(
      notes.some((line) => line.includes("its layers are fitted on the first images")),
      `${notes}`,
    );
    const before = tf.memory().numTensors;
    const [selected, matched] = [
      weightsFrom(recipe, teacher),
      await matchedWeights(setup, teacher, ({ stage }) => notes.push(stage)),
    ];
    assertEquals(notes.at(-1), `fitting the student's layers to ${source}…`);
    const count = namedTensors(matched).length;
    assertEquals(tf.memory().numTensors - before, 2 * count);
    const whole = spread(
      teacher.parameters as EncoderParameters,
      recipeOver(folder, 1),
      setup.images,
    );
    const [from, to] = [selected, matched].map((parameters) =>
      Math.max(
        ...spread(parameters, recipe, setup.images).map((own, i) =>
          Math.abs(Math.log(own / whole[i]!))
        ),
      )
    );
    assert(to! < 0.5 * from!, `${to}, before ${from}`);
    tf.dispose([selected, matched].flatMap((of) => namedTensors(of).map(([, tensor]) => tensor)));

    // One of all channels is left alone, bit by bit.
    const own = { ...setup, recipe: recipeOver(folder, 1) };
    const as = await matchedWeights(own, teacher);
    for (const [i, [name, tensor]] of namedTensors(as).entries()) {
      const [ofSource, expected] = namedTensors(teacher.parameters!)[i]!;
      assertEquals([name, await tensor.data()], [ofSource, await expected.data()]);
    }
    tf.dispose(namedTensors(as).map(([, tensor]) => tensor));
    teacher.dispose();
    setup.images.close();
    setup.teachers.forEach((teacher) => teacher.dispose());
  }));

Deno.test("a run of a narrower student begins matched, and goes on as if it had not stopped", () =>
  withOwnCache(async (folder) => {
    await writeImages(folder, { count: 10 });
    const recipe = recipeOver(folder),
      still = { ...recipe.optimization, steps: 1, learningRate: 1e-12 };
    await runToEnd({ ...recipe, optimization: still }, { folder: `${folder}/still` });
    await assertMatched({ ...recipe, optimization: still }, `${folder}/still`);

    const { summary } = await runToEnd(recipe, { folder: `${folder}/whole` });
    const again = await runToEnd(recipe, { folder: `${folder}/again` });
    assertEquals(again.summary.stateDigest, summary.stateDigest);
    const parts = `${folder}/parts`;
    await runSteps(recipe, 3, { folder: parts });
    const resumed = await runToEnd(recipe, { folder: parts, resume: true });
    assertEquals(resumed.reports.length, 3);
    assertEquals(resumed.summary.stateDigest, summary.stateDigest);
  }));

/** The student of a run that hardly moved is what the source's channels were matched to. */
async function assertMatched(recipe: Recipe, folder: string): Promise<void> {
  const setup = await setUpTraining(recipe), teacher = (await openSource(recipe))!;
  const { tensors } = (await loadLatestCheckpoint(folder))!;
  const matched = namedTensors(await matchedWeights(setup, teacher));
  for (const [name, tensor] of matched) {
    const found = tensors.get(`encoder.${name}`)!.data, expected = await tensor.data<"float32">();
    found.forEach((value, i) => assertAlmostEquals(value, expected[i]!, 1e-6, name));
  }
  tf.dispose(matched.map(([, tensor]) => tensor));
  teacher.dispose();
  setup.images.close();
  setup.teachers.forEach((teacher) => teacher.dispose());
}
