/** `deno task torture`: a distillation that is killed again and again must end as if nothing had happened. */
import { fileURLToPath } from "node:url";
import { cpus } from "node:os";
import { writeFileAtomic } from "../atomic_file.ts";
import { loadLatestCheckpoint } from "../distill/checkpoint.ts";
import { duration } from "../distill/progress.ts";
import { randomStream } from "../random.ts";
import { UserError } from "../user_error.ts";
import { textTable } from "../view/tables.ts";
import { defineCommand, main } from "./command.ts";
import { resultsFolder, today } from "./recording.ts";

/** What was done to runs, and what became of them. */
interface Trial {
  readonly name: string;
  /** Kills. */
  readonly injected: number;
  /** After which the newest checkpoint loaded. */
  readonly survived: number;
  /** Finished runs whose state differs from the undisturbed run's. */
  readonly lost: number;
  /** Finished runs. */
  readonly runs: number;
  readonly seconds: number;
}

const program = fileURLToPath(new URL("./torture_program.ts", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));

/** The command, as a value. */
export const torture = defineCommand({
  name: "torture",
  summary:
    "Kills a tiny distillation at random moments and resumes it, until it has ended by itself:\n" +
    "the newest checkpoint must load after every kill, and the final state must be that of a run\n" +
    "that was left in peace. 60 kills take about six minutes on two cores",
  example: "deno task torture --kills 10",
  options: {
    kills: { type: "number", value: "N", summary: "how many, default 60" },
    seed: { type: "number", value: "N", summary: "draws the moments, default 0" },
    record: { type: "flag", summary: "also keeps the result in data/results" },
  },
  run: async ({ options, say, progress, emit }) => {
    const { kills = 60, seed = 0 } = options;
    if (!Number.isSafeInteger(kills) || kills < 1 || !Number.isSafeInteger(seed)) {
      throw new UserError(
        `Found --kills ${kills} --seed ${seed}, expected whole numbers, and at least one kill`,
      );
    }
    const trial = await killAtRandom(kills, seed, progress);
    const lines = [
      textTable(["trial", "injected", "survived", "lost", "runs"], [[
        trial.name,
        ...[trial.injected, trial.survived, trial.lost, trial.runs].map(String),
      ]]),
      `${cpus()[0]?.model.trim() ?? "unknown"}, ${navigator.hardwareConcurrency} cores, ` +
      duration(trial.seconds),
    ];
    for (const line of lines) say(line);
    emit(trial);
    if (options.record) {
      const command = `deno task torture --kills ${kills} --seed ${seed} --record, ${today()}`;
      const path = `${resultsFolder()}/torture`;
      await writeFileAtomic(
        `${path}.json`,
        JSON.stringify({ ...trial, date: today() }, null, 2) + "\n",
      );
      await writeFileAtomic(`${path}.md`, "```text\n" + [...lines, command].join("\n") + "\n```\n");
    }
    return trial.survived === trial.injected && trial.lost === 0 ? 0 : 1;
  },
});

async function killAtRandom(
  kills: number,
  seed: number,
  progress: (line: string) => void,
): Promise<Trial> {
  const parent = await Deno.makeTempDir({ prefix: "hashigo" });
  const begun = performance.now();
  try {
    const peaceful = await runFor(`${parent}/peaceful`, Infinity);
    const whole = performance.now() - begun;
    progress(`undisturbed: ${peaceful} after ${duration(whole / 1000)}`);
    const moments = randomStream(seed).at("torture").uniform(kills);
    let [injected, survived, lost, runs] = [0, 0, 0, 0];
    while (injected < kills) {
      const folder = `${parent}/run-${runs}`;
      let digest: string | undefined;
      while (digest === undefined) {
        const moment = injected < kills ? moments[injected]! * whole : Infinity;
        digest = await runFor(folder, moment);
        if (digest !== undefined) break;
        injected++;
        const problem = await newestProblem(folder);
        if (problem === undefined) survived++;
        const left = (kills - injected) * (performance.now() - begun) / (1000 * injected);
        progress(`${injected} of ${kills} kills: ${problem ?? "whole"}, ${duration(left)} left`);
      }
      runs++;
      if (digest !== peaceful) lost++;
      progress(
        `run ${runs} ended ${digest === peaceful ? "in the same state" : "in another state"}`,
      );
    }
    const seconds = (performance.now() - begun) / 1000;
    return { name: "killed at random moments", injected, survived, lost, runs, seconds };
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

/** The state's digest where the run ended within so many milliseconds; else it was killed. */
async function runFor(folder: string, milliseconds: number): Promise<string | undefined> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--allow-all", program, folder],
    cwd: root,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = Number.isFinite(milliseconds)
    ? setTimeout(() => child.kill("SIGKILL"), milliseconds)
    : undefined;
  const { success, signal, stdout, stderr } = await child.output();
  clearTimeout(timer);
  if (signal === "SIGKILL") return undefined;
  if (success) return new TextDecoder().decode(stdout).trim();
  throw new Error(`The run failed by itself: ${new TextDecoder().decode(stderr)}`);
}

/** Undefined where the newest checkpoint is whole, or there is none yet. */
async function newestProblem(folder: string): Promise<string | undefined> {
  const warnings: string[] = [];
  try {
    await loadLatestCheckpoint(folder, { onWarning: (line) => warnings.push(line) });
    return warnings[0];
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

if (import.meta.main) await main(torture);
