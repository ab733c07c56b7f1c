/** A Python process that answers requests, one line of JSON for each. */
import { fileURLToPath } from "node:url";
import type { UserError } from "../errors/user_error.ts";

/** A process that waits for requests. */
export interface PythonProcess {
  /** The next line of its output. */
  answer(): Promise<Record<string, unknown>>;
  /** Sends a line, and waits for the answer. */
  request(line: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/**
 * Starts `script` with a setting as its only argument.
 *
 * @param options refusal: makes the error where it cannot be started, or ends before it answers
 */
export function startPython(python: string, options: {
  readonly script: URL;
  readonly setting: unknown;
  readonly env?: Readonly<Record<string, string>>;
  readonly refusal: (reason: string) => UserError;
}): PythonProcess {
  const { script, setting, env = {}, refusal } = options;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(python, {
      args: [fileURLToPath(script), JSON.stringify(setting)],
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    throw refusal(error instanceof Error ? error.message : String(error));
  }
  const complaints = new Response(child.stderr).text();
  const lines = linesOf(child.stdout);
  const requests = child.stdin.getWriter();
  async function answer(): Promise<Record<string, unknown>> {
    const { value, done } = await lines.next();
    if (!done) return JSON.parse(value);
    throw refusal((await complaints).trim().split("\n").at(-1) ?? "");
  }
  return {
    answer,
    async request(line) {
      await requests.write(new TextEncoder().encode(`${line}\n`));
      return await answer();
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
