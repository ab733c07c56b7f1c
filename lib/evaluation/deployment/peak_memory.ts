/** Memory that a model takes, in a process of its own, since a process seldom gives memory back. */
import { fileURLToPath } from "node:url";
import type { ModelSpec } from "../models/open_model.ts";

const program = new URL("./peak_memory_program.ts", import.meta.url);
const [root, config] = ["../../../", "../../../deno.json"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url))
);

/** Most resident bytes of a process. */
export interface PeakMemory {
  /** Before the model is opened: Deno and TensorFlow. */
  readonly runtime: number;
  /** What the model adds at most while it answers with one image at a time. */
  readonly model: number;
}

/**
 * Opens a model in a process of its own and runs it a few times.
 *
 * @param canvas side of its images in pixels.
 * @returns undefined where the system does not tell, or `deno` and `grep` may not be run.
 */
export async function measurePeakMemory(
  spec: ModelSpec,
  canvas: number,
): Promise<PeakMemory | undefined> {
  const permissions = ["read", "write", "env", "ffi", "sys"].map((name) => `--allow-${name}`);
  const command = new Deno.Command("deno", {
    args: [
      ...["run", "-q", "--config", config!, ...permissions, fileURLToPath(program)],
      JSON.stringify({ spec, canvas }),
    ],
    cwd: root!,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  });
  let child: Deno.ChildProcess;
  try {
    child = command.spawn();
  } catch {
    return undefined;
  }
  const requests = child.stdin.getWriter();
  const peaks: number[] = [];
  try {
    // It writes its process id whenever it waits for its memory to be read.
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const peak = await highWaterMark(Number(text));
      if (peak !== undefined) peaks.push(peak);
      await requests.write(new Uint8Array(1));
    }
  } finally {
    await requests.close().catch(() => {});
    await child.status;
  }
  const [runtime, total] = peaks;
  return runtime === undefined || total === undefined
    ? undefined
    : { runtime, model: Math.max(0, total - runtime) };
}

/** Most resident bytes of a process so far, as Linux counts them. */
async function highWaterMark(process: number): Promise<number | undefined> {
  const command = new Deno.Command("grep", {
    args: ["VmHWM", `/proc/${process}/status`],
    stdout: "piped",
    stderr: "null",
  });
  const output = await command.output().catch(() => undefined);
  const [, kilobytes] = /(\d+) kB/.exec(new TextDecoder().decode(output?.stdout)) ?? [];
  return kilobytes === undefined ? undefined : 1024 * Number(kilobytes);
}
