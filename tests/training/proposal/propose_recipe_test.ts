import { assert, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { imagenetNormalization } from "../../../lib/images/normalize.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import { encoderConfigOf } from "../../../lib/recipe/student_config.ts";
import { selectionMisfit } from "../../../lib/nn/selection/select_encoder.ts";
import type {
  MeasuredNetwork,
  ProposalFacts,
  ProposalRequest,
} from "../../../lib/training/proposal/facts.ts";
import { proposeRecipe } from "../../../lib/training/proposal/propose_recipe.ts";
import { rungsOf } from "../../../lib/training/proposal/student_like.ts";
import { proposalLines } from "../../../lib/training/proposal/words.ts";

const half = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;

/** MobileNetV2 at 2 ms an image of 96 px. */
const mobileNet: MeasuredNetwork = {
  spec: { name: "mobile" },
  ownInput: { size: 224, ...half },
  stride: 32,
  timedSize: 96,
  seconds: 0.002,
  encoder: { kind: "mobilenet_v2", imageSize: 224 },
};

const deepLab: MeasuredNetwork = {
  ...mobileNet,
  spec: { name: "deeplab" },
  ownInput: { size: 513, ...half },
  stride: 16,
  timedSize: 97,
  encoder: { kind: "mobilenet_v2", imageSize: 513, outputStride: 16, head: false },
};

const cifar: MeasuredNetwork = {
  ...mobileNet,
  spec: { name: "cifar" },
  ownInput: { size: 32, ...imagenetNormalization },
  stride: 4,
  timedSize: 32,
  encoder: undefined,
};

const transformer: MeasuredNetwork = {
  ...mobileNet,
  spec: { name: "mine", checkpoint: "dino:mine.pth" },
  ownInput: { size: 224, ...imagenetNormalization },
  stride: 16,
  encoder: { imageSize: 224, patchSize: 16, width: 384, depth: 12, heads: 6 },
};

function propose(
  facts: Partial<ProposalFacts> = {},
  request: Partial<ProposalRequest> = {},
) {
  const whole: ProposalFacts = {
    ...{ images: 2000, side: 300, teachers: [mobileNet, cifar], operationsPerSecond: 1e11 },
    ...facts,
  };
  const proposal = proposeRecipe({
    ...{ name: "photos", images: ["photos"], minutes: 10, evaluate: [] },
    teachers: whole.teachers.map(({ spec }) => spec),
    ...request,
  }, whole);
  return {
    ...proposal,
    recipe: defineRecipe(proposal.recipe),
    lines: proposalLines(proposal, whole),
  };
}

Deno.test("the student is like the first teacher that a student can be, and starts from it", () => {
  const { recipe } = propose({ teachers: [cifar, deepLab, mobileNet, transformer] });
  assertEquals(recipe.student.kind, "mobilenet_v2");
  assertEquals([recipe.student.from, recipe.student.freeze], ["mobile", 6]);
  assertEquals(selectionMisfit(mobileNet.encoder!, encoderConfigOf(recipe)), undefined);
  // The usual normalisation of its kind need not be said.
  assertEquals(recipe.student.mean, undefined);
});

Deno.test("a transformer to start from keeps its shape, at a size of whole patches", () => {
  const { recipe, size } = propose({ teachers: [transformer] });
  assertEquals(recipe.student.from, "dino:mine.pth");
  assertEquals(size % 16, 0);
  assertEquals(selectionMisfit(transformer.encoder!, encoderConfigOf(recipe)), undefined);
});

Deno.test("without a teacher that a student can be it is a small transformer from random weights", () => {
  const { recipe, size } = propose({ teachers: [cifar, deepLab] });
  assertEquals([recipe.student.from, recipe.student.kind], [undefined, undefined]);
  assertEquals(encoderConfigOf(recipe).imageSize, size);
  assertEquals("width" in recipe.student && recipe.student.width, 192);
});

Deno.test("a size or a network may be asked for", () => {
  const { recipe } = propose({}, { student: { size: "tiny" } });
  assertEquals("width" in recipe.student && recipe.student.width, 96);
  const other = propose({ source: transformer }, { student: { from: "dino:mine.pth" } });
  assertEquals(other.recipe.student.from, "dino:mine.pth");
  assertEquals(other.recipe.teachers.map(({ name }) => name), ["mobile", "cifar"]);
  assertThrows(
    () => propose({}, { student: { from: "cifar" } }),
    UserError,
    'Cannot start the student from "cifar"',
  );
});

Deno.test("the more minutes and the fewer images, the larger they are shown", () => {
  const sizeOf = (images: number, minutes: number, side = 300) =>
    propose({ images, side }, { minutes }).size;
  assertEquals(sizeOf(500, 30), 224);
  assertEquals(sizeOf(20_000, 3), 96);
  let before = 0;
  for (const minutes of [1, 3, 10, 30, 100]) {
    const size = sizeOf(5000, minutes);
    assert(size >= before);
    before = size;
  }
  // Enlarged by half, and no further.
  assertEquals([sizeOf(100, 100, 64), sizeOf(100, 100, 28)], [96, 32]);
});

Deno.test("teachers see what the student sees, as near as they can and no larger than they learnt", () => {
  const { recipe, size } = propose({
    images: 100,
    side: 64,
    teachers: [mobileNet, deepLab, cifar, transformer],
  });
  assertEquals(size, 96);
  assertEquals(recipe.teachers.map(({ inputSize }) => inputSize), [96, 97, undefined, 96]);
  const asked = { ...mobileNet, spec: { name: "mobile", inputSize: 128 } };
  const own = propose({ images: 100, side: 64, teachers: [asked] });
  assertEquals(own.recipe.teachers, [{ name: "mobile", inputSize: 128 }]);
});

Deno.test("where one pass finds no time a part of the images is seen", () => {
  const { recipe, images, lines } = propose({ images: 1_000_000 });
  assertEquals(recipe.images.subset?.images, images);
  // 10 minutes, of which 85 % for steps; both teachers take 2 ms, a step at 96 px 3.2 times that.
  const seconds = images * (0.002 + 0.002 + 3.2 * 0.002);
  assert(seconds > 500 && seconds <= 510, `${seconds}`);
  assert(lines[1]!.includes("of them, drawn by the seed"));
  assertEquals(propose().recipe.images.subset, undefined);
});

Deno.test("few images make small batches, and fewer than two of them are refused", () => {
  const batchOf = (images: number) => propose({ images }).recipe.optimization.batchSize;
  assertEquals([16, 31, 32, 64, 127, 128].map(batchOf), [8, 8, 16, 32, 32, 64]);
  assertThrows(() => propose({ images: 15 }), UserError, "found 15, expected at least 16");
});

Deno.test("what is measured is asked for, and nothing else", () => {
  assertEquals(propose().recipe.evaluation.tasks, []);
  const { evaluation } = propose({}, { evaluate: ["labelled"] }).recipe;
  assertEquals(evaluation.tasks, ["labelled"]);
  assertEquals([evaluation.metrics, evaluation.readout], [["knn", "logistic"], "chosen"]);
});

Deno.test("a ladder reads the last frozen stage, the last, and some between", () => {
  assertEquals(rungsOf(18, 6), [5, 8, 11, 14, 17]);
  assertEquals(rungsOf(4, 0), [0, 1, 2, 3]);
  assertEquals(rungsOf(1, 0), [0]);
});

Deno.test("the plan says what was found and chosen, a line for each", () => {
  const { lines } = propose({ side: 64, images: 2050 });
  assertEquals(lines, [
    "plan for 10 min:",
    "  images:  2,050, their shorter side about 64 px",
    "  teacher: mobile at 96 px, 2.0 ms an image",
    "  teacher: cifar at 32 px, 2.0 ms an image",
    "  student: mobilenet_v2 of 19 stages on 96 px, from mobile, 6 stages frozen",
  ]);
});
