/** Students that start from the weights of other networks: the first prediction of the source is the source. */
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { standardize } from "../../lib/method/standardizers/standardizer.ts";
import type { Statistics } from "../../lib/method/standardizers/statistics.ts";
import { student, studentFeatures } from "../../lib/method/student.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import type { RecipeInput } from "../../lib/recipe/input.ts";
import type { Recipe } from "../../lib/recipe/options.ts";
import { studentConfigOf, studentInputOf } from "../../lib/recipe/student_config.ts";
import { encodeStudent } from "../../lib/teachers/student_file.ts";
import { type Backbone, shapeOf } from "../../lib/teachers/backbone.ts";
import type { CheckpointReading } from "../../lib/teachers/checkpoint_reading.ts";
import { openBackbone } from "../../lib/teachers/open_backbone.ts";
import { preprocess } from "../../lib/teachers/preprocess.ts";
import { namedTensors, unflatten } from "../../lib/tensors/parameters.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { distill } from "../../lib/training/distill.ts";
import { freshState } from "../../lib/training/start.ts";
import { openSource } from "../../lib/training/source/warm_start.ts";
import { encodeTorchCheckpoint } from "../../lib/weights/torch/torch_writer.ts";
import golden from "../golden/teachers/families.json" with { type: "json" };
import { assertClose } from "../golden_values_fixture.ts";
import { inFolder } from "../images/images_fixture.ts";
import { familyCase, madeUpCheckpoint } from "../teachers/families/checkpoint_fixture.ts";
import { goldenImages } from "../teachers/golden_images_fixture.ts";
import { writeImages } from "./tiny_distillation_fixture.ts";

await startEngine();

type StudentInput = RecipeInput["student"];

function recipeOf(
  student: StudentInput,
  { size = 32, teachers = ["resnet20_cifar10"] }: {
    readonly size?: number;
    readonly teachers?: RecipeInput["teachers"];
  } = {},
): Recipe {
  return defineRecipe({
    ...{ name: "warm", images: { sources: [{ path: "photos" }], size, augmentation: false } },
    ...{ teachers, student, ladder: { blocks: "all" } },
    optimization: { batchSize: 2, steps: 2, warmupSteps: 0 },
  });
}

/** The student at step 0, and its only teacher. */
async function begin(recipe: Recipe, teacher: Backbone) {
  const config = studentConfigOf(recipe, [shapeOf(teacher)]);
  const setup = { recipe, student: config, random: randomStream(0) };
  const { state, layout } = await freshState(setup);
  return { config, parameters: unflatten(state.tensors.parameters, layout) };
}

const images = goldenImages(2, 32);

/** Means and deviations unlike 0 and 1. */
function statisticsOf({ name, width }: Backbone): Statistics {
  const kind = () => ({
    mean: tf.mul(tf.sin(tf.range(0, width)), 0.1) as tf.Tensor1D,
    std: tf.add(tf.mul(tf.cos(tf.range(0, width)), 0.3), 1) as tf.Tensor1D,
  });
  return { [name]: { cls: kind(), patch: kind() } };
}

async function assertPredictsSource(recipe: Recipe, teacher: Backbone) {
  const { config, parameters } = await begin(recipe, teacher), statistics = statisticsOf(teacher);
  const input = preprocess(images, studentInputOf(recipe));
  const { cls, patch } = student(parameters, input, config, { statistics })[teacher.name]!;
  const { cls: ofCls, patch: ofPatch } = teacher.features(images);
  const expected = standardize({ [teacher.name]: { cls: ofCls!, patch: ofPatch! } }, statistics)[
    teacher.name
  ]!;
  assertClose(cls!, await expected.cls!.data(), 1e-4, "cls");
  assertClose(patch!, await expected.patch!.data(), 1e-4, "patch");
  const features = studentFeatures(parameters, input, config);
  assertClose(features.cls, await ofCls!.data(), 1e-4, "the student's own feature");
}

