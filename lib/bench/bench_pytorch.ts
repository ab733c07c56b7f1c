/** The same step in PyTorch, in a process that waits for its turns. */
import { UserError } from "../errors/user_error.ts";
import type { BenchSetting } from "./step_setting.ts";
import { startPython } from "./python_process.ts";

const script = new URL("./bench_step.py", import.meta.url);

/** What PyTorch can run: one step, or one matrix product. */
export type PyTorchRequest = "fp32" | "bf16" | "gemm fp32" | "gemm bf16";

/** One run. */
export interface PyTorchAnswer {
  readonly milliseconds: number;
  /** Processor time of all threads together, milliseconds. */
  readonly processor: number;
  /** The loss, or the product's rate in units of 10^9 operations a second. */
  readonly value: number;
}

/** How PyTorch's threads wait for one another; see {@link withFasterWaiting}. */
export type WaitPolicy = "active" | "passive";

/** A Python process with the step prepared in both precisions. */
export interface PyTorch {
  readonly version: string;
  /** Whether it has products in bfloat16 for this processor that are worth timing. */
  readonly bfloat16: boolean;
  readonly waitPolicy: WaitPolicy;
  run(request: PyTorchRequest): Promise<PyTorchAnswer>;
  close(): Promise<void>;
}

type Setting = BenchSetting & { readonly threads: number; readonly gemmSize: number };

/**
 * Starts `python` with the step of a setting.
 *
 * @throws {UserError} where it cannot be started, or has no PyTorch.
 */
export async function startPyTorch(python: string, setting: Setting): Promise<PyTorch> {
  return await withFasterWaiting(
    (waitPolicy) => startProcess(python, setting, waitPolicy),
    async (pytorch) => {
      await pytorch.run("fp32");
      return (await pytorch.run("fp32")).milliseconds;
    },
  );
}

/**
 * PyTorch's threads wait for one another at every operation. Spinning (its default) is quicker on an idle
 * machine, and several times slower on a busy one; so both are tried, and the faster process is kept.
 */
export async function withFasterWaiting<Process extends { close(): Promise<void> }>(
  start: (waitPolicy: WaitPolicy) => Promise<Process>,
  time: (process: Process) => Promise<number>,
): Promise<Process> {
  const trials: { readonly process: Process; readonly milliseconds: number }[] = [];
  for (const waitPolicy of ["active", "passive"] as const) {
    const process = await start(waitPolicy);
    trials.push({ process, milliseconds: await time(process) });
  }
  const [faster, slower] = trials.sort((a, b) => a.milliseconds - b.milliseconds);
  await slower!.process.close();
  return faster!.process;
}

/** Environment of a process whose threads wait like this. */
export function waitingEnvironment(waitPolicy: WaitPolicy): Record<string, string> {
  return waitPolicy === "passive" ? { OMP_WAIT_POLICY: "passive" } : {};
}

async function startProcess(
  python: string,
  setting: Setting,
  waitPolicy: WaitPolicy,
): Promise<PyTorch> {
  const process = startPython(python, {
    script,
    setting,
    env: waitingEnvironment(waitPolicy),
    refusal: (reason) => pyTorchRefusal(python, reason),
  });
  const { version, bfloat16 } = await process.answer();
  return {
    version: String(version),
    bfloat16: bfloat16 === true,
    waitPolicy,
    async run(request) {
      const { milliseconds, processor, value } = await process.request(request);
      return {
        milliseconds: Number(milliseconds),
        processor: Number(processor),
        value: Number(value),
      };
    },
    close: () => process.close(),
  };
}

/** The error where a Python cannot time PyTorch. */
export function pyTorchRefusal(python: string, reason: string): UserError {
  return new UserError(
    `Cannot time PyTorch with ${python}: ${reason}. Name a Python that has PyTorch by ` +
      "--python PYTHON, or leave out --pytorch",
  );
}
