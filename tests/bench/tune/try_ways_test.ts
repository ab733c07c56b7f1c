import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { locateTensorFlow } from "../../../lib/engine/install/library.ts";
import { flagSetNames } from "../../../lib/engine/tuning/flag_sets.ts";
import { fastestWay, type StepWay, usualWay } from "../../../lib/engine/tuning/tuning.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import { tryWay, type WayOutcome } from "../../../lib/bench/tune/try_way.ts";
import { tryWays, waysToTry } from "../../../lib/bench/tune/try_ways.ts";
import { tuningLines } from "../../../lib/bench/tune/tune.ts";
import {
  benchStepOf,
  parseTunedStep,
  standardStep,
  stepText,
  studentKindOf,
} from "../../../lib/bench/tune/tune_step.ts";
import { benchmarkOf, stepVariants } from "../../../lib/bench/step_benchmark.ts";
import { minimal } from "../../recipe/minimal_recipe_fixture.ts";
import { testWithTensorFlow } from "../../engine/with_tensorflow_fixture.ts";

const step = {
  setting: {
    ...{ batch: 2, imageSize: 8, patchSize: 4, width: 8, depth: 1, heads: 2 },
    ...{ hidden: 4, lastHidden: 4, teachers: 1, teacherWidth: 5 },
  },
};

Deno.test("a dozen ways are tried, the usual one first, and none whose flags the library lacks", () => {
  const all = waysToTry(flagSetNames);
  assertEquals([all[0], all.length], [usualWay, 12]);
  assertEquals(new Set(all.map((way) => JSON.stringify(way))).size, 12);
  assertEquals(waysToTry(["plain"]).map(({ mode, precision }) => `${mode} ${precision}`), [
    ...["xla float32", "graph float32", "xla bfloat16", "graph bfloat16"],
  ]);
});

const numbers = [{ loss: 1, gradientNorm: 2 }, { loss: 0.9, gradientNorm: 2 }];
const graph: StepWay = { ...usualWay, mode: "graph" };
const coarse: StepWay = { ...graph, precision: "bfloat16" };

/** Tries ways that come to these outcomes. */
async function trialsOf(
  outcomes: readonly (readonly [StepWay, WayOutcome])[],
  again: readonly WayOutcome[] = [],
) {
  const lines: string[] = [], rest = [...outcomes.map(([, outcome]) => outcome), ...again];
  const trials = await tryWays(step, outcomes.map(([way]) => way), {
    ...{ tensorFlow: "", seconds: 1, attempt: () => Promise.resolve(rest.shift()!) },
    onProgress: (line) => lines.push(line),
  });
  return { trials, lines };
}

Deno.test("a way that computes something else does not count, nor does one that fails", async () => {
  const off = (loss: number, gradientNorm = 2) => ({
    ...{ milliseconds: 5, numbers: [numbers[0]!, { loss, gradientNorm }] },
  });
  const { trials, lines } = await trialsOf([
    [usualWay, { milliseconds: 9, numbers }],
    [graph, off(0.9005)],
    [graph, off(0.902)],
    [graph, off(0.9, 2.01)],
    [graph, off(NaN)],
    [graph, { milliseconds: 5, numbers: numbers.slice(1) }],
    [coarse, off(0.902)],
    [coarse, off(0.97)],
    [coarse, { failure: "Unknown flags in XLA_FLAGS" }],
  ], [{ milliseconds: 9, numbers }, { milliseconds: 5, numbers }]);
  const counted = trials.map(({ refusal }) => refusal === undefined);
  assertEquals(counted, [true, true, false, false, false, false, true, false, false]);
  assertEquals(trials.at(-1)?.milliseconds, null);
  assertStringIncludes(lines[2]!, "graph, float32: 5 ms a step computes something else");
  const text = tuningLines({ student: "transformer", step: "a step", trials }).join("\n");
  assertStringIncludes(text, "fastest: graph, float32");
  assertStringIncludes(text, "Unknown flags in XLA_FLAGS");
});

