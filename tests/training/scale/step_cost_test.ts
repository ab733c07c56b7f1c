/** The cost model against counts that were not made by it: of torch, of a step's own kernels, of a ring. */
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { disposeTree } from "../../../lib/engine/compiler/tree.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { countOperations } from "../../../lib/metrics/costs/operations.ts";
import { initState } from "../../../lib/method/state.ts";
import { distillGradients } from "../../../lib/method/step.ts";
import { initParameters } from "../../../lib/method/student.ts";
import { drawInputs } from "../../../lib/bench/step_benchmark.ts";
import { stepConfigOf, studentOf } from "../../../lib/bench/step_setting.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { cards, type Device } from "../../../lib/training/scale/devices.ts";
import {
  type CostedRun,
  runCost,
  stepCost,
  stepMemory,
  transformerCost,
} from "../../../lib/training/scale/step_cost.ts";

const grid = [14, 14] as const;
const vitBase = { imageSize: 224, patchSize: 16, width: 768, depth: 12, heads: 12 };
const teachers = ["dbotft", "deit3", "dino", "ibot"].map((name) => (
  { name, width: 768, tokens: ["cls", "patch"] as const, grid }
));
const paper: CostedRun = {
  student: { encoder: vitBase, ladder: { width: 768, depth: 12, grid, teachers } },
  teachers: teachers.map(() => transformerCost(vitBase)),
  ...{ batchSize: 512, images: 1_281_167, epochs: 200, canvas: 256 },
};
const total = (parts: object) => Object.values(parts).reduce((sum: number, part) => sum + part, 0);

Deno.test("a transformer's operations are those that torch's flop counter gives torchvision's", () => {
  // Billions of multiplications with the classifier of 1000 classes, as torchvision's weights carry them.
  const published = [
    [vitBase, 17.564],
    [{ ...vitBase, patchSize: 32 }, 4.409],
    [{ ...vitBase, width: 1024, depth: 24, heads: 16 }, 61.555],
    [{ ...vitBase, width: 1024, depth: 24, heads: 16, patchSize: 32 }, 15.378],
  ] as const;
  for (const [encoder, billions] of published) {
    const { operations } = transformerCost(encoder);
    assertAlmostEquals(operations / 2e9 + encoder.width * 1000 / 1e9, billions, 6e-4);
  }
  // As timm counts them, without the classifier.
  assertEquals(transformerCost(vitBase).parameters, 85_798_656);
});

Deno.test("the operations of a step are those of its own kernels, computed once or twice", async () => {
  await startEngine();
  const setting = {
    ...{ batch: 4, imageSize: 32, patchSize: 8, width: 32, depth: 3, heads: 2 },
    ...{ hidden: 32, lastHidden: 128, teachers: 2, teacherWidth: 48 },
  };
  for (const ways of [{}, { recompute: true }, { recompute: true, recomputeHeads: true }]) {
    const student = { ...studentOf(setting), ...ways };
    const { parameters, layout } = initParameters(student, randomStream(0));
    const config = stepConfigOf(student, layout);
    const { tensors } = initState(parameters, { ...student.ladder, averages: false });
    const { batch, gradientInputs, updateInputs } = drawInputs(setting, config, randomStream(1));
    const counted = await countOperations(() =>
      distillGradients(tensors, batch, gradientInputs, config)
    );
    const run = { student, teachers: [], batchSize: 4, images: 4, epochs: 1, canvas: 32 };
    const { operations } = stepCost(run, cards.h100, 1);
    // Of the embedding no gradient of the images is computed, and it is no part of a block.
    const embedding = 2 * 4 * 16 * (3 * 8 * 8) * 32;
    const beside = embedding + ("recompute" in ways ? embedding : 0);
    assertAlmostEquals((total(operations) - beside) / counted, 1, 0.01, JSON.stringify(ways));
    disposeTree([tensors, batch, gradientInputs, updateInputs]);
  }
});

Deno.test("the bytes of the sum are those that a ring sends", () => {
  for (const devices of [1, 2, 4, 8, 64]) {
    const { traffic, memory } = stepCost(paper, cards.a100, devices);
    // In each of two rounds every device passes on each share but one.
    const share = memory.parameters / devices;
    let sent = 0;
    for (let round = 0; round < 2; round++) for (let i = 1; i < devices; i++) sent += share;
    assertAlmostEquals(traffic.sum / 1e9, sent / 1e9, 1e-9);
  }
});

Deno.test("the paper's run: parameters, steps, operations and bytes as counted by hand", () => {
  const step = stepCost(paper, cards.h100, 4);
  // 85,798,656 of the encoder, and of each teacher twice 11 · 1,181,184 + 4,722,432.
  const parameters = 85_798_656 + 4 * 2 * (11 * 1_181_184 + 4_722_432);
  assertEquals(step.memory.parameters, 4 * parameters);
  assertEquals(step.memory.teachers, 4 * 4 * 85_798_656);
  assertEquals([step.images, step.traffic.disk], [128, 128 * 3 * 256 ** 2]);
  // For an image: teachers 4 · 17.56 G, encoder as much as one, heads of 197 tokens.
  const heads = 2 * 4 * 197 * (11 * 2 * 768 ** 2 + 2 * 768 * 3072);
  assertAlmostEquals(step.operations.projectors / 128 / heads, 1, 1e-9);
  assertAlmostEquals(step.operations.teachers / step.operations.encoder, 4, 1e-9);
  assertEquals(
    step.operations.gradient,
    2 * (step.operations.encoder + step.operations.projectors),
  );
  const run = runCost(paper, cards.h100, step);
  assertEquals(run.steps, 500_400);
  assertAlmostEquals(run.hours, 500_400 * step.seconds.step / 3600, 1e-9);
  assertAlmostEquals(run.kilowattHours, 4 * run.hours * 0.7, 1e-9);
  assertAlmostEquals(run.imagesPerSecond * step.seconds.step, 512, 1e-9);
  assertEquals(run.operations, 500_400 * 4 * total(step.operations));
});

