/** The trials of `torture`: faults injected into runs, which must end like an undisturbed run. */
import { fileURLToPath } from "node:url";
import { checkoutPath } from "../../cli/checkout.ts";
import { loadLatestCheckpoint } from "../../runs/checkpoint/checkpoint.ts";
import { duration } from "../../io/duration.ts";
import { randomStream } from "../../tensors/random.ts";

/** Faults injected into runs, and their outcomes. */
export interface Trial {
  readonly name: string;
  /** Faults. */
  readonly injected: number;
  /** Faults after which the newest checkpoint loaded, and the run named the problem where it could. */
  readonly survived: number;
  /** Finished runs whose state differs from the undisturbed run's. */
  readonly lost: number;
  /** Finished runs. */
  readonly runs: number;
}

/** An undisturbed run. */
export interface UndisturbedRun {
  readonly digest: string;
  /** Changes of its checkpoints on the disk. */
  readonly changes: number;
  readonly milliseconds: number;
}

const program = fileURLToPath(new URL("./torture_program.ts", import.meta.url));

/** Completes a run without any fault. */
export async function runUndisturbed(folder: string): Promise<UndisturbedRun> {
  const begun = performance.now();
  const end = await startRun(folder).end;
  if (end.outcome === undefined) throw new Error(`The run failed by itself: ${end.problem}`);
  return { ...end.outcome, milliseconds: performance.now() - begun };
}

/** Sends SIGKILL at moments drawn uniformly over the length of a run. */
export function killAtRandom(
  parent: string,
  undisturbed: UndisturbedRun,
  { kills, seed, progress }: TrialOptions & { readonly kills: number; readonly seed: number },
): Promise<Trial> {
  const moments = randomStream(seed).at("torture").uniform(kills);
  return killRepeatedly(`${parent}/random`, undisturbed, {
    name: "killed at random moments",
    kills,
    progress,
    start(folder, kill) {
      const run = startRun(folder);
      const moment = moments[kill];
      const timer = moment === undefined
        ? undefined
        : setTimeout(run.kill, moment * undisturbed.milliseconds);
      return run.end.finally(() => clearTimeout(timer));
    },
  });
}

/** Kills runs in the middle of the first, second, third … change of the checkpoints on the disk. */
export function killAtEveryChange(
  parent: string,
  undisturbed: UndisturbedRun,
  { changes, progress }: TrialOptions & { readonly changes: number },
): Promise<Trial> {
  const kills = Math.min(changes, undisturbed.changes);
  return killRepeatedly(`${parent}/change`, undisturbed, {
    name: "killed at every write",
    kills,
    progress,
    start: (folder, kill) => startRun(folder, kill < kills ? kill + 1 : undefined).end,
  });
}

/**
 * Fills the disk after the first checkpoint: the run must stop with a message about space, and resume
 * when there is space again.
 *
 * @returns undefined where no small file system can be mounted, which takes root's rights.
 */
export async function fillTheDisk(
  parent: string,
  undisturbed: UndisturbedRun,
  { progress }: TrialOptions,
): Promise<Trial | undefined> {
  const disk = `${parent}/disk`;
  await Deno.mkdir(disk);
  const mounted = await command("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", disk]);
  if (!mounted) return undefined;
  try {
    const folder = `${disk}/run`;
    const run = startRun(folder);
    const filled = fillAfterFirstCheckpoint(disk, folder, run.end);
    const { problem = "" } = await run.end;
    await filled;
    const whole = await newestProblem(folder) === undefined;
    const named = /space/i.test(problem);
    progress(named ? `full disk: ${lineAboutSpace(problem)}` : `full disk, not named: ${problem}`);
    await Deno.remove(`${disk}/filler`);
    const { outcome } = await startRun(folder).end;
    return {
      name: "disk filled up",
      injected: 1,
      survived: whole && named ? 1 : 0,
      lost: outcome?.digest === undisturbed.digest ? 0 : 1,
      runs: 1,
    };
  } finally {
    await command("umount", [disk]);
  }
}

/** Options of all trials. */
export interface TrialOptions {
  readonly progress: (line: string) => void;
}

interface RunEnd {
  /** Of a run that finished. */
  readonly outcome?: { readonly digest: string; readonly changes: number };
  /** Error output of a run that failed; undefined where it was killed. */
  readonly problem?: string;
}

async function killRepeatedly(
  parent: string,
  undisturbed: UndisturbedRun,
  { name, kills, progress, start }: TrialOptions & {
    readonly name: string;
    readonly kills: number;
    readonly start: (folder: string, kill: number) => Promise<RunEnd>;
  },
): Promise<Trial> {
  const begun = performance.now();
  let [injected, survived, lost, runs] = [0, 0, 0, 0];
  while (injected < kills) {
    const folder = `${parent}-${runs}`;
    for (;;) {
      const { outcome, problem: failure } = await start(folder, injected);
      if (failure !== undefined) throw new Error(`The run failed by itself: ${failure}`);
      if (outcome !== undefined) {
        const same = outcome.digest === undisturbed.digest;
        if (!same) lost++;
        progress(`run ${++runs} ended in ${same ? "the same" : "another"} state`);
        break;
      }
      injected++;
      const problem = await newestProblem(folder);
      if (problem === undefined) survived++;
      const left = (kills - injected) * (performance.now() - begun) / (1000 * injected);
      progress(`${name}: ${injected} of ${kills}, ${problem ?? "whole"}, ${duration(left)} left`);
    }
  }
  return { name, injected, survived, lost, runs };
}

function startRun(
  folder: string,
  boundary?: number,
): { readonly end: Promise<RunEnd>; readonly kill: () => void } {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--allow-all", program, folder, ...boundary ? [String(boundary)] : []],
    cwd: checkoutPath(),
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const end = child.output().then(({ success, signal, stdout, stderr }): RunEnd => {
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    if (signal === "SIGKILL") return {};
    return success ? { outcome: JSON.parse(text(stdout)) } : { problem: text(stderr) };
  });
  return { end, kill: () => child.kill("SIGKILL") };
}

async function fillAfterFirstCheckpoint(
  disk: string,
  folder: string,
  end: Promise<RunEnd>,
): Promise<void> {
  let running = true;
  end.finally(() => running = false);
  while (running && !await exists(`${folder}/checkpoints/latest`)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  using filler = await Deno.open(`${disk}/filler`, { createNew: true, write: true });
  // Ever smaller pieces: the last page too.
  for (let size = 1 << 20; size >= 1 << 12;) {
    try {
      await filler.write(new Uint8Array(size));
    } catch {
      size >>= 1;
    }
  }
}

/** Returns why the newest checkpoint does not load; undefined where it does, or there is none yet. */
export async function newestProblem(folder: string): Promise<string | undefined> {
  const warnings: string[] = [];
  try {
    await loadLatestCheckpoint(folder, { onWarning: (line) => warnings.push(line) });
    return warnings[0];
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const lineAboutSpace = (problem: string) =>
  problem.split("\n").find((line) => /space/i.test(line))?.trim() ?? "";

async function command(name: string, args: string[]): Promise<boolean> {
  const options = { args, stdout: "null", stderr: "null" } as const;
  return await new Deno.Command(name, options).output().then(({ success }) => success, () => false);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
