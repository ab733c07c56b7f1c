import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { type Engine, startEngine } from "../../lib/engine/backend.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { bench } from "../../lib/bench/bench.ts";
import { median } from "../../lib/bench/bench_engine.ts";
import { startPyTorch } from "../../lib/bench/bench_pytorch.ts";
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

const tiny: TransformerSetting = {
  ...{ batch: 3, imageSize: 8, patchSize: 4, width: 8, depth: 2, heads: 2 },
  ...{ hidden: 6, lastHidden: 10, teachers: 2, teacherWidth: 5 },
};

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
  const engine: Engine = {
    ...{ backend: "tensorflow", version: "2", library: null, devices: [] },
    ...{
      compiles: true,
      tensorFloat32: false,
      liveTensors: () => t.liveHandles(),
      returnFreedMemory() {},
    },
  };
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

/** A stand-in for Python: it answers every request with the number of the request. */
const fakePython = `#!/bin/sh
echo '{"version": "0.0", "bfloat16": true}'
n=0
while read -r request; do
  n=$((n + 1))
  echo "{\\"milliseconds\\": $n, \\"processor\\": 7, \\"value\\": 0.5}"
done
`;

async function withScript(text: string, use: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, text);
    await Deno.chmod(path, 0o755);
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

const setting = { ...tiny, threads: 1, gemmSize: 8 };

Deno.test("PyTorch's process answers one request after another", async () => {
  await withScript(fakePython, async (path) => {
    const pytorch = await startPyTorch(path, setting);
    assertEquals(pytorch.version, "0.0");
    assertEquals(await pytorch.run("fp32"), { milliseconds: 3, processor: 7, value: 0.5 });
    assertEquals(await pytorch.run("bf16"), { milliseconds: 4, processor: 7, value: 0.5 });
    await pytorch.close();
  });
});

/** The same, but slow unless its threads wait by this policy. */
const slowUnless = (policy: string) =>
  fakePython.replace("n=0", `n=100; [ "$OMP_WAIT_POLICY" = "${policy}" ] && n=0`);

for (const [policy, expected] of [["passive", "passive"], ["", "active"]] as const) {
  Deno.test(`of PyTorch's ways of waiting the faster one is kept: ${expected}`, async () => {
    await withScript(slowUnless(policy), async (path) => {
      const pytorch = await startPyTorch(path, setting);
      assertEquals(pytorch.waitPolicy, expected);
      assertEquals((await pytorch.run("fp32")).milliseconds, 3);
      await pytorch.close();
    });
  });
}

testWithTensorFlow("times are compared with PyTorch's, round by round", async (t) => {
  const engine: Engine = {
    ...{ backend: "tensorflow", version: "2", library: null, devices: [] },
    ...{
      compiles: true,
      tensorFloat32: false,
      liveTensors: () => t.liveHandles(),
      returnFreedMemory() {},
    },
  };
  await withScript(fakePython, async (python) => {
    const result = await benchStep(tiny, engine, { ways: ["bf16"], repeats: 1, python });
    const { ratios, processorRatios, pytorch } = result;
    // After two trial steps and two runs of all four requests, the next ones are 11 and 12.
    assertEquals([pytorch?.fp32Ms, pytorch?.bf16Ms, pytorch?.gemmGflops], [11, 12, 0.5]);
    assertEquals([ratios?.fp32, processorRatios?.fp32], [null, null]);
    assertAlmostEquals(ratios!.bf16!, 12 / result.bf16Ms!, 1e-12);
    const { bf16GemmGflops, bf16FractionOfGemm, bf16FractionOfBest } = result;
    const part = bf16GemmGflops / Math.max(bf16GemmGflops, pytorch!.bf16GemmGflops!);
    assertAlmostEquals(bf16FractionOfBest!, bf16FractionOfGemm! * part, 1e-12);
    assertGreater(processorRatios!.bf16!, 0);
  });
});

testWithTensorFlow("where PyTorch has no fast bfloat16 it is not timed", async (t) => {
  const engine: Engine = {
    ...{ backend: "tensorflow", version: "2", library: null, devices: [] },
    ...{
      compiles: true,
      tensorFloat32: false,
      liveTensors: () => t.liveHandles(),
      returnFreedMemory() {},
    },
  };
  await withScript(fakePython.replace("true", "false").replace("0.5", "1e6"), async (python) => {
    const result = await benchStep(tiny, engine, { ways: ["graph", "bf16"], repeats: 1, python });
    const { ratios, pytorch } = result;
    // After two trial steps and two runs of the two requests that are left.
    assertEquals([pytorch?.fp32Ms, pytorch?.bf16Ms, pytorch?.bf16GemmGflops], [7, null, null]);
    assertAlmostEquals(ratios!.fp32!, 7 / result.graphMs!, 1e-12);
    assertEquals(ratios!.bf16, null);
    // Its product is the faster one by far, so it is the machine's best.
    const { fractionOfBest, fractionOfGemm, gemmGflops } = result;
    assertAlmostEquals(fractionOfBest!, fractionOfGemm! * gemmGflops / 1e6, 1e-12);
  });
});

Deno.test("a Python without PyTorch, or none, is the user's mistake", async () => {
  const without = "#!/bin/sh\necho \"ModuleNotFoundError: No module named 'torch'\" >&2\nexit 1\n";
  await withScript(without, async (path) => {
    const error = await assertRejects(() => startPyTorch(path, setting), UserError);
    assertStringIncludes(error.message, "No module named 'torch'");
    assertStringIncludes(error.message, "--python PYTHON");
  });
  const missing = await assertRejects(() => startPyTorch("/no/such/python", setting), UserError);
  assertStringIncludes(missing.message, "/no/such/python");
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
