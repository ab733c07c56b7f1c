/**
 * A whole step, composed anew from the paper's description of it, against what runs log: which statistics
 * standardise, what is normalised, what is drawn for which step, who is dropped, what is averaged, what
 * decays. Only elementary pieces are the package's own, each of which has tests of its own: the student's
 * forward pass, the distance of two tokens, drawing and applying views, AdamW, addressed random numbers.
 */
import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { augment, augmentationTensors } from "../../lib/augmentation/augment.ts";
import { drawAugmentations } from "../../lib/augmentation/draw.ts";
import { startEngine } from "../../lib/engine/backend.ts";
import { tokenLoss } from "../../lib/method/losses.ts";
import { initStudent, student } from "../../lib/method/student.ts";
import { drawDropPath } from "../../lib/method/drop_path.ts";
import type { RecipeInput } from "../../lib/recipe/input.ts";
import type { Recipe } from "../../lib/recipe/options.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import type { Teacher } from "../../lib/teachers/backbone.ts";
import { adamW, initAdam } from "../../lib/tensors/adamw.ts";
import { flatten, layoutOf, unflatten } from "../../lib/tensors/parameters.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { augmentationOf } from "../../lib/training/setup.ts";
import { packWorld } from "../../lib/world/pack.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";
import { runToEnd } from "./shared_runs_fixture.ts";

const images = 40, size = 32, canvas = 40, patch = 8, patches = (size / patch) ** 2, width = 3;
const batch = 8, steps = 6, depth = 3, stepsOfPass = images / batch;
const learningRate = 0.003, minimum = 1e-6, warmup = 2, weightDecay = 0.05, probability = 0.5;

/** A power of the mean colours of patches, far from zero, and their mean as CLS. */
function powerTeacher(name: string, power: number): Teacher {
  return {
    ...{ name, family: "colours", licence: "CC0-1.0", digest: name, width, parameterCount: 0 },
    input: { size, mean: [0, 0, 0], std: [1, 1, 1] },
    tokens: ["cls", "patch"],
    grid: () => [size / patch, size / patch],
    features(views) {
      const colours = tf.pow(tf.avgPool(views, patch, patch, "valid"), power);
      const tokens = tf.add<tf.Tensor3D>(tf.mul(tf.reshape(colours, [-1, patches, width]), 5), 2);
      return { patch: tokens, cls: tf.mean<tf.Tensor2D>(tokens, 1) };
    },
    dispose: () => {},
  };
}
// The order in which they are given makes no difference: columns are sorted by name.
const teachers = [powerTeacher("b", 1), powerTeacher("a", 2)], names = ["a", "b"] as const;

function recipeWith(changes: Partial<RecipeInput>): Recipe {
  return defineRecipe({
    name: "composition",
    seed: 7,
    images: { sources: [{ world: { seed: 5, images } }], size, canvas },
    teachers: [...names],
    student: { width: 16, depth, heads: 2, patchSize: patch },
    optimization: { batchSize: batch, steps, warmupSteps: warmup, learningRate, weightDecay },
    balancing: { probability },
    mode: "graph",
    ...changes,
  });
}

interface LoggedStep {
  readonly loss: number;
  readonly gradientNorm: number;
  readonly shares: Readonly<Record<string, number>>;
}

/** Mean and unbiased deviation plus 1e-6 of each feature over all rows, in double precision. */
async function statisticsOf(features: tf.Tensor): Promise<{ mean: number[]; std: number[] }> {
  const values = await features.data<"float32">();
  const columns = Array.from({ length: width }, (_, i) => {
    const column = Array.from(values).filter((_, at) => at % width === i);
    const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
    const squares = column.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { mean, std: Math.sqrt(squares / (column.length - 1)) + 1e-6 };
  });
  return { mean: columns.map(({ mean }) => mean), std: columns.map(({ std }) => std) };
}

