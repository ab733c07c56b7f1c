/** The same step in PyTorch, in a process that waits for its turns. */
import { fileURLToPath } from "node:url";
import { UserError } from "../user_error.ts";
import type { BenchSetting } from "./bench_setting.ts";

const script = new URL("./bench_step.py", import.meta.url);

/** What PyTorch can be asked for: one step, or one matrix product. */
export type PyTorchRequest = "fp32" | "bf16" | "gemm fp32" | "gemm bf16";

/** One run. */
export interface PyTorchAnswer {
  readonly milliseconds: number;
  /** Processor time of all threads together, milliseconds. */
  readonly processor: number;
  /** The loss, or the product's rate in units of 10^9 operations a second. */
  readonly value: number;
}

/** How PyTorch's threads wait for one another; see {@link startPyTorch}. */
export type WaitPolicy = "active" | "passive";

/** A Python process with the step ready in both precisions. */
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
 * Starts `python` with the step of a setting. PyTorch's threads wait for one another at every
 * operation. Turning in a loop (its default) is the quicker way where it has the machine to itself,
 * and slower by several times where it has not; so both are tried, and the faster one is kept.
 *
 * @throws {UserError} where it cannot be started, or has no PyTorch.
 */
export async function startPyTorch(python: string, setting: Setting): Promise<PyTorch> {
  const trials: { readonly pytorch: PyTorch; readonly milliseconds: number }[] = [];
  for (const waitPolicy of ["active", "passive"] as const) {
    const pytorch = await startProcess(python, setting, waitPolicy);
    await pytorch.run("fp32");
    trials.push({ pytorch, milliseconds: (await pytorch.run("fp32")).milliseconds });
  }
  const [faster, slower] = trials.sort((a, b) => a.milliseconds - b.milliseconds);
  await slower!.pytorch.close();
  return faster!.pytorch;
}

async function startProcess(
  python: string,
  setting: Setting,
  waitPolicy: WaitPolicy,
): Promise<PyTorch> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(python, {
      args: [fileURLToPath(script), JSON.stringify(setting)],
      env: waitPolicy === "passive" ? { OMP_WAIT_POLICY: "passive" } : {},
      ...{ stdin: "piped", stdout: "piped", stderr: "piped" } as const,
    }).spawn();
  } catch (error) {
    throw notAtHand(python, error instanceof Error ? error.message : String(error));
  }
  const complaints = new Response(child.stderr).text();
  const lines = linesOf(child.stdout);
  const requests = child.stdin.getWriter();
  async function answer(): Promise<Record<string, unknown>> {
    const { value, done } = await lines.next();
    if (!done) return JSON.parse(value);
    throw notAtHand(python, (await complaints).trim().split("\n").at(-1) ?? "");
  }
  const { version, bfloat16 } = await answer();
  return {
    version: String(version),
    bfloat16: bfloat16 === true,
    waitPolicy,
    async run(request) {
      await requests.write(new TextEncoder().encode(`${request}\n`));
      const { milliseconds, processor, value } = await answer();
      return {
        milliseconds: Number(milliseconds),
        processor: Number(processor),
        value: Number(value),
      };
    },
    async close() {
      await requests.close();
      await child.status;
      await complaints;
    },
  };
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

function notAtHand(python: string, found: string): UserError {
  return new UserError(
    `Cannot time PyTorch with ${python}: ${found}. Name a Python that has PyTorch by ` +
      "--python PYTHON, or leave out --pytorch",
  );
}
