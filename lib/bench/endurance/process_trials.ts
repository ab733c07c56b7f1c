/** The trials of `torture --processes`: processes die, hang and are cut off at random moments. */
import { duration } from "../../io/duration.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { readLog } from "../../runs/step_log.ts";
import { randomStream } from "../../tensors/random.ts";
import {
  layWire,
  type RankEnd,
  type RankTask,
  type RunningRanks,
  silenceSeconds,
  startRanks,
} from "./process_ranks.ts";
import { newestProblem, type Trial, type TrialOptions } from "./torture_trials.ts";

/** What happens to a process. */
const faultKinds = ["killed", "hung", "cut off"] as const;
type FaultKind = typeof faultKinds[number];

/** Faults of one kind, how long the others took to end, and whether anything was lost. */
export interface ProcessTrial extends Trial {
  /** Longest time from the fault to the end of all other processes. */
  readonly slowestSeconds: number;
}

type CountedTrial = { -readonly [K in keyof ProcessTrial]: ProcessTrial[K] };

/** Beside the silence that is waited for: the last step, its checkpoint, and the end of a process. */
const endingSeconds = 30;

/** How far losses of the same step may be apart, since sums over other numbers of processes round otherwise. */
const lossTolerance = 1e-4;

/**
 * Harms one process after the other, each of a run that is then resumed with a number of processes drawn anew,
 * until so many faults have happened and every run has ended. A fault is survived where all other processes end
 * in time, one of them names the process that is missing, and the newest checkpoint loads; a run is lost where
 * a loss of its log differs from that of one undisturbed process. Of every second run each process keeps a slice
 * of the moments.
 */
export async function harmProcesses(
  parent: string,
  { faults, seed, progress }: TrialOptions & { readonly faults: number; readonly seed: number },
): Promise<ProcessTrial[]> {
  const random = randomStream(seed);
  const draw = (what: string, i: number, below: number) =>
    Math.floor(random.at(what, i).uniform(1)[0]! * below);
  const undisturbed = await runAlone(`${parent}/undisturbed`);
  progress(`undisturbed: ${undisturbed.length} steps`);
  const kinds = await canCut() ? faultKinds : faultKinds.slice(0, 2);
  const trials = new Map(
    [false, true].flatMap((sharded) => kinds.map((kind) => trialName(kind, sharded)))
      .map((name) => [name, emptyTrial(name)]),
  );
  const begun = performance.now();
  for (let fault = 0, runs = 0; fault < faults; runs++) {
    const task = { folder: `${parent}/processes-${runs}`, sharded: runs % 2 === 1 };
    const seen = new Set<CountedTrial>();
    for (let ended = false; !ended;) {
      const kind = kinds[fault % kinds.length]!;
      const trial = trials.get(trialName(kind, task.sharded))!;
      const size = kind === "cut off" ? 2 : 2 ** (1 + draw("size", fault, 2));
      const rank = kind === "cut off" ? 1 : draw("rank", fault, size);
      // The last runs to its end.
      const outcome = fault < faults
        ? await harm(task, { kind, size, rank, after: 1 + draw("step", fault, 8) })
        : await finish(task);
      ended = outcome === "ended";
      if (outcome === "ended") break;
      fault++;
      seen.add(trial);
      trial.injected++;
      const problem = outcome.problem ?? await newestProblem(task.folder);
      if (problem === undefined) trial.survived++;
      trial.slowestSeconds = Math.max(trial.slowestSeconds, outcome.seconds);
      const left = Math.max(0, faults - fault) * (performance.now() - begun) / (1000 * fault);
      progress(
        `${fault} of ${faults}: rank ${rank} of ${size} ${kind}, all ended after ` +
          `${outcome.seconds.toFixed(1)} s, ${problem ?? "by name"}, ${duration(left)} left`,
      );
    }
    const problem = differenceOf(await lossesOf(task.folder), undisturbed);
    progress(`run ${runs + 1} ended ${problem ?? "like the undisturbed one"}`);
    for (const trial of seen) {
      trial.runs++;
      if (problem !== undefined) trial.lost++;
    }
  }
  return [...trials.values()];
}

