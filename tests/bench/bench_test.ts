import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { bench } from "../../lib/bench/bench.ts";
import { median } from "../../lib/bench/bench_engine.ts";
import {
  type ConvolutionalSetting,
  standardSettings,
  type TransformerSetting,
} from "../../lib/bench/step_setting.ts";
import { benchEvaluate, evaluateTable } from "../../lib/bench/bench_evaluate.ts";
import { benchStep } from "../../lib/bench/bench_step.ts";
import { makeStepBenchmark, stepVariants } from "../../lib/bench/step_benchmark.ts";
import { runCommand } from "../../lib/cli/run_command.ts";
import { testWithTensorFlow } from "../engine/with_tensorflow_fixture.ts";
import { engineWith, tiny } from "./tiny_step_fixture.ts";

/** A MobileNetV2 of which the last block and the head are trained. */
const convolutional: ConvolutionalSetting = {
  ...{ student: "mobilenet_v2", batch: 2, imageSize: 32, freeze: 17, blocks: [16, 18] },
  ...{ hidden: 4, teacherWidths: [1280, 3] },
};

/** The same of that student: what is frozen has no gradient. */
function convolutionalOperations(s: ConvolutionalSetting): number {
  const pixelwise = 160 * 960 + 960 * 320 + 320 * 1280, depthwise = 9 * 960;
  const teachers = s.teacherWidths.length;
  const heads = s.hidden * (teachers * (160 + 1280) + 2 * (1280 + 3));
  // What the frozen stages give needs no gradient, so the rung on it has one product backwards.
  const frozen = s.hidden * teachers * 160;
  return 2 * s.batch * (3 * (pixelwise + depthwise + heads) - frozen);
}

/** Multiplications and additions of the step's products by hand: backward is twice forward. */
function operationsByHand(s: TransformerSetting): number {
  const patches = (s.imageSize / s.patchSize) ** 2, tokens = patches + 1;
  const stem = patches * 3 * s.patchSize ** 2 * s.width;
  const block = tokens * 12 * s.width ** 2 + 2 * tokens ** 2 * s.width;
  const hidden = (s.depth - 1) * s.hidden + s.lastHidden;
  const ladder = tokens * s.teachers * hidden * (s.width + s.teacherWidth);
  // Images need no gradient, so the stem's backward pass is one product.
  return 2 * s.batch * (2 * stem + 3 * (s.depth * block + ladder));
}

testWithTensorFlow("the operations of a step are those counted by hand", async () => {
  const benchmark = makeStepBenchmark(tiny);
  assertAlmostEquals(await benchmark.gflopPerStep() * 1e9, operationsByHand(tiny), 1e-3);
  benchmark.dispose();
  assertAlmostEquals(operationsByHand(standardSettings.transformer) / 1e9, 208, 1);
  const other = makeStepBenchmark(convolutional);
  const expected = convolutionalOperations(convolutional);
  assertAlmostEquals(await other.gflopPerStep() * 1e9, expected, 1e-3);
  other.dispose();
});

testWithTensorFlow(
  "every way of running a step gives the same loss, and leaks nothing",
  async (t) => {
    const handles = t.liveHandles();
    const first: number[] = [], second: number[] = [];
    for (const name of ["eager", "graph", "xla", "bf16"] as const) {
      const benchmark = makeStepBenchmark(tiny), step = benchmark.prepare(stepVariants[name]);
      first.push((await step()).loss);
      second.push((await step()).loss);
      step.dispose();
      benchmark.dispose();
    }
    first.forEach((loss, i) => assertAlmostEquals(loss, first[0]!, i < 3 ? 1e-5 : 1e-2));
    second.forEach((loss, i) => assertAlmostEquals(loss, second[0]!, i < 3 ? 1e-5 : 1e-2));
    assert(first[0] !== second[0], "a step changes the state");
    assertEquals(t.liveHandles(), handles);
  },
);

testWithTensorFlow(
  "the step of a convolutional student is the same op by op and as a graph",
  async (t) => {
    const handles = t.liveHandles(), losses: number[][] = [];
    for (const name of ["eager", "graph"] as const) {
      const benchmark = makeStepBenchmark(convolutional);
      const step = benchmark.prepare(stepVariants[name]);
      losses.push([(await step()).loss, (await step()).loss]);
      step.dispose();
      benchmark.dispose();
    }
    const [eager, graph] = losses;
    eager!.forEach((loss, i) => assertAlmostEquals(loss, graph![i]!, 1e-5));
    assert(eager![0] !== eager![1], "a step changes the state");
    assertEquals(t.liveHandles(), handles);
  },
);

