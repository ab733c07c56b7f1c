/** Runs over a feature cache of their own. */
import { startEngine } from "../../lib/engine/backend.ts";
import type { Recipe } from "../../lib/recipe/options.ts";
import { distill } from "../../lib/training/distill.ts";
import type { StepReport } from "../../lib/runs/step_report.ts";

/** A cache folder of one's own for the length of a test. */
export async function withOwnCache(run: (folder: string) => Promise<void>): Promise<void> {
  await startEngine(); // whose library is looked for in the user's own cache
  const folder = await Deno.makeTempDir({ prefix: "hashigo" });
  const before = Deno.env.get("XDG_CACHE_HOME");
  Deno.env.set("XDG_CACHE_HOME", `${folder}/cache`);
  try {
    await run(folder);
  } finally {
    if (before === undefined) Deno.env.delete("XDG_CACHE_HOME");
    else Deno.env.set("XDG_CACHE_HOME", before);
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs to the end. */
export async function run(recipe: Recipe, folder: string, options: { resume?: boolean } = {}) {
  const reports: StepReport[] = [];
  const steps = distill(recipe, { folder, ...options });
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return { reports, digest: value.stateDigest };
    reports.push(value);
  }
}

/** Sorted paths of the files of the cache. */
export function cacheFiles(folder: string): string[] {
  return [...Deno.readDirSync(`${folder}/cache/hashigo/features`)]
    .map(({ name }) => `${folder}/cache/hashigo/features/${name}`).sort();
}
