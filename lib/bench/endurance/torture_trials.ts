/** What `deno task torture` does to runs, and whether they end as if they had been left in peace. */
import { fileURLToPath } from "node:url";
import { loadLatestCheckpoint } from "../../runs/checkpoint/checkpoint.ts";
import { duration } from "../../io/duration.ts";
import { randomStream } from "../../tensors/random.ts";

/** What was done to runs, and what became of them. */
export interface Trial {
  readonly name: string;
  /** Faults. */
  readonly injected: number;
  /** After which the newest checkpoint loaded, and the run said what was wrong where it could. */
  readonly survived: number;
  /** Finished runs whose state differs from the undisturbed run's. */
  readonly lost: number;
  /** Finished runs. */
  readonly runs: number;
}

/** A run that nothing happened to. */
export interface Peaceful {
  readonly digest: string;
  /** Changes of its checkpoints on the disk. */
  readonly changes: number;
  readonly milliseconds: number;
}

const program = fileURLToPath(new URL("./torture_program.ts", import.meta.url));
const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Lets one run be. */
export async function leaveInPeace(folder: string): Promise<Peaceful> {
  const begun = performance.now();
  const end = await startRun(folder).end;
  if (end.outcome === undefined) throw new Error(`The run failed by itself: ${end.problem}`);
  return { ...end.outcome, milliseconds: performance.now() - begun };
}

/** SIGKILL from outside at moments drawn over the length of a run. */
export function killAtRandom(
  parent: string,
  peaceful: Peaceful,
  { kills, seed, progress }: TrialOptions & { readonly kills: number; readonly seed: number },
): Promise<Trial> {
  const moments = randomStream(seed).at("torture").uniform(kills);
  return killAgainAndAgain(`${parent}/random`, peaceful, {
    name: "killed at random moments",
    kills,
    progress,
    start(folder, kill) {
      const run = startRun(folder);
      const moment = moments[kill];
      const timer = moment === undefined
        ? undefined
        : setTimeout(run.kill, moment * peaceful.milliseconds);
      return run.end.finally(() => clearTimeout(timer));
    },
  });
}

/** SIGKILL in the middle of the first, second, third … change of the checkpoints on the disk. */
export function killAtEveryChange(
  parent: string,
  peaceful: Peaceful,
  { changes, progress }: TrialOptions & { readonly changes: number },
): Promise<Trial> {
  const kills = Math.min(changes, peaceful.changes);
  return killAgainAndAgain(`${parent}/change`, peaceful, {
    name: "killed at every write",
    kills,
    progress,
    start: (folder, kill) => startRun(folder, kill < kills ? kill + 1 : undefined).end,
  });
}

/**
 * The disk fills up after the first checkpoint: the run must stop and say so, and go on when there is
 * space again.
 *
 * @returns undefined where no small file system can be mounted: it takes the rights of root.
 */
export async function fillTheDisk(
  parent: string,
  peaceful: Peaceful,
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
    const told = /space/i.test(problem);
    progress(told ? `full disk: ${lastSentence(problem)}` : `full disk, not told: ${problem}`);
    await Deno.remove(`${disk}/filler`);
    const { outcome } = await startRun(folder).end;
    return {
      name: "disk filled up",
      injected: 1,
      survived: whole && told ? 1 : 0,
      lost: outcome?.digest === peaceful.digest ? 0 : 1,
      runs: 1,
    };
  } finally {
    await command("umount", [disk]);
  }
}

/** How a trial tells where it is. */
export interface TrialOptions {
  readonly progress: (line: string) => void;
}

interface RunEnd {
  /** Of a run that ended by itself. */
  readonly outcome?: { readonly digest: string; readonly changes: number };
  /** What it said where it failed; undefined where it was killed. */
  readonly problem?: string;
}

async function killAgainAndAgain(
  parent: string,
  peaceful: Peaceful,
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
        const same = outcome.digest === peaceful.digest;
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
    cwd: root,
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

const lastSentence = (problem: string) =>
  problem.split("\n").find((line) => /space/i.test(line))?.trim() ?? "";

async function command(name: string, args: string[]): Promise<boolean> {
  const options = { args, stdout: "null", stderr: "null" } as const;
  return await new Deno.Command(name, options).output().then(({ success }) => success, () => false);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
