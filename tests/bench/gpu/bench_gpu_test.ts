/** The checks of a graphics card, made of whichever device is there. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { benchGpu, gpuMissing, kernelCheck } from "../../../lib/bench/gpu/bench_gpu.ts";
import { standardSettings } from "../../../lib/bench/step_setting.ts";
import { startEngine } from "../../../lib/engine/backend.ts";

Deno.test("without a graphics card the reason is said", () => {
  const missing = (devices: string[], variable?: string) =>
    gpuMissing({ devices }, (name) => name === "HASHIGO_DEVICE" ? variable : undefined);
  assertEquals(missing(["/device:CPU:0", "/device:GPU:0"]), undefined);
  assertMatch(missing(["/device:CPU:0"])!, /sees \/device:CPU:0 and no graphics card/);
  assertMatch(missing(["/device:CPU:0"], "cpu")!, /HASHIGO_DEVICE=cpu hides/);
});

Deno.test("kernels agree within a thousandth; a loss that is none, or missing, does not", () => {
  const expected = { "transformer, eager": [2, 4], "transformer, xla": [1] };
  assertEquals(kernelCheck(expected, expected).ok, true);
  const near = kernelCheck({ ...expected, "transformer, eager": [2, 4.003] }, expected);
  assert(near.ok && near.detail.includes("7.5e-4"), near.detail);
  for (const wrong of [[2, 4.005], [2, NaN], [2]]) {
    const check = kernelCheck({ ...expected, "transformer, eager": wrong }, expected);
    assert(!check.ok && check.detail.startsWith("transformer, eager"), check.detail);
  }
});

Deno.test("all checks are made, and PyTorch is skipped where there is none", async () => {
  const engine = await startEngine(), setting = standardSettings.transformer;
  const { checks, fp32Ms, bf16Ms, pytorchMs } = await benchGpu(engine, {
    setting: {
      ...setting,
      batch: 4,
      depth: 1,
      width: 24,
      hidden: 8,
      lastHidden: 8,
      teacherWidth: 8,
    },
    ...{ repeats: 1, steps: 12, python: "no_such_python" },
    kernels: () => Promise.resolve({ name: "kernels", ok: true, detail: "" }),
  });
  assertEquals(checks.map(({ name }) => name), [
    "kernels",
    "step",
    "bfloat16",
    "memory",
    "beside PyTorch",
  ]);
  const [, step, bfloat16, memory, pytorch] = checks;
  assert(step!.ok && bfloat16!.ok, bfloat16!.detail);
  // Resident memory of so few small steps is noise; tensors are not.
  const [, before, after] = /^(\d+) to (\d+) tensors/.exec(memory!.detail) ?? [];
  assertEquals(before, after);
  assertEquals([pytorch!.ok, pytorchMs], [null, null]);
  assertMatch(pytorch!.detail, /skipped with no_such_python/);
  assert(fp32Ms! > 0 && bf16Ms! > 0);
});