Deno.test("seconds follow from the device, whose work comes in turn beside the reading", () => {
  const device: Device = {
    ...{ name: "counted", source: "made up", peak: 1e15, reached: 0.5, memory: 1e12 },
    ...{ memoryBandwidth: 7 * 4, watts: 1, disk: Infinity },
    link: { node: 4, within: 4, between: 2, latency: 3 },
  };
  const parameters = stepMemory(paper, 1).parameters / 4;
  const { seconds, operations } = stepCost(paper, device, 4);
  assertAlmostEquals(seconds.products, total(operations) / 5e14, 1e-9);
  assertEquals(seconds.update, parameters);
  assertEquals(seconds.sum, 2 * 3 / 4 * parameters + 2 * 3 * 3);
  assertEquals(seconds.step, seconds.products + seconds.update + seconds.sum);
  // Beyond a node.
  assertEquals(stepCost(paper, device, 8).seconds.sum, 4 * 7 / 8 * parameters + 2 * 7 * 3);
  assertEquals(stepCost({ ...paper, sharded: true }, device, 4).seconds.update, parameters / 4);
  assertEquals(stepCost({ ...paper, sharded: true }, device, 4).seconds.sum, seconds.sum);
  const slow = stepCost(paper, { ...device, disk: 1e-3 }, 4).seconds;
  assertEquals(slow.step, slow.reading);
});

Deno.test("what saves memory saves memory, and costs no more than it says", () => {
  const bytes = (ways: Partial<CostedRun>, devices = 1) =>
    stepMemory({ ...paper, ...ways }, devices);
  const plain = bytes({}), parts = bytes({ accumulate: 4 });
  assertEquals(parts.activations, plain.activations / 4);
  assertEquals(parts.gradient / plain.gradient, 1.5);
  assertEquals(parts.targets, plain.targets);
  const twice = { ...paper.student, recompute: true, recomputeHeads: true };
  assertLess(bytes({ student: twice }).activations, plain.activations / 4);
  const again = stepCost({ ...paper, student: twice }, cards.h100, 1).operations;
  assertEquals(again.again, again.encoder + again.projectors);
  assertEquals(stepCost(paper, cards.h100, 1).operations.again, 0);
  for (const devices of [2, 8]) {
    assertEquals(bytes({ sharded: true }, devices).moments * devices, plain.moments);
    assertEquals(bytes({}, devices).moments, plain.moments);
    assertEquals(bytes({}, devices).activations * devices, plain.activations);
  }
  // More devices: a step is shorter as long as the sum is, and never costs fewer card-hours.
  const hours = [1, 2, 4, 8].map((devices) => {
    const step = stepCost(paper, cards.h100, devices);
    return runCost(paper, cards.h100, step);
  });
  for (const [i, { hours: own, deviceHours }] of hours.entries()) {
    if (i === 0) continue;
    assertLess(own, hours[i - 1]!.hours);
    assert(deviceHours >= hours[i - 1]!.deviceHours);
  }
});

Deno.test("what cannot be reckoned is refused by name", () => {
  const refused = (ways: Partial<CostedRun>, devices: number, part: string) =>
    assertThrows(() => stepCost({ ...paper, ...ways }, cards.h100, devices), UserError, part);
  refused({}, 3, "a batch of 512 for 3 devices");
  refused({ accumulate: 3 }, 1, "in 3 parts each");
  refused({}, 0, "found devices 0, expected a whole number above 0");
  refused({}, 1.5, "found devices 1.5");
  refused({ batchSize: NaN }, 1, "found batchSize NaN");
  refused({ epochs: -1 }, 1, "found epochs -1");
  refused({ images: 100 }, 1, "found 100 images, expected at least one batch of 512");
  assertThrows(() => stepMemory(paper, 3), UserError, "3 devices");
  const device = (changes: Partial<Device>, part: string) =>
    assertThrows(() => stepCost(paper, { ...cards.h100, ...changes }, 1), UserError, part);
  device({ peak: 0 }, "found peak 0");
  device({ reached: 1.2 }, "found reached 1.2, expected a share");
  device({ disk: NaN }, "found disk NaN");
  device({ link: { ...cards.h100.link, latency: -1 } }, "found latency -1, expected seconds");
  device({ link: { ...cards.h100.link, within: 0 } }, "found within 0");
});

Deno.test("the shares that cards reach follow from published rates", () => {
  assertAlmostEquals(cards.a100.reached * cards.a100.peak * 8 / (6 * 267e9), 693, 1e-6);
  assertAlmostEquals(cards.h100.reached * cards.h100.peak * 8 / (6 * 267e9), 1428, 1e-6);
});