function trialName(kind: FaultKind, sharded: boolean): string {
  return `processes ${kind}${sharded ? ", moments sharded" : ""}`;
}

function emptyTrial(name: string): CountedTrial {
  return {
    name,
    injected: 0,
    survived: 0,
    lost: 0,
    runs: 0,
    slowestSeconds: 0,
  };
}

async function runAlone(folder: string): Promise<readonly number[]> {
  const ranks = startRanks({ folder, sharded: false }, 1);
  const [{ success, errors }] = await Promise.all(ranks.ends) as [RankEnd];
  if (!success) throw new Error(`The undisturbed run failed: ${errors}`);
  return await lossesOf(folder);
}

async function finish(task: RankTask): Promise<"ended"> {
  await using ranks = startRanks(task, 2);
  const ends = await Promise.all(ranks.ends);
  const failed = ends.find(({ success }) => !success);
  if (failed !== undefined) throw new Error(`The run failed by itself: ${failed.errors}`);
  return "ended";
}

/** Starts processes, harms one, and waits for the others; "ended" where the run was over before. */
async function harm(
  task: RankTask,
  { kind, size, rank, after }: {
    readonly kind: FaultKind;
    readonly size: number;
    readonly rank: number;
    readonly after: number;
  },
): Promise<"ended" | { readonly seconds: number; readonly problem: string | undefined }> {
  await using wire = kind === "cut off" ? await layWire() : undefined;
  await using ranks = startRanks(task, size, { wire });
  if (!await ranks.reached(after)) {
    const ends = await Promise.all(ranks.ends);
    if (await ranks.digest !== undefined) return "ended";
    throw new Error(`The run failed by itself: ${ends.map(({ errors }) => errors).join("\n")}`);
  }
  const begun = performance.now();
  if (kind === "cut off") await wire!.cut();
  else ranks.signal(rank, kind === "killed" ? "SIGKILL" : "SIGSTOP");
  const others = ranks.ends.filter((_, other) => other !== rank || kind === "cut off");
  const ends = await inTime(others, ranks, size);
  const seconds = (performance.now() - begun) / 1000;
  ranks.signal(rank, "SIGKILL");
  await Promise.all(ranks.ends);
  // It had taken its last step already.
  if (await ranks.digest !== undefined) return "ended";
  if (ends === undefined) return { seconds, problem: "some did not end" };
  const name = rank === 0 ? `the leader (rank 0 of ${size}` : `rank ${rank} of ${size}`;
  const named = ends.some(({ errors }) => errors.includes(name));
  return { seconds, problem: named ? undefined : `no one named it: ${ends[0]?.errors}` };
}

/** The ends of processes, or undefined where they take too long; these are killed. */
async function inTime(
  ends: readonly Promise<RankEnd>[],
  ranks: RunningRanks,
  size: number,
): Promise<readonly RankEnd[] | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), 1000 * (silenceSeconds + endingSeconds));
  try {
    const all = await Promise.race([Promise.all(ends), promise]);
    if (all === undefined) {
      for (let rank = 0; rank < size; rank++) ranks.signal(rank, "SIGKILL");
    }
    return all;
  } finally {
    clearTimeout(timer);
  }
}

async function canCut(): Promise<boolean> {
  await using wire = await layWire();
  return wire !== undefined;
}

async function lossesOf(folder: string): Promise<readonly number[]> {
  return (await readLog(runPaths(folder).log)).map(({ loss }) => loss);
}

function differenceOf(
  losses: readonly number[],
  undisturbed: readonly number[],
): string | undefined {
  if (losses.length !== undisturbed.length) {
    return `after ${losses.length} of ${undisturbed.length} steps`;
  }
  const step = losses.findIndex((loss, i) =>
    !(Math.abs(loss - undisturbed[i]!) <= lossTolerance * Math.abs(undisturbed[i]!))
  );
  return step < 0
    ? undefined
    : `with a loss of ${losses[step]} at step ${step + 1}, not ${undisturbed[step]}`;
}
