/** Runs that are stopped by signals, and resumed. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { loadLatestCheckpoint } from "../../lib/runs/checkpoint/checkpoint.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

async function untilStep(child: Deno.ChildProcess): Promise<() => Promise<string>> {
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!/step \d+\//.test(text)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`ended before its first step: ${text}`);
    text += value;
  }
  return async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value;
    return text;
  };
}

/** Begins a distillation that is long enough to be stopped on a busy machine too. */
function startTiny(run: string, ...more: string[]) {
  const command = ["lib/cli/main.ts", "distill", "recipes/tiny_test.ts", "--run", run];
  const steps = ["--set", "optimization.steps=2000"];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--allow-all", ...command, ...steps, ...more],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

Deno.test({
  name:
    "SIGINT leaves with 130 and SIGTERM with 143, each with a checkpoint; a second process is refused",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const run = `${folder}/run`;
      const steps: number[] = [];
      for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
        const child = startTiny(run, ...steps.length > 0 ? ["--resume"] : []);
        const rest = await untilStep(child);
        if (steps.length === 0) {
          const other = await startTiny(run, "--resume").output();
          assertEquals(other.code, 2);
          assertStringIncludes(
            new TextDecoder().decode(other.stderr),
            `another process (${child.pid})`,
          );
        }
        child.kill(signal);
        const text = await rest();
        assertEquals((await child.status).code, status, text);
        steps.push((await loadLatestCheckpoint(run))?.step ?? 0);
      }
      const [first = 0, second = 0] = steps;
      assert(first > 0 && second > first, `${first}, then ${second}`);
    }),
});