testWithTensorFlow("an empty step passes the state on unchanged", async () => {
  const benchmark = makeStepBenchmark(tiny);
  const step = benchmark.prepare(stepVariants.graph), empty = benchmark.prepare(stepVariants.empty);
  const other = makeStepBenchmark(tiny), plain = other.prepare(stepVariants.graph);
  await empty();
  assertEquals((await step()).loss, (await plain()).loss);
  [step, empty, plain, benchmark, other].forEach((disposable) => disposable.dispose());
});

testWithTensorFlow("the bench reports every figure", async (t) => {
  const handles = t.liveHandles();
  const engine = engineWith(() => t.liveHandles());
  const lines: string[] = [];
  const result = await benchStep(tiny, engine, {
    ...{ ways: ["graph", "bf16"], repeats: 2 },
    onProgress: (line) => lines.push(line),
  });
  assertEquals([result.eagerMs, result.xlaMs, result.pytorch, result.ratios], Array(4).fill(null));
  const { gemmGflops, gflopPerStep, hostMsPerCompiledStep, opMicroseconds } = result;
  const figures = [result.graphMs, result.bf16Ms, result.fractionOfGemm, result.bf16FractionOfGemm];
  for (const figure of [...figures, gemmGflops, gflopPerStep, hostMsPerCompiledStep]) {
    assertGreater(figure ?? 0, 0);
  }
  assertGreater(opMicroseconds, 0);
  const shortest = Math.min(result.graphMs!, result.bf16Ms!);
  assertAlmostEquals(result.imagesPerSecond, 3000 / shortest, 1e-9);
  assertAlmostEquals(
    result.fractionOfGemm!,
    gflopPerStep / (result.graphMs! / 1000) / gemmGflops,
    1e-12,
  );
  assertEquals(lines.filter((line) => line.startsWith("round ")).length, 2);
  assertEquals(t.liveHandles(), handles);
});

Deno.test("the median of an even count lies between the two in the middle", () => {
  assertEquals(median([3, 1, 2]), 2);
  assertEquals(median([4, 1, 2, 3]), 2.5);
});

for (
  const [args, message] of [
    [["stairs"], "Found no bench named stairs"],
    [["step", "--ways", "fast"], "expected some of eager,graph,xla,bf16"],
    [["step", "--set", "girth=3"], "Found --set girth=3"],
    [
      ["step", "--student", "resnet"],
      "Found --student resnet, expected one of transformer, mobilenet_v2",
    ],
    [
      ["step", "--student", "mobilenet_v2", "--set", "width=3"],
      "a key of batch, imageSize, freeze",
    ],
    [["step", "--set", "width=wide"], "Found --set width=wide"],
    [["step", "--repeats", "0"], "expected a whole number from 1"],
  ] as const
) {
  Deno.test(`the user's mistake leaves with status 2: bench ${args.join(" ")}`, async () => {
    const printed: string[] = [];
    const output = {
      out: (line: string) => printed.push(line),
      err: (line: string) => printed.push(line),
    };
    assertEquals(await runCommand(bench, args, { output }), 2);
    assertStringIncludes(printed.join("\n"), message);
  });
}

Deno.test("evaluation is timed without a Python, and a Python without scikit-learn is named", async () => {
  await startEngine();
  const small = { rows: 300, width: 16, classes: 5 };
  const quiet = { repeats: 1, onProgress: () => {} };
  const result = await benchEvaluate(small, quiet);
  assertEquals(result.metrics.map(({ metric }) => metric), ["knn", "logistic"]);
  for (const { ours, sklearn } of result.metrics) {
    assertGreater(ours.milliseconds, 0);
    assertGreater(ours.accuracy, 22); // a fifth would be chance
    assertEquals(sklearn, null);
  }
  assertStringIncludes(evaluateTable(result).join("\n"), "300 x 300");
  await assertRejects(
    () => benchEvaluate(small, { ...quiet, python: "no-such-python" }),
    UserError,
    "no-such-python",
  );
});