/** Section 3.3: the weight of a batch falls from 1 to 0.001 along half a cosine. */
const weightOfBatch = (step: number) => 0.001 + 0.4995 * (1 + Math.cos(Math.PI * step / steps));

/** Appendix A: from 0 to the peak in the warm-up, then along half a cosine to the minimum. */
function rateAt(step: number): number {
  if (step < warmup) return learningRate * step / (warmup - 1);
  const share = (step - warmup) / (steps - warmup);
  return minimum + (learningRate - minimum) * 0.5 * (1 + Math.cos(Math.PI * share));
}

/** Section 3.5: of each image the hardest teacher, and of the others those that are not drawn. */
function keptTeachers(losses: number[][], uniforms: Float32Array): number[][] {
  return losses.map((row, image) =>
    row.map((loss, teacher) => {
      const hardest = row.indexOf(Math.max(...row)) === teacher && loss === Math.max(...row);
      return hardest || uniforms[image * row.length + teacher]! >= probability ? 1 : 0;
    })
  );
}

/** The steps of a run, computed from the description. */
async function composed(recipe: Recipe): Promise<LoggedStep[]> {
  const root = randomStream(recipe.seed), augmentation = augmentationOf(recipe);
  const grid = [size / patch, size / patch] as const;
  const shapes = names.map((name) => ({ name, width, tokens: ["cls", "patch"] as const, grid }));
  const encoder = { imageSize: size, ...recipe.student };
  const config = { encoder, ladder: { width: 16, depth, grid, teachers: shapes } };
  const tree = initStudent(config, root.at("student")), layout = layoutOf(tree);
  let parameters = flatten(tree, layout), adam = initAdam(parameters);
  const running = new Map<string, { mean: number[]; std: number[] }>();
  const pack = await packWorld({ seed: 5, images }, { canvas });
  const logged: LoggedStep[] = [];
  for (let step = 0; step < steps; step++) {
    const pass = Math.floor(step / stepsOfPass), first = (step % stepsOfPass) * batch;
    const chosen = root.at("order", pass).permutation(images).slice(first, first + batch);
    const drawn = drawAugmentations(augmentation, canvas, root, { epoch: pass, images: chosen });
    const pixels = tf.tensor4d(Float32Array.from(pack.read(chosen)), [batch, canvas, canvas, 3]);
    const views = augment(pixels, augmentationTensors(drawn), augmentation);

    const targets: Record<string, tf.Tensor> = {}, weight = weightOfBatch(step);
    for (const teacher of teachers) {
      for (const [type, features] of Object.entries(teacher.features(views))) {
        const key = `${teacher.name}.${type}`, ofBatch = await statisticsOf(features);
        // Before the first batch: mean 0, deviation 1.
        const before = running.get(key) ?? { mean: [0, 0, 0], std: [1, 1, 1] };
        const { mean, std } = recipe.standardizer.kind === "batch" ? ofBatch : before;
        targets[key] = tf.div(tf.sub(features, mean), std.map((value) => value + 1e-6));
        const blend = (old: number[], newest: number[]) =>
          old.map((value, i) => (1 - weight) * value + weight * newest[i]!);
        running.set(key, {
          mean: blend(before.mean, ofBatch.mean),
          std: blend(before.std, ofBatch.std),
        });
      }
    }

    // ImageNet's mean and deviation, as for every network of the paper.
    const inputs = tf.div<tf.Tensor4D>(tf.sub(views, [0.485, 0.456, 0.406]), [0.229, 0.224, 0.225]);
    const dropPath = tf.tensor3d(
      drawDropPath(encoder, batch, root.at("dropPath", step)),
      [depth, 2, batch],
    );
    const lossesOf = (flat: tf.Tensor1D) => {
      const predictions = student(unflatten(flat, layout), inputs, config, { dropPath });
      return tf.stack(
        names.map((name) => {
          const { cls, patch } = predictions[name]!;
          const ofCls = tokenLoss(cls!, targets[`${name}.cls`]!);
          const ofPatches = tf.mean(tokenLoss(patch!, targets[`${name}.patch`]!), 1);
          return tf.mul(0.5, tf.add(ofCls, ofPatches));
        }),
        1,
      ) as tf.Tensor2D;
    };
    const uniforms = root.at("teacherDrop", step).uniform(batch * names.length);
    const kept = keptTeachers(await lossesOf(parameters).array(), uniforms);
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
    const divisor = (row: number[]) =>
      recipe.balancing.normalization === "image" ? batch * sum(row) : sum(kept.flat());
    const coefficients = kept.map((row) => row.map((value) => value / divisor(row)));
    const objective = (flat: tf.Tensor) =>
      tf.sum(tf.mul(tf.tensor2d(coefficients), lossesOf(flat as tf.Tensor1D))).asScalar();
    const { value, grad } = tf.valueAndGrad(objective)(parameters);

    const gradientNorm = Math.sqrt((await tf.sum(tf.square(grad)).data())[0]!);
    const shares = names.map((name, i) => [name, sum(coefficients.map((row) => row[i]!))] as const);
    logged.push({
      loss: (await value.data())[0]!,
      gradientNorm,
      shares: Object.fromEntries(shares),
    });
    // A gradient that is too long is cut to the length that is allowed, a shorter one is left alone.
    const { maximumGradientNorm = Infinity } = recipe.optimization;
    const limited = tf.mul<tf.Tensor1D>(grad, Math.min(1, maximumGradientNorm / gradientNorm));
    const updated = adamW(parameters, limited, adam, {
      learningRate: tf.scalar(rateAt(step)),
      step: tf.scalar(step + 1),
    }, { layout, weightDecay });
    [parameters, adam] = [updated.parameters, updated.state];
  }
  pack.close();
  return logged;
}

