/** `verdict`: what it refuses before it trains, and the answer by each threshold. */
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { verdict } from "../../../lib/cli/commands/verdict.ts";
import { runCommand } from "../../../lib/cli/run_command.ts";
import type { RecipeInput } from "../../../lib/recipe/input.ts";
import { png, writeFiles } from "../../images/images_fixture.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";

const recipe = {
  name: "plain",
  images: { sources: [{ path: "data/images/digits.zip", split: "train", limit: 32 }], size: 32 },
  teachers: ["specialist_digits"],
  student: { width: 32, depth: 1, heads: 2, patchSize: 8 },
  optimization: { batchSize: 16, steps: 4, learningRate: 1e-3, warmupSteps: 0 },
  mode: "graph",
  evaluation: { tasks: ["digits"], metrics: ["calibration", "class_mean"] },
} satisfies RecipeInput;

const staged = {
  ...{ ...recipe, name: "staged.one" },
  stages: [
    { name: "wide", student: { width: 64, heads: 4 }, optimization: { steps: 1 } },
    { name: "small", teachers: ["previous"], optimization: { steps: 3 } },
  ],
} satisfies RecipeInput;

/** Pictures of two classes, which hardly differ: no network is right about all of them. */
async function writeTask(folder: string): Promise<void> {
  const files: Record<string, Uint8Array> = {};
  for (const [part, count] of [["train", 6], ["test", 20]] as const) {
    for (let i = 0; i < 2 * count; i++) {
      const number = part === "train" ? i : 100 + 3 * i;
      files[`${part}/${i % 2 === 0 ? "even" : "odd"}/${i}.png`] = await png(number, 16, 16);
    }
  }
  await writeFiles(folder, files);
}

async function trial(args: string[], signal = new AbortController().signal) {
  const [out, err]: string[][] = [[], []];
  const output = { out: (line: string) => out!.push(line), err: (line: string) => err!.push(line) };
  const status = await runCommand(verdict, args, { output, signal, program: "hashigo" });
  return { status, out: out!.join("\n"), err: err!.join("\n") };
}

async function write(folder: string, name: string, value: unknown): Promise<string> {
  const path = `${folder}/${name}.json`;
  await Deno.writeTextFile(path, JSON.stringify(value));
  return path;
}

Deno.test("what cannot be judged is refused before anything is trained", () =>
  inTemporaryFolder(async (folder) => {
    const [plain, other] = [await write(folder, "a", recipe), await write(folder, "b", staged)];
    const baseline = ["--baseline", other], threshold = ["--threshold", "1"];
    const file = (name: string, changes: object) =>
      write(folder, name, { ...recipe, name, ...changes });
    const longer = await file("longer", { optimization: { ...recipe.optimization, steps: 5 } });
    const minutes = await file("minutes", {
      ...{ optimization: { batchSize: 16 }, budget: { minutes: 1 } },
    });
    const cases: [string[], ...string[]][] = [
      [[plain, ...baseline], "no --threshold", "chosen afterwards"],
      [[plain, ...threshold], "no --baseline"],
      [[plain, ...baseline, ...threshold, "--seeds", "1"], "--seeds 1", "at least 2"],
      [[plain, ...baseline, ...threshold, "--data", "world_parts"], "pixel by pixel"],
      [[plain, ...baseline, ...threshold, "--data", "digit"], "Did you mean digits?"],
      [[plain, ...baseline, ...threshold, "--data", "digits,digits"], "digits twice"],
      [[plain, ...baseline, ...threshold, "--metric", "nkn"], "--metric nkn", "Did you mean knn?"],
      [[plain, ...baseline, ...threshold, "--metric", "calibration"], "--metric calibration"],
      [
        [plain, "--baseline", longer, ...threshold],
        '"plain" trains for 64 images in steps, "longer" for 80 images in steps',
        "--any-budget",
      ],
      [[plain, "--baseline", minutes, ...threshold], '"minutes" for 1 minutes'],
      [[plain, "--baseline", plain, ...threshold], 'two recipes of the name "plain"'],
      [[plain, "--baseline", await file("same", {}), ...threshold], "to be the same recipe"],
      [[plain, "--baseline", `${folder}/none.json`, ...threshold], "none.json"],
      [
        [await file("untested", { evaluation: {} }), ...baseline, ...threshold],
        "no tasks",
        "--data",
      ],
      [
        [plain, "--baseline", await file("strange", { teachers: ["nobody"] }), ...threshold],
        'Cannot load the teacher "nobody"',
      ],
    ];
    for (const [args, ...expected] of cases) {
      const { status, err } = await trial([...args, "--out", `${folder}/out`]);
      assertEquals(status, 2, err);
      for (const part of expected) assertStringIncludes(err, part);
    }
    assert(!await Deno.stat(`${folder}/out`).then(() => true, () => false), "nothing was made");
  }));

Deno.test("go, no-go or inconclusive, with its interval; what was done once is not done again", () =>
  inTemporaryFolder(async (folder) => {
    const out = `${folder}/out`, task = `${folder}/task`;
    await writeTask(task);
    const asked = [
      await write(folder, "b", staged),
      "--baseline",
      await write(folder, "a", recipe),
    ];
    const ask = (threshold: number, more: string[] = [], signal?: AbortSignal) => {
      const options = ["--seeds", "2", "--out", out, "--data", task, ...more];
      return trial([...asked, "--threshold", String(threshold), ...options], signal);
    };
    const stopped = await ask(0, [], AbortSignal.abort());
    assertStringIncludes(stopped.out, `the same command goes on in ${out}`);

    const first = await ask(-100, ["--json"]);
    assertEquals(first.status, 0, first.err);
    const answer = JSON.parse(first.out);
    assertEquals([answer.decision, answer.metric, answer.tasks], ["go", "class_mean", [task]]);
    assertEquals(answer.recipes, ["staged.one", "plain"]);
    const { difference, low, high, bySeed, baseline } = answer.against[0];
    assertEquals(baseline, "plain");
    assert(low <= difference && difference <= high && low < high, `${low} ${difference} ${high}`);
    const mean = (name: string, seed: number) =>
      answer.runs.find((run: { recipe: string; seed: number }) =>
        run.recipe === name && run.seed === seed
      ).mean;
    assertEquals(bySeed.length, 2);
    for (const seed of [0, 1]) {
      assertAlmostEquals(bySeed[seed], mean("staged.one", seed) - mean("plain", seed), 1e-9);
    }
    assertAlmostEquals(difference, (bySeed[0] + bySeed[1]) / 2, 1e-9);
    assertEquals(answer, JSON.parse(await Deno.readTextFile(`${out}/verdict.json`)));

    const logs = async () =>
      await Promise.all(
        answer.runs.map(async ({ folder }: { folder: string }) =>
          (await Deno.stat(`${folder}/log.jsonl`)).mtime?.getTime()
        ),
      );
    const before = await logs();
    const worse = await ask(100);
    assertEquals(worse.status, 3);
    assertStringIncludes(worse.out, "verdict: no-go");
    const unclear = await ask(difference);
    assertEquals(unclear.status, 4);
    assertStringIncludes(unclear.out, `threshold ${difference}: inconclusive`);
    assertStringIncludes(unclear.out, `nearest class mean accuracy in %, mean over ${task}`);
    assertEquals(await logs(), before, "nothing was trained again");
  }));
