/** Trackers see every step and cannot harm a run; TensorBoard's files are those of its own writer. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { crc32c } from "../../lib/tracking/crc32c.ts";
import { distill } from "../../lib/training/distill.ts";
import type { DistillOptions } from "../../lib/training/distill_options.ts";
import type { StepReport } from "../../lib/runs/step_report.ts";
import {
  reportedScalars,
  restartEvent,
  scalarsEvent,
  tensorboardRecord,
  tensorboardTracker,
  versionEvent,
} from "../../lib/tracking/tensorboard.ts";
import { isolateTrackers } from "../../lib/tracking/trackers.ts";
import { golden } from "../golden_values_fixture.ts";
import { madeUpTeacher, recipeOver, writeImages } from "../training/tiny_distillation_fixture.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";

const report = (step: number): StepReport => ({
  step,
  steps: 9,
  epoch: 1,
  images: 4 * step,
  loss: 1.5,
  losses: { dino: { cls: 1, patch: 2, total: 1.5 } },
  shares: { dino: 1 },
  learningRate: 1e-3,
  gradientNorm: 2,
  standardizerWeight: 0.5,
  imagesPerSecond: 10,
  waitingShare: 0,
  seconds: 1,
  secondsLeft: 2,
});

async function run(folder: string, options: DistillOptions = {}): Promise<string> {
  const teachers = [madeUpTeacher()];
  const steps = distill(recipeOver(folder), { folder: `${folder}/run`, teachers, ...options });
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return value.stateDigest;
  }
}

Deno.test("CRC-32C gives the check value of its definition", () => {
  assertEquals(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
});

Deno.test("an event file holds the bytes that TensorBoard's own writer gives", () => {
  const { now, scalars, file } = golden<{
    now: number;
    scalars: { tag: string; value: number | "Infinity" }[];
    file: string;
  }>("tracking/event_file");
  const events = [
    versionEvent(now),
    restartEvent(now, 301),
    scalarsEvent(now, 70000, scalars.map(({ tag, value }) => ({ tag, value: Number(value) }))),
  ];
  const ours = events.flatMap((event) => [...tensorboardRecord(event)]);
  assertEquals(Uint8Array.from(ours), Uint8Array.fromBase64(file));
});

Deno.test("every number of a report that makes a curve is a scalar", () => {
  const tags = reportedScalars(report(1)).map(({ tag }) => tag);
  for (const tag of ["loss", "loss/dino", "loss_cls/dino", "loss_patch/dino", "share/dino"]) {
    assert(tags.includes(tag), tag);
  }
  assertEquals(new Set(tags).size, tags.length);
});

Deno.test("each start writes a file of its own, a resumed one says from where", async () => {
  await inTemporaryFolder(async (folder) => {
    const now = () => 1_700_000_000_250;
    for (const first of [1, 4]) {
      const tracker = tensorboardTracker(`${folder}/board`, { now });
      await tracker.track(report(first));
      await tracker.track(report(first + 1));
      await tracker.close?.();
    }
    const names = Array.from(Deno.readDirSync(`${folder}/board`), ({ name }) => name).sort();
    assertEquals(names, [0, 1].map((n) => `events.out.tfevents.1700000000.hashigo.${n}`));
    const [begun, resumed] = names.map((name) => Deno.readFileSync(`${folder}/board/${name}`));
    const restart = tensorboardRecord(restartEvent(now(), 4));
    const version = tensorboardRecord(versionEvent(now())).length;
    assertEquals(resumed!.subarray(version, version + restart.length), restart);
    assertEquals(resumed!.length, begun!.length + restart.length);
  });
});

Deno.test("a tracker that fails is left out with one warning; others see every step in order", async () => {
  const warnings: string[] = [];
  const seen: number[] = [];
  const trackers = isolateTrackers([
    {
      name: "throws",
      track: () => {
        throw new Error("no disk");
      },
    },
    { name: "rejects", track: () => Promise.reject(new Error("no network")) },
    {
      name: "slow",
      track: async ({ step }) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        seen.push(step);
      },
    },
  ], { onWarning: (line) => warnings.push(line) });
  for (let step = 1; step <= 9; step++) trackers.track(report(step));
  await trackers.close();
  assertEquals(seen, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assertEquals(warnings, [
    "throws failed and gets no more reports: no disk",
    "rejects failed and gets no more reports: no network",
  ]);
});

Deno.test("a tracker that hangs holds up nothing, and loses reports rather than memory", async () => {
  const warnings: string[] = [];
  const trackers = isolateTrackers([{ name: "hangs", track: () => new Promise(() => {}) }], {
    longestQueue: 3,
    patience: 20,
    onWarning: (line) => warnings.push(line),
  });
  for (let step = 1; step <= 9; step++) trackers.track(report(step));
  await trackers.close();
  assertEquals(warnings.length, 2);
  assertStringIncludes(warnings[0]!, "hangs falls behind");
  assertStringIncludes(warnings[1]!, "not ready after 0.02 s");
});

Deno.test("a run with trackers, one of them broken, ends in the same state as without", async () => {
  await inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 8 });
    const peaceful = await run(folder);
    const notes: string[] = [];
    const steps: number[] = [];
    const digest = await run(folder, {
      folder: `${folder}/tracked`,
      onNote: (line) => notes.push(line),
      trackers: [
        { name: "broken", track: () => Promise.reject(new Error("gone")) },
        { name: "counting", track: ({ step }) => void steps.push(step) },
      ],
    });
    assertEquals(digest, peaceful);
    assertEquals(steps.length, 12);
    assert(
      notes.includes("warning: broken failed and gets no more reports: gone"),
      notes.join("\n"),
    );
  });
});

Deno.test("TensorBoard gets the loss of a teacher and of each of its tokens, and its share", () => {
  const scalars = reportedScalars({
    ...report(3),
    losses: { dino: { cls: 1, patch: 2, total: 1.5 }, clip: { cls: 4, total: 4 } },
    shares: { dino: 0.25, clip: 0.75 },
  });
  const expected = [
    ["loss", 1.5],
    ["learning_rate", 1e-3],
    ["gradient_norm", 2],
    ["standardizer_weight", 0.5],
    ["speed/images_per_second", 10],
    ["speed/waiting_share", 0],
    ["loss/dino", 1.5],
    ["loss_cls/dino", 1],
    ["loss_patch/dino", 2],
    ["loss/clip", 4],
    ["loss_cls/clip", 4],
    ["share/dino", 0.25],
    ["share/clip", 0.75],
  ];
  assertEquals(scalars.map(({ tag, value }) => [tag, value]), expected);
});
