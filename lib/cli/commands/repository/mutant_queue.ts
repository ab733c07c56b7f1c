/** Tries changes side by side, each process in a copy of its own. */
import { duration } from "../../../io/duration.ts";
import { UserError } from "../../../errors/user_error.ts";
import { type Mutant, roomOf } from "./mutant_list.ts";
import type { TriedMutant } from "./mutant_progress.ts";
import { copyRepository, type MutantCopy, type TrialResult } from "./mutant_trial.ts";

/** How {@linkcode tryMutants} goes about it. */
export interface MutantQueueOptions {
  /** Of the repository. */
  readonly root: string;
  readonly processes: number;
  readonly signal: AbortSignal;
  progress(line: string): void;
  /** The outcome of a change that need not be tried. */
  known(mutant: Mutant): TriedMutant | undefined;
  onKnown(mutant: Mutant, tried: TriedMutant): void;
  onTried(mutant: Mutant, tried: TriedMutant): Promise<void>;
}

/**
 * Runs the tests of all changes that are not known yet, first without a change and then with each. A
 * change is stopped, and counts as killed, after ten times the time of its tests and 30 s more.
 *
 * @throws {UserError} where tests fail without a change
 */
export async function tryMutants(
  mutants: readonly Mutant[],
  options: MutantQueueOptions,
): Promise<void> {
  const { root, processes, signal, progress, known, onKnown, onTried } = options;
  const open = mutants.filter((mutant) => {
    const before = known(mutant);
    if (before !== undefined) onKnown(mutant, before);
    return before === undefined;
  });
  if (open.length < mutants.length) {
    progress(`${mutants.length - open.length} of ${mutants.length} changes were tried before`);
  }
  if (open.length === 0) return;
  const folder = await Deno.makeTempDir({ prefix: "hashigo_mutants" });
  try {
    const copies: MutantCopy[] = [];
    for (let i = 0; i < Math.min(processes, open.length); i++) {
      await Deno.mkdir(`${folder}/${i}`);
      copies.push(await copyRepository(root, `${folder}/${i}`));
    }
    const suites = new Map(open.map((mutant) => [suiteOf(mutant), mutant]));
    const seconds = new Map<string, number>();
    const untouched = counter("tests without a change", suites.size, progress);
    await inParallel([...suites], copies, async ([suite, mutant], copy) => {
      const result = await copy.test(mutant, { seconds: 1800, signal });
      if (result.outcome !== "living") throw failedUnchanged(mutant, result);
      seconds.set(suite, result.seconds);
      untouched(`${mutant.tests.join(" ")} passed`);
    });
    const trial = counter("changes", open.length, progress);
    await inParallel(open, copies, async (mutant, copy) => {
      const limit = 30 + 10 * (seconds.get(suiteOf(mutant)) ?? 0);
      const { outcome, seconds: taken } = await copy.try(mutant, { seconds: limit, signal });
      await onTried(mutant, { outcome, seconds: taken });
      trial(`${outcome}: ${roomOf(mutant)}: ${mutant.name}`);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function suiteOf({ tests, filter }: Mutant): string {
  return JSON.stringify([tests, filter]);
}

function failedUnchanged({ tests, filter }: Mutant, { outcome, output }: TrialResult): UserError {
  const chosen = filter === undefined ? "" : ` with the filter "${filter}"`;
  const end = output.trim().split("\n").slice(-15).join("\n  ");
  return new UserError(
    `Ran ${tests.join(" ")}${chosen} without a change: found ` +
      `${
        outcome === "timeout" ? "no end" : "a failure"
      }, expected all to pass. Mend them first:\n  ${end}`,
  );
}

/** Says after each part how many are done and how long the others may take. */
function counter(
  noun: string,
  count: number,
  progress: (line: string) => void,
): (line: string) => void {
  const begun = performance.now();
  let done = 0;
  return (line) => {
    done++;
    const left = (performance.now() - begun) / 1000 / done * (count - done);
    progress(`${done} of ${count} ${noun}, ${duration(left)} left: ${line}`);
  };
}

/** Deals items to workers, each one at a time; the first error ends all of them. */
async function inParallel<T, W>(
  items: readonly T[],
  workers: readonly W[],
  work: (item: T, worker: W) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  let failed = false;
  const results = await Promise.allSettled(workers.map(async (worker) => {
    for (const item of queue) {
      if (failed) return;
      try {
        await work(item, worker);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  }));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