Deno.test("a convolutional student begins as its source, with batch norm folded or apart", async () => {
  const teacher = await openBackbone({ name: "resnet20_cifar10" });
  for (const batchNorm of ["folded", "scaled"] as const) {
    const recipe = recipeOf({
      ...{ kind: "resnet_cifar", blocks: 3, from: "resnet20_cifar10", batchNorm },
      ...{ mean: teacher.input.mean, std: teacher.input.std },
    });
    await assertPredictsSource(recipe, teacher);
    const { parameters: { encoder } } = await begin(recipe, teacher);
    const scales = namedTensors(encoder).filter(([name]) => name.endsWith(".scale"));
    assertEquals(scales.length, batchNorm === "scaled" ? 19 : 0);
    for (const [name, scale] of scales) {
      const values = await scale.data<"float32">();
      assert(values.some((value) => Math.abs(value - 1) > 0.05), `${name} is batch norm's own`);
    }
  }
  teacher.dispose();
});

Deno.test("a folded student's file gives factors of 1, a scaled one's are folded; both begin alike", () =>
  inFolder(async (folder) => {
    const teacher = await openBackbone({ name: "resnet20_cifar10" }), { mean, std } = teacher.input;
    const recipeFrom = (from: string, batchNorm: "folded" | "scaled") =>
      recipeOf({ kind: "resnet_cifar", blocks: 3, from, batchNorm, mean, std });
    for (const own of ["folded", "scaled"] as const) {
      const other = own === "folded" ? "scaled" : "folded";
      const { config, parameters } = await begin(recipeFrom("resnet20_cifar10", own), teacher);
      const tensors = new Map(
        namedTensors(parameters).map(([name, tensor]) =>
          [name, { shape: tensor.shape, data: tensor.dataSync<"float32">() }] as const
        ),
      );
      const file = `${folder}/${own}.safetensors`;
      await Deno.writeFile(file, encodeStudent(tensors, config.encoder, {}, teacher.input));
      const recipe = recipeFrom(file, other), begun = await begin(recipe, teacher);
      const notes: string[] = [];
      (await openSource(recipe, (note) => notes.push(note)))!.dispose();
      assertEquals(notes.some((note) => note.includes("begin at 1")), own === "folded");
      const input = preprocess(images, studentInputOf(recipe));
      const features = studentFeatures(begun.parameters, input, begun.config);
      assertClose(features.cls, await teacher.features(images).cls!.data(), 1e-4, own);
      const scale = namedTensors(begun.parameters).find(([name]) => name.endsWith(".scale"));
      assertEquals(new Set(scale?.[1].dataSync()), new Set(own === "folded" ? [1] : []));
    }
    teacher.dispose();
  }));

/** What keeps a family's network from being a student; all others can be. */
const unlike: Record<string, string> = {
  dbot_ft: "its CLS is the normalised mean of its patches",
  "dinov2 giant's MLP": "its MLPs are gated (SwiGLU)",
  clip: "its tokens pass a norm before the first block",
};

for (const one of golden.filter(({ name }) => !name.includes(","))) {
  const reason = unlike[one.name];
  Deno.test(`from a file of ${one.name}: ${reason ?? "the first prediction is the teacher"}`, () =>
    inFolder(async (folder) => {
      const made = madeUpCheckpoint(familyCase(one.name)), path = `${folder}/weights.pth`;
      const tensors = [...made.tensors].map(([name, { shape }]) =>
        [name, { shape, data: made.read(name) }] as const
      );
      await Deno.writeFile(path, encodeTorchCheckpoint(Object.fromEntries(tensors)));
      const from = `${one.family}:${path}`;
      const options = one.options as CheckpointReading;
      const own = await openBackbone({ name: "mine", checkpoint: from, ...options });
      const patchSize = own.input.size / own.grid()[0];
      const shape = own.encoder ?? { patchSize, width: 64, depth: 1, heads: 1 };
      assert(!("blocks" in shape) && "patchSize" in shape);
      // A grid that the file does not have: positions are interpolated as the family does.
      const size = 3 * shape.patchSize, { mean, std } = own.input;
      const spec = { name: "mine", checkpoint: from, inputSize: size, ...options };
      const { imageSize: _, ...rest } = shape as typeof shape & { imageSize?: number };
      const recipe = recipeOf({ dropPath: 0, ...rest, from, mean, std }, {
        size,
        teachers: [spec],
      });
      const teacher = await openBackbone(spec);
      if (reason === undefined) {
        (await openSource(recipe))!.dispose();
        await assertPredictsSource(recipe, teacher);
      } else {
        assertStringIncludes(
          (await assertRejects(() => openSource(recipe), UserError)).message,
          reason,
        );
        await assertRejects(() => begin(recipe, teacher), UserError, reason);
      }
      own.dispose();
      teacher.dispose();
    }));
}

