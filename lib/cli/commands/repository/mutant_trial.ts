/** Tests of a changed copy of the repository. */
import { dirname } from "node:path";
import { userCache } from "../../../io/user_cache.ts";
import type { Mutant } from "./mutant_list.ts";

/** How the tests of a copy ended. */
export interface TrialResult {
  /**
   * `"killed"`: a test failed; `"timeout"`: stopped after the limit; `"broken"`: the changed text is no
   * program, which says nothing of the tests; `"living"`: all passed.
   */
  readonly outcome: "killed" | "timeout" | "broken" | "living";
  readonly seconds: number;
  /** What the tests printed. */
  readonly output: string;
}

/** A copy of the repository to make changes in. */
export interface MutantCopy {
  /** Runs tests as they are. */
  test(tests: Pick<Mutant, "tests" | "filter">, limits: TrialLimits): Promise<TrialResult>;
  /** Runs the tests of a change while it is made. */
  try(mutant: Mutant, limits: TrialLimits): Promise<TrialResult>;
}

/** When to stop tests before they end. */
export interface TrialLimits {
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/** What a copy leaves out, or shares by a link. */
const left: readonly string[] = [".git", "node_modules", "runs"];

/**
 * Copies the repository into a folder. Packages are shared, and so is TensorFlow's library of the user's
 * cache; everything else that tests cache stays in the copy, so that no change leaves a trace.
 *
 * @param root of the repository
 * @param folder an empty folder
 */
export async function copyRepository(root: string, folder: string): Promise<MutantCopy> {
  const copy = `${folder}/repository`, cache = `${folder}/cache/hashigo`;
  await Deno.mkdir(copy);
  for await (const { name } of Deno.readDir(root)) {
    if (!left.includes(name)) await copyPath(`${root}/${name}`, `${copy}/${name}`);
  }
  await Deno.symlink(`${root}/node_modules`, `${copy}/node_modules`);
  await Deno.mkdir(cache, { recursive: true });
  const shared = userCache();
  for await (const { name } of Deno.readDir(shared)) {
    if (name.startsWith("tensorflow-")) await Deno.symlink(`${shared}/${name}`, `${cache}/${name}`);
  }
  const env = {
    NO_COLOR: "1",
    DENO_DIR: await denoFolder(),
    XDG_CACHE_HOME: dirname(cache),
    HASHIGO_SHARED: Deno.env.get("HASHIGO_SHARED") ?? `${root}/../shared`,
  };
  const test: MutantCopy["test"] = (tests, limits) => runTests(copy, env, tests, limits);
  return {
    test,
    async try(mutant, limits) {
      const path = `${copy}/${mutant.file}`, text = await Deno.readTextFile(path);
      // A function, since a string would have its dollar signs replaced.
      await Deno.writeTextFile(path, text.replace(mutant.old, () => mutant.new));
      try {
        return await test(mutant, limits);
      } finally {
        await Deno.writeTextFile(path, text);
      }
    },
  };
}

async function copyPath(from: string, to: string): Promise<void> {
  if (!(await Deno.stat(from)).isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) {
    await copyPath(`${from}/${name}`, `${to}/${name}`);
  }
}

/** Where Deno keeps its own cache, which must not move with the user's. */
async function denoFolder(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

/** Text of an error that comes from a change which is no program, whatever the tests say. */
const noProgram = /could not be parsed|SyntaxError: (?!.*JSON)|ReferenceError: \w+ is not defined/;

async function runTests(
  cwd: string,
  env: Record<string, string>,
  { tests, filter }: Pick<Mutant, "tests" | "filter">,
  { seconds, signal }: TrialLimits,
): Promise<TrialResult> {
  const begun = performance.now();
  const args = ["test", "-A", "--no-check", "--quiet", "--fail-fast"];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, ...filter === undefined ? [] : ["--filter", filter], ...tests],
    cwd,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stop = () => child.kill("SIGKILL");
  signal.addEventListener("abort", stop);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    stop();
  }, 1000 * seconds);
  try {
    const { success, stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    const output = decoder.decode(stdout) + decoder.decode(stderr);
    signal.throwIfAborted();
    const outcome = success
      ? "living"
      : late
      ? "timeout"
      : noProgram.test(output)
      ? "broken"
      : "killed";
    return { outcome, seconds: (performance.now() - begun) / 1000, output };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
