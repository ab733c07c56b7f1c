import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import { suiteDefaults, suiteModels } from "../../../lib/evaluation/suite.ts";
import { type EvaluateOptions, readRequest } from "../../../lib/cli/commands/evaluate_request.ts";
import { UserError } from "../../../lib/errors/user_error.ts";

const nothing: EvaluateOptions = {
  readout: undefined,
  suite: false,
  data: [],
  split: [],
  metric: [],
  k: [],
  feature: undefined,
  canvas: undefined,
  background: undefined,
  "maximum-pixels": undefined,
  limit: undefined,
  seed: undefined,
  costs: undefined,
  rejection: undefined,
  out: undefined,
  fresh: false,
  shard: undefined,
  ...{ key: undefined, heads: undefined, activation: undefined, mean: undefined, std: undefined },
};

async function runFolder(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "hashigo" });
  const recipe = defineRecipe({
    name: "digits",
    images: { sources: [{ path: "digits.zip" }], size: 32 },
    teachers: [{ name: "resnet20_cifar10" }],
    student: { width: 96, depth: 2, heads: 3, patchSize: 8 },
    optimization: { batchSize: 8, steps: 10 },
    evaluation: { tasks: ["digits"], k: 5 },
  });
  await Deno.writeTextFile(`${folder}/recipe.json`, JSON.stringify(recipe));
  return folder;
}

Deno.test("a run alone is measured as its recipe says, in its own folder", async () => {
  const folder = await runFolder();
  const request = await readRequest([`${folder}/`], nothing);
  assertEquals(request.models.map(({ source }) => source), [
    folder,
    "resnet20_cifar10",
    `random:${folder}`,
    "pixels",
  ]);
  assertEquals(request.tasks, ["digits"]);
  assertEquals([request.measure.canvas, request.measure.k], [32, 5]);
  assertEquals([request.folder, request.run], [folder, folder]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("several models are those that were named, and nothing is written", async () => {
  const folder = await runFolder();
  const request = await readRequest([folder, "pixels"], { ...nothing, k: ["3", "7"] });
  assertEquals(request.models.map(({ source }) => source), [folder, "pixels"]);
  assertEquals(request.measure.k, [3, 7]);
  assertEquals(request.folder, undefined);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the suite sets a run beside its teachers and the others", async () => {
  const folder = await runFolder();
  const request = await readRequest([folder, "deeplab_v3_voc@97", "pixels"], {
    ...nothing,
    suite: true,
    metric: ["knn"],
  });
  assertEquals(request.models.map(({ source }) => source), [
    folder,
    "resnet20_cifar10",
    "deeplab_v3_voc@97",
    `random:${folder}`,
    "pixels",
  ]);
  assert(request.tasks.includes("mnist_t10k"));
  assertEquals(request.measure.metrics, ["knn"]);
  assertEquals([request.measure.k, request.measure.limit], [
    suiteDefaults.k,
    suiteDefaults.limit,
  ]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the suite alone measures the zoo, and resumes", async () => {
  const request = await readRequest([], { ...nothing, suite: true });
  assertEquals(request.models.map(({ source }) => source), suiteModels);
  assertEquals(request.measure.resume, "runs/suite/measured.jsonl");
  const fresh = await readRequest([], { ...nothing, suite: true, fresh: true });
  assertEquals(fresh.measure.resume, undefined);
});

Deno.test("a part of an evaluation is kept beside the measurements, and knows what all parts are given", async () => {
  const options = { ...nothing, data: ["digits"], out: "results" };
  const read = async (more: Partial<EvaluateOptions>) =>
    (await readRequest(["pixels"], { ...options, ...more })).shared;
  const one = await read({ shard: "1/3" }), other = await read({ shard: "3/3" });
  assertEquals(one?.shard, { part: 1, of: 3 });
  assertEquals(one?.measured, "results/measured.jsonl");
  assertEquals(other?.digested, one?.digested);
  for (
    const more of [{ limit: 7 }, { data: ["land_use"] }, { metric: ["logistic"] }, { seed: 1 }]
  ) {
    assertNotEquals((await read({ shard: "1/3", ...more }))?.digested, one?.digested);
  }
  assertEquals(await read({}), undefined);
  for (const text of ["5/4", "0/4", "x"]) {
    await assertRejects(() => read({ shard: text }), UserError, `Found the part ${text}`);
  }
  for (const more of [{ fresh: true }, { out: undefined }]) {
    await assertRejects(() => read({ shard: "1/3", ...more }), UserError, "--out FOLDER");
  }
});

Deno.test("a request that cannot be understood says what was expected", async () => {
  const wrong: [positionals: string[], options: Partial<EvaluateOptions>, expected: string][] = [
    [[], {}, "resnet56_cifar10"],
    [["pixels"], {}, "--data digits"],
    [["pixels"], { data: ["digits"], k: ["many"] }, "whole number"],
    [["pixels"], { data: ["digits"], limit: 0 }, "at least 1"],
    [["pixels"], { data: ["digits"], feature: "all" }, "cls+patch"],
    [["pixels"], { data: ["digits"], metric: ["top5"] }, "logistic"],
    [["pixels"], { data: ["digits"], rejection: 1 }, "beside the costs"],
  ];
  for (const [positionals, options, expected] of wrong) {
    await assertRejects(
      () => readRequest(positionals, { ...nothing, ...options }),
      UserError,
      expected,
    );
  }
});

Deno.test("numbers of neighbours, limits and canvases begin at 1, seeds at 0", async () => {
  const read = (options: Partial<EvaluateOptions>) =>
    readRequest(["pixels"], { ...nothing, data: ["digits"], ...options });
  for (const wrong of [{ k: ["0"] }, { k: ["1.5"] }, { limit: 0 }, { canvas: 0 }, { seed: -1 }]) {
    await assertRejects(() => read(wrong), UserError, "a whole number of at least");
  }
  const { measure } = await read({ k: ["1"], limit: 1, canvas: 1, seed: 0 });
  assertEquals([measure.k, measure.limit, measure.canvas, measure.seed], [[1], 1, 1, 0]);
});

Deno.test("--split names the parts of one folder or zip", async () => {
  const read = (data: string[], split: string[]) =>
    readRequest(["pixels"], { ...nothing, data, split });
  assertEquals((await read(["photos"], ["a", "b"])).measure.split, ["a", "b"]);
  assertEquals((await read(["photos"], [])).measure.split, undefined);
  for (
    const [data, split] of [[["a", "b"], ["x"]], [["a"], ["x", "y", "z"]], [["a.json"], ["x"]]]
  ) {
    await assertRejects(() => read(data!, split!), UserError, "expected --split TRAIN,TEST");
  }
});
