/** A step beside PyTorch's, of which a script of the shell is the stand-in. */
import {
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { benchStep } from "../../lib/bench/bench_step.ts";
import { startPyTorch } from "../../lib/bench/bench_pytorch.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { testWithTensorFlow } from "../engine/with_tensorflow_fixture.ts";
import { engineWith, tiny } from "./tiny_step_fixture.ts";

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
  const engine = engineWith(() => t.liveHandles());
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
  const engine = engineWith(() => t.liveHandles());
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