const optimization = recipeWith({}).optimization;
const variants: Record<string, Partial<RecipeInput>> = {
  "as published": {},
  "standardised by each batch": { standardizer: { kind: "batch" } },
  "images of equal weight": { balancing: { probability, normalization: "image" } },
  "a limited gradient": { optimization: { ...optimization, maximumGradientNorm: 60 } },
};

await startEngine();
const logs = new Map<string, readonly LoggedStep[]>();
for (const [name, changes] of Object.entries(variants)) {
  Deno.test(`the logged steps are those of the paper's description: ${name}`, () =>
    inTemporaryFolder(async (folder) => {
      const recipe = recipeWith(changes);
      const { reports } = await runToEnd(recipe, { folder: `${folder}/run`, teachers });
      logs.set(name, reports);
      const expected = await composed(recipe);
      assertEquals(reports.length, steps);
      reports.forEach(({ loss, gradientNorm, shares }, step) => {
        const right = expected[step]!;
        const message = (what: string) => `${what} of step ${step}`;
        assertAlmostEquals(loss, right.loss, 1e-6 * right.loss, message("loss"));
        const near = 1e-5 * right.gradientNorm;
        assertAlmostEquals(gradientNorm, right.gradientNorm, near, message("gradient norm"));
        for (const teacher of names) {
          assertAlmostEquals(shares[teacher]!, right.shares[teacher]!, 1e-6, message("share"));
        }
      });
    }));
}

Deno.test("each variant is another run, and someone is dropped", () => {
  const last = [...logs.values()].map((log) => log.at(-1)!.loss);
  assertEquals(new Set(last).size, Object.keys(variants).length);
  const norms = logs.get("a limited gradient")!.map(({ gradientNorm }) => gradientNorm);
  assertEquals([norms.some((norm) => norm > 60), norms.some((norm) => norm < 60)], [true, true]);
  // Of two teachers that are both kept for every image each has half the weight.
  assertEquals(logs.get("as published")!.some(({ shares }) => shares.a !== 0.5), true);
});
