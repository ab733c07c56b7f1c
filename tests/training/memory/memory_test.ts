import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { memoryNeeded } from "../../../lib/io/memory.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import { applyOverrides } from "../../../lib/recipe/overrides.ts";
import { checkTraining } from "../../../lib/training/check_training.ts";
import { trainingMemory } from "../../../lib/training/memory/memory.ts";
import { stateBytes, stateLine } from "../../../lib/training/memory/state_bytes.ts";
import { memoryRemedy } from "../../../lib/training/memory/memory_remedy.ts";
import demo from "../../../recipes/demo.ts";
import tinyTest from "../../../recipes/tiny_test.ts";

const mobileNet = defineRecipe({
  name: "mobilenet_v2",
  images: { ...tinyTest.images, size: 64, views: 1 },
  teachers: ["resnet20_cifar10"],
  student: { kind: "mobilenet_v2", inputSize: 96 },
  ladder: { blocks: [6, 10, 13, 16, 18] },
  optimization: { batchSize: 16, steps: 4 },
  mode: "graph",
});

/**
 * Growth of the peak of resident memory, in megabytes, between two batch sizes: `VmHWM` after three steps
 * on two cores, each size in a process of its own.
 */
const measured = [
  { recipe: tinyTest, settings: ["mode=graph"], from: 16, to: 512, megabytes: 284 },
  { recipe: tinyTest, settings: ["mode=xla"], from: 64, to: 256, megabytes: 206 },
  { recipe: demo, settings: ["featureCache=false"], from: 16, to: 512, megabytes: 775 },
  { recipe: mobileNet, settings: [], from: 16, to: 64, megabytes: 347 },
];

for (const { recipe, settings, from, to, megabytes } of measured) {
  Deno.test(`${recipe.name}, ${settings}: less is reckoned than was measured, but not a quarter`, () => {
    const at = (batch: number) =>
      memoryNeeded(
        trainingMemory(applyOverrides(recipe, [...settings, `optimization.batchSize=${batch}`])),
      );
    const reckoned = (at(to) - at(from)) / 1e6;
    assertLess(reckoned, megabytes);
    assert(reckoned > megabytes / 4, `${reckoned} MB of ${megabytes} MB`);
  });
}

Deno.test("frozen stages keep nothing for the gradient", () => {
  const needed = (freeze: number) =>
    memoryNeeded(trainingMemory(applyOverrides(mobileNet, [`student.freeze=${freeze}`])));
  // The stem and the first blocks have the largest maps.
  assertLess(needed(7), needed(0) / 2 + trainingMemory(mobileNet).fixed / 2);
  assertLess(needed(6), needed(3));
});

Deno.test("teachers of which nothing is known, and those of one kind of token, are reckoned too", () => {
  const needed = (...settings: string[]) =>
    memoryNeeded(trainingMemory(applyOverrides(tinyTest, settings)));
  const unknown = needed('teachers=[{"name":"mine","checkpoint":"dino:my.pth"}]');
  assertLess(unknown, needed());
  assert(unknown > 0);
  assertLess(needed("images.views=1", "featureCache.tokens=cls"), needed());
  for (const kind of ["top", "transformer"]) assert(needed(`ladder.kind=${kind}`) > 0);
});

Deno.test("each option that saves memory is reckoned", () => {
  const needed = (...settings: string[]): Readonly<Record<string, number>> => {
    const { perItem, fixed } = trainingMemory(applyOverrides(demo, settings));
    return { fixed, ...perItem };
  };
  const plain = needed(), parts = needed("optimization.accumulate=4");
  assertEquals(plain.fixed! / 5, parts.fixed! / 6);
  for (const part of ["the student's activations", "projectors", "the teachers' activations"]) {
    assertEquals(parts[part], plain[part]! / 4, part);
  }
  // All images and targets of a batch are there.
  for (const part of ["images", "targets"]) assertEquals(parts[part], plain[part], part);
  const blocks = needed("student.recompute=true"), heads = needed("ladder.recompute=true");
  assertLess(blocks["the student's activations"]!, plain["the student's activations"]! / 2);
  assertEquals(blocks.projectors, plain.projectors);
  // Of four teachers that are alike, the predictions of one.
  assertEquals(heads.projectors, plain.projectors! / 4);
  const stages = trainingMemory(applyOverrides(mobileNet, ["student.recompute=true"]));
  assertLess(
    stages.perItem["the student's activations"]!,
    trainingMemory(mobileNet).perItem["the student's activations"]!,
  );
});

