/** Runs to the end, and runs over a feature cache of their own. */
import { startEngine } from "../../lib/engine/backend.ts";
import type { Recipe } from "../../lib/recipe/options.ts";
import type { StepReport } from "../../lib/runs/step_report.ts";
import { distill } from "../../lib/training/distill.ts";
import type { DistillOptions } from "../../lib/training/distill_options.ts";
import type { DistillSummary } from "../../lib/training/finish.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";

/** A run that has ended. */
export interface EndedRun {
  /** Of all its steps. */
  readonly reports: readonly StepReport[];
  readonly summary: DistillSummary;
  /** Of its last state. */
  readonly digest: string;
}

/** Distils to the end. */
export async function runToEnd(recipe: Recipe, options: DistillOptions): Promise<EndedRun> {
  const steps = distill(recipe, options);
  const reports: StepReport[] = [];
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return { reports, summary: value, digest: value.stateDigest };
    reports.push(value);
  }
}

/** Takes some steps of a run, which is then stopped and can be resumed. */
export async function runSteps(
  recipe: Recipe,
  count: number,
  options: DistillOptions,
): Promise<void> {
  const steps = distill(recipe, options);
  for (let i = 0; i < count; i++) await steps.next();
  await steps.return(undefined as never);
}

/** Runs a test in a temporary folder whose `cache` is the user's cache folder. */
export async function withOwnCache(body: (folder: string) => Promise<void>): Promise<void> {
  await startEngine(); // Its library lies in the real cache folder.
  await inTemporaryFolder(async (folder) => {
    const before = Deno.env.get("XDG_CACHE_HOME");
    Deno.env.set("XDG_CACHE_HOME", `${folder}/cache`);
    try {
      await body(folder);
    } finally {
      if (before === undefined) Deno.env.delete("XDG_CACHE_HOME");
      else Deno.env.set("XDG_CACHE_HOME", before);
    }
  });
}

/** Sorted paths of the files of the cache. */
export function cacheFiles(folder: string): string[] {
  return [...Deno.readDirSync(`${folder}/cache/hashigo/features`)]
    .map(({ name }) => `${folder}/cache/hashigo/features/${name}`).sort();
}
