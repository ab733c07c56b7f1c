/** The same step in PyTorch, in a process that waits for its turns. */
import { fileURLToPath } from "node:url";
import { UserError } from "../user_error.ts";
import type { BenchSetting } from "./bench_setting.ts";

const script = new URL("./bench_step.py", import.meta.url);

/** What PyTorch can be asked for: one step, or one matrix product. */
export type PyTorchRequest = "fp32" | "bf16" | "gemm fp32" | "gemm bf16";

/** A Python process with the step ready in both precisions. */
export interface PyTorch {
  readonly version: string;
  /** Runs it once; `value` is the loss, or the product's rate in units of 10^9 operations a second. */
  run(request: PyTorchRequest): Promise<{ milliseconds: number; value: number }>;
  close(): Promise<void>;
}

/**
 * Starts `python` with the step of a setting.
 *
 * @throws {UserError} where it cannot be started, or has no PyTorch.
 */
export async function startPyTorch(
  python: string,
  setting: BenchSetting & { readonly threads: number; readonly gemmSize: number },
): Promise<PyTorch> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(python, {
      args: [fileURLToPath(script), JSON.stringify(setting)],
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
  const { version } = await answer();
  return {
    version: String(version),
    async run(request) {
      await requests.write(new TextEncoder().encode(`${request}\n`));
      const { milliseconds, value } = await answer();
      return { milliseconds: Number(milliseconds), value: Number(value) };
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
