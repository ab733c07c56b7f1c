/** Runs that keep only some of their teachers' tokens. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { applyOverrides } from "../../lib/recipe/overrides.ts";
import { keptPatches, pickPatches } from "../../lib/method/token_selection.ts";
import { keepTokens } from "../../lib/teachers/keep_tokens.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import tinyTest from "../../recipes/tiny_test.ts";
import { madeUpTeacher } from "./tiny_distillation_fixture.ts";
import { cacheFiles, runToEnd, withOwnCache } from "./shared_runs_fixture.ts";

const whole = applyOverrides(tinyTest, [
  'teachers=["resnet20_cifar10"]',
  'images.sources=[{"path": "data/images/digits.zip", "split": "train", "limit": 35}]',
  "images.views=2",
  "optimization.steps=3",
  "optimization.warmupSteps=1",
  "featureCache=true",
]);
const bytes = (folder: string) => cacheFiles(folder).map((path) => Deno.statSync(path).size);

Deno.test("kept patches are the middle ones of their squares, row by row", () => {
  assertEquals(keptPatches([2, 3], 1), [0, 1, 2, 3, 4, 5]);
  assertEquals(keptPatches([4, 4], 2), [0, 2, 8, 10]);
  assertEquals(keptPatches([5, 5], 3), [6, 9, 21, 24]);
  assertEquals(keptPatches([3, 3], 7), [8], "at least one, however large the stride");
  tf.tidy(() => {
    const patch = tf.tensor3d([...Array(32).keys()], [1, 16, 2]);
    assertEquals(
      [...pickPatches(patch, [4, 4], 2).dataSync()],
      [0, 1, 4, 5, 16, 17, 20, 21],
    );
  });
});

Deno.test("a teacher keeps the chosen tokens, and an error names those that it has", () => {
  const teacher = madeUpTeacher();
  const keep = (tokens: ("cls" | "patch")[]) => keepTokens(teacher, tokens);
  assertEquals(keepTokens(teacher, ["cls", "patch"]), teacher);
  assertEquals(keep([...teacher.tokens]), teacher);
  const cls = keep(["cls"]);
  assertEquals(cls.tokens, ["cls"]);
  tf.tidy(() => {
    const images = tf.zeros<tf.Rank.R4>([1, teacher.input.size, teacher.input.size, 3]);
    const { cls: clsTokens, patch } = cls.features(images);
    assertEquals(patch, undefined);
    assertEquals(clsTokens?.shape, [1, teacher.width]);
  });
  const only = { ...teacher, tokens: ["patch"] as const };
  assertThrows(
    () => keepTokens(only, ["cls"]),
    UserError,
    "it has only patch",
  );
});

Deno.test("fewer tokens take less room, teach, and leave the cache of all tokens alone", () =>
  withOwnCache(async (folder) => {
    const all = await runToEnd(whole, { folder: `${folder}/all` });
    const [size = 0] = bytes(folder);
    const kept = cacheFiles(folder);

    const fewer = applyOverrides(whole, ['featureCache={"patchStride": 2}']);
    const sparse = await runToEnd(fewer, { folder: `${folder}/sparse` });
    const added = cacheFiles(folder).filter((path) => !kept.includes(path));
    assertEquals(added.length, 1);
    assert(Deno.statSync(added[0]!).size < size / 2);
    // CLS tokens are the same, fewer patches are compared.
    const [first, second] = [all, sparse].map(({ reports }) =>
      Object.values(reports[0]!.losses)[0]!
    );
    assert(Number.isFinite(second!.total) && second!.total !== first!.total);

    const lone = applyOverrides(whole, ['featureCache={"tokens": ["cls"]}']);
    const { reports } = await runToEnd(lone, { folder: `${folder}/lone` });
    assert(reports.every(({ losses }) => Object.values(losses).every(({ total }) => total > 0)));
    assertEquals((await runToEnd(whole, { folder: `${folder}/again` })).digest, all.digest);
  }));

Deno.test("bfloat16 keeps the losses of float16 to its own precision", () =>
  withOwnCache(async (folder) => {
    const fine = await runToEnd(whole, { folder: `${folder}/float16` });
    const coarse = await runToEnd(
      applyOverrides(whole, ['featureCache={"precision": "bfloat16"}']),
      { folder: `${folder}/bfloat16` },
    );
    const [a, b] = [fine, coarse].map(({ reports }) => Object.values(reports[0]!.losses)[0]!.total);
    assert(a !== b && Math.abs(a! / b! - 1) < 2 ** -7, `${a}, ${b}`);
  }));

Deno.test("a stride or a kind of token that does not exist is refused", async () => {
  for (const wrong of ['{"patchStride": 0}', '{"tokens": []}', '{"tokens": ["patches"]}']) {
    await assertRejects(
      // deno-lint-ignore require-await
      async () => applyOverrides(whole, [`featureCache=${wrong}`]),
      UserError,
      "featureCache",
    );
  }
});
