/** Tries changes side by side, each process in a copy of its own. */
import type { Work } from "../../../io/progress_line.ts";
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
  /** How far it is. */
  work(work: Work): void;
  /** What does not go as it should, and what was tried before. */
  progress(line: string): void;
  /** The outcome of a change that need not be tried. */
  known(mutant: Mutant): TriedMutant | undefined;
  onKnown(mutant: Mutant, tried: TriedMutant): void;
  onTried(mutant: Mutant, tried: TriedMutant): Promise<void>;
  /** When to stop the tests of a change, by the seconds that they take without it; default: see below. */
  readonly limitOf?: ((seconds: number) => number) | undefined;
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
  const { root, processes, signal, progress, work, known, onKnown, onTried } = options;
  const { limitOf = (seconds) => 30 + 10 * seconds } = options;
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
    const untouched = counter({ stage: "tests without a change", total: suites.size }, work);
    await inParallel([...suites], copies, async ([suite, mutant], copy) => {
      const result = await copy.test(mutant, { seconds: 1800, signal });
      if (result.outcome !== "living" || ranNothing(result)) throw failedUnchanged(mutant, result);
      seconds.set(suite, result.seconds);
      untouched();
    });
    const trial = counter({ stage: "changes", total: open.length }, work);
    await inParallel(open, copies, async (mutant, copy) => {
      const limit = limitOf(seconds.get(suiteOf(mutant)) ?? 0);
      const { outcome, seconds: taken } = await copy.try(mutant, { seconds: limit, signal });
      await onTried(mutant, { outcome, seconds: taken });
      if (outcome !== "killed") progress(`${outcome}: ${roomOf(mutant)}: ${mutant.name}`);
      trial();
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function suiteOf({ tests, filter }: Mutant): string {
  return JSON.stringify([tests, filter]);
}

/** A filter may fit no test; that is no failure for Deno. */
function ranNothing({ output }: TrialResult): boolean {
  return /^ok \| 0 passed/m.test(output);
}

function failedUnchanged({ tests, filter }: Mutant, result: TrialResult): UserError {
  const chosen = filter === undefined ? "" : ` with the filter "${filter}"`;
  const end = result.output.trim().split("\n").slice(-15).join("\n  ");
  const found = result.outcome === "timeout"
    ? "no end"
    : ranNothing(result)
    ? "no test"
    : "a failure";
  return new UserError(
    `Ran ${tests.join(" ")}${chosen} without a change: found ${found}, expected all to pass. ` +
      `Mend them first:\n  ${end}`,
  );
}

/** Reports one more piece of a work as done, each time that it is called. */
function counter(part: { stage: string; total: number }, report: (work: Work) => void): () => void {
  let done = 0;
  report({ ...part, done });
  return () => report({ ...part, done: ++done });
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
