/** One way of running a step, tried in a process of its own: flags of XLA count once, and a bad one ends it. */
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { UserError } from "../../errors/user_error.ts";
import { flagSets } from "../../engine/tuning/flag_sets.ts";
import { type StepWay, stepWaySchema } from "../../engine/tuning/tuning.ts";
import { flagVariable } from "../../engine/tuning/use_flags.ts";
import { startEngine } from "../../engine/backend.ts";
import { benchmarkOf, type StepNumbers } from "../step_benchmark.ts";
import { benchStepOf, parseTunedStep, type TunedStep } from "./tune_step.ts";

/** Steps whose numbers are compared, of which the first compiles. */
const compared = 3;

/** Milliseconds of steps, after which no more are begun; and the fewest that are timed. */
const patience = 1000, fewest = 3;

const outcome = z.object({
  /** The shortest step. */
  milliseconds: z.number().positive(),
  /** Of the first steps. */
  numbers: z.array(z.object({ loss: z.number(), gradientNorm: z.number() })),
});

/** What a way came to, or why it failed. */
export type WayOutcome = z.infer<typeof outcome> | { readonly failure: string };

/** How a way is tried. */
export interface TryOptions {
  /** Folder with TensorFlow's libraries. */
  readonly tensorFlow: string;
  /** Seconds after which the process is ended. */
  readonly seconds: number;
  /** Flags that take the place of those of the way's set. Default: none. */
  readonly flags?: readonly string[] | undefined;
}

/** Tries a way in another process. */
export async function tryWay(
  way: StepWay,
  step: TunedStep,
  { tensorFlow, seconds, flags = flagSets[way.flags] }: TryOptions,
): Promise<WayOutcome> {
  const child = startChild(["run", "-q", "--no-prompt", "--config", config, ...permissions], {
    args: [fileURLToPath(import.meta.url), JSON.stringify({ way, step })],
    env: { HASHIGO_TENSORFLOW: tensorFlow, [flagVariable]: flags.join(" ") },
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, 1000 * seconds);
  const { success, stdout, stderr } = await child.output();
  clearTimeout(timer);
  if (late) return { failure: `not done after ${seconds} s` };
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) return { failure: lastLine(text(stderr)) };
  return outcome.parse(JSON.parse(lastLine(text(stdout))));
}

const config = fileURLToPath(new URL("../../../deno.json", import.meta.url));
const permissions = ["read", "env", "ffi", "sys"].map((name) => `--allow-${name}`);

function startChild(
  deno: readonly string[],
  { args, env }: { readonly args: readonly string[]; readonly env: Record<string, string> },
): Deno.ChildProcess {
  const options = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  try {
    return new Deno.Command("deno", { args: [...deno, ...args], env, ...options }).spawn();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `Cannot try ways of running a step: deno could not be started (${reason}), which runs each in a ` +
        "process of its own. Put deno in the PATH, and allow it to be run",
      { cause: error },
    );
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.slice(0, 300) || "the process ended without a word";
}

/** Runs steps in a way; the child process runs this. */
async function runWay({ mode, precision }: StepWay, step: TunedStep) {
  await startEngine();
  const benchmark = benchmarkOf(benchStepOf(step));
  const run = benchmark.prepare({ gradients: mode, update: "xla", precision });
  const numbers: StepNumbers[] = [], times: number[] = [];
  let spent = 0;
  for (let i = 0; i <= fewest || spent < patience; i++) {
    const { milliseconds, ...computed } = await run();
    if (i < compared) numbers.push(computed);
    if (i === 0) continue;
    times.push(milliseconds);
    spent += milliseconds;
  }
  return { milliseconds: Math.min(...times), numbers };
}

if (import.meta.main) {
  const { way, step } = JSON.parse(Deno.args[0] ?? "{}");
  console.log(JSON.stringify(await runWay(stepWaySchema.parse(way), parseTunedStep(step))));
}