Deno.test("a way that was faster only because the usual one was disturbed does not win", async () => {
  const timed = (milliseconds: number) => ({ milliseconds, numbers });
  const ways = [[usualWay, timed(20)], [graph, timed(10)], [coarse, timed(3)]] as const;
  const { trials, lines } = await trialsOf(ways, [timed(9), timed(12)]);
  assertEquals(trials.map(({ milliseconds }) => milliseconds), [9, 10, 3]);
  assertEquals(fastestWay(trials, "float32")?.mode, "xla");
  assertEquals(lines.at(-1), "once more: XLA, float32, and graph, float32");
  const same = await trialsOf([[usualWay, timed(9)], [graph, timed(10)]]);
  assertEquals(same.trials.map(({ milliseconds }) => milliseconds), [9, 10]);
});

Deno.test("where the usual way fails nothing counts, as nothing can be compared", async () => {
  const { trials } = await trialsOf([
    [usualWay, { failure: "no memory" }],
    [graph, { milliseconds: 5, numbers }],
  ]);
  assert(trials.every(({ refusal }) => refusal !== undefined));
});

Deno.test("a step travels as JSON, and anything else is refused", () => {
  const recipe = defineRecipe(minimal);
  const teachers = [{ name: "a", width: 5, tokens: ["cls"] as const, grid: [2, 2] as const }];
  const travelled = parseTunedStep(JSON.parse(JSON.stringify({ recipe, teachers })));
  assertEquals(JSON.stringify(travelled), JSON.stringify({ recipe, teachers }));
  assertEquals(parseTunedStep({ setting: standardStep }), { setting: standardStep });
  for (
    const wrong of [{}, { setting: { ...standardStep, batch: "2" } }, { recipe: {}, teachers }]
  ) {
    let refused = false;
    try {
      parseTunedStep(wrong);
    } catch {
      refused = true;
    }
    assert(refused, JSON.stringify(wrong));
  }
});

testWithTensorFlow(
  "the step of a recipe has its student, batch and teachers, whatever balances them",
  async () => {
    const recipe = defineRecipe({
      name: "conv",
      images: { sources: [{ world: { seed: 0, images: 8 } }], size: 32 },
      teachers: ["a", "b"],
      student: { kind: "mobilenet_v2" },
      ladder: { blocks: [16, 18], hidden: 4, lastHidden: 4 },
      balancing: { kind: "ada_loss" },
      optimization: { batchSize: 2, steps: 1, learningRate: 1e-3 },
    });
    const tokens = ["cls"] as const, grid = [2, 2] as const;
    const teachers = ["a", "b"].map((name) => ({ name, width: 5, tokens, grid }));
    const tuned = { recipe, teachers };
    assertEquals(studentKindOf(tuned), "mobilenet_v2");
    assertEquals(stepText(tuned), "the step of recipe conv, batch 2");
    const benchmark = benchmarkOf(benchStepOf(tuned));
    const run = benchmark.prepare(stepVariants.graph);
    const { loss, gradientNorm } = await run();
    assert(loss > 0 && gradientNorm > 0, `${loss} ${gradientNorm}`);
    run.dispose();
    benchmark.dispose();
  },
);

testWithTensorFlow(
  "a way runs in a process of its own, which a flag that XLA lacks ends",
  async () => {
    const { folder: tensorFlow } = await locateTensorFlow();
    const options = { tensorFlow, seconds: 100 };
    const [first, same] = [
      await tryWay(usualWay, step, options),
      await tryWay(graph, step, options),
    ];
    if ("failure" in first || "failure" in same) throw new Error(JSON.stringify([first, same]));
    assertEquals(first.numbers.length, 3);
    assert(first.milliseconds > 0);
    first.numbers.forEach(({ loss, gradientNorm }, i) => {
      assert(Math.abs(same.numbers[i]!.loss / loss - 1) < 1e-4, "both modes compute the same");
      assert(Math.abs(same.numbers[i]!.gradientNorm / gradientNorm - 1) < 1e-3);
    });
    const flags = ["--xla_cpu_no_such_flag=true"];
    const ended = await tryWay(usualWay, step, { ...options, flags });
    assert("failure" in ended, "the process ended, and this one did not");
    const late = await tryWay(usualWay, step, { ...options, seconds: 0.05 });
    assertEquals(late, { failure: "not done after 0.05 s" });
  },
);