Deno.test("a run starts from a larger network, and says so", () =>
  inFolder(async (folder) => {
    await writeImages(folder, { count: 8 });
    const recipe = defineRecipe({
      name: "small",
      images: { sources: [{ path: `${folder}/images` }], size: 16, augmentation: false },
      teachers: ["resnet20_cifar10"],
      student: {
        ...{ kind: "resnet_cifar", blocks: 2, widthMultiplier: 0.5, from: "resnet20_cifar10" },
        ...{ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], freeze: 1 },
      },
      ladder: { blocks: [2, 6] },
      optimization: { batchSize: 4, steps: 1, warmupSteps: 0 },
      ...{ mode: "graph", workers: 0 },
    });
    const notes: string[] = [], losses: number[] = [];
    const options = { folder: `${folder}/run`, onNote: (line: string) => notes.push(line) };
    for await (const { loss } of distill(recipe, options)) losses.push(loss);
    assert(Number.isFinite(losses[0]), `${losses}`);
    assert(notes.includes("student: from resnet20_cifar10"), notes.join("\n"));
  }));

Deno.test("a source that does not fit is refused before images are decoded, with both", () =>
  inFolder(async (folder) => {
    const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
    const from = "resnet20_cifar10";
    const cases: [StudentInput, string][] = [
      [
        { kind: "resnet_cifar", blocks: 4, from, ...imagenet },
        "group 1 of its stages has 3, the student's 4",
      ],
      [
        { kind: "resnet_cifar", blocks: 3, widthMultiplier: 2, from, ...imagenet },
        "its stage 0 has 16 channels, the student's 32",
      ],
      [{ kind: "resnet", layers: 18, from }, "it is a resnet_cifar"],
      [{ width: 64, depth: 2, heads: 2, patchSize: 8, from }, "it is a resnet_cifar"],
      [
        { kind: "resnet_cifar", blocks: 3, from, mean: [0, 0, 0], std: [1, 1, 1] },
        "set student.mean and student.std",
      ],
      [
        { kind: "mobilenet_v2", inputSize: 32, from: "mobilenet_v1_imagenet" },
        "its network is none",
      ],
      [
        { kind: "mobilenet_v2", inputSize: 32, from: "deeplab_v3_voc" },
        "it has 8 groups of stages",
      ],
      [
        { kind: "resnet_cifar", blocks: 3, from: "resnet20_cifar1" },
        "Did you mean resnet20_cifar10",
      ],
      [{ kind: "resnet_cifar", blocks: 3, from: "dino:absent.pth" }, "absent.pth"],
    ];
    for (const [student, expected] of cases) {
      const recipe = recipeOf(student);
      const { message } = await assertRejects(() => openSource(recipe), UserError);
      assertStringIncludes(message, expected);
      if (!expected.includes("it") || expected.includes("Did")) continue;
      assertStringIncludes(message, `source:  ${student.from}`);
      assertStringIncludes(message, `student: `);
    }
    await writeImages(folder, { count: 4 });
    const { images, ...rest } = recipeOf(cases[0]![0]);
    const sources = [{ path: `${folder}/images` }];
    const run = distill({ ...rest, images: { ...images, sources } }, { folder: `${folder}/run` });
    await assertRejects(() => run.next(), UserError, "Cannot start the student");
    assert(!await Deno.stat(`${folder}/run`).then(() => true, () => false), "no run was left");
  }));