Deno.test("options are named with which the same updates would fit", () => {
  const recipe = applyOverrides(demo, ["optimization.batchSize=64", "featureCache=false"]);
  const needed = memoryNeeded(trainingMemory(recipe));
  assertEquals(memoryRemedy(recipe, 0.9 * needed), "optimization.accumulate=2");
  const halves = applyOverrides(recipe, ["optimization.accumulate=32"]);
  assertEquals(
    memoryRemedy(halves, memoryNeeded(trainingMemory(halves)) - 1),
    "optimization.accumulate=64",
  );
  const single = applyOverrides(recipe, ["optimization.accumulate=64"]);
  const alone = memoryNeeded(trainingMemory(single));
  assertEquals(memoryRemedy(single, alone - 1), "student.recompute=true");
  const least = applyOverrides(single, ["student.recompute=true"]);
  assertEquals(
    memoryRemedy(least, memoryNeeded(trainingMemory(least)) - 1),
    "ladder.recompute=true",
  );
  assertEquals(memoryRemedy(recipe, 1e6), undefined);
  // Its weights depend on the whole batch.
  const whole = applyOverrides(recipe, ["balancing.kind=ada_loss"]);
  assertEquals(memoryRemedy(whole, 0.9 * needed)?.includes("accumulate"), false);
});

Deno.test("steps that would fill the memory are refused, with the option to lower", async () => {
  const refused = (settings: readonly string[], part: string) =>
    assertRejects(
      () => checkTraining(applyOverrides(tinyTest, settings), { availableMemory: () => 8e9 }),
      UserError,
      part,
    );
  await checkTraining(tinyTest, { availableMemory: () => 8e9 });
  await refused(
    ["images.sources.0.limit=200000", "optimization.batchSize=100000"],
    "Set optimization.accumulate=",
  );
  await refused(
    ["images.sources.0.limit=200000", "optimization.batchSize=100000"],
    "or lower optimization.batchSize from 100000 to",
  );
  await refused(["optimization.batchSize=401"], "at most 400 images");
  await refused(["images.canvas=100000"], "Lower images.canvas");
  await refused(["images.size=8000"], "the student's activations");
  await refused(["teachers.1.inputSize=40000"], "the teachers' activations");
});

Deno.test("processes divide the batch, and where they are sharded the moments", () => {
  const sharded = applyOverrides(demo, ["optimization.sharded=true"]);
  const alone = trainingMemory(demo), { fixed, items, perItem } = trainingMemory(demo, 4);
  assertEquals({ fixed, perItem, items }, { ...alone, items: alone.items / 4 });
  // Of parameters, two moments and two copies of the gradient, a moment and a half is left out.
  assertEquals(trainingMemory(sharded).fixed, alone.fixed);
  const left = trainingMemory(sharded, 4).fixed;
  assert(Math.abs(left - alone.fixed * 3.5 / 5) <= 2 * 4 * 4, `${left} of ${alone.fixed}`);
  const remedy = memoryRemedy(demo, memoryNeeded(trainingMemory(demo, 4)) - 1, 4);
  assertEquals(remedy, "optimization.sharded=true");
});

Deno.test("the bytes of a state are those of its tensors", () => {
  const kept = (processes: number, sharded: boolean) =>
    stateBytes({ size: 1001 }, { processes, sharded });
  assertEquals(kept(4, false), { parameters: 4004, moments: 8008 });
  assertEquals(kept(1, true), { parameters: 4004, moments: 8008 });
  assertEquals(kept(4, true), { parameters: 4004, moments: 2 * 4 * 251 });
  assertEquals(
    stateLine({ size: 1e7 }, { processes: 4, sharded: true }),
    "each of 4 processes keeps 60 MB of the state: parameters 40 MB, moments 20 MB of 80 MB",
  );
});
