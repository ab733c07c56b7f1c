import type { RunFolder } from "./run_folder.ts";

/**
 * Takes back what {@linkcode openRunFolder} made for a run that could not begin, so that the same command
 * begins it once the mistake is mended. A run that had begun before stays.
 *
 * @param options existed: whether there was a folder before
 */
export async function removeUnbegunRun(
  run: RunFolder,
  { existed }: { readonly existed: boolean },
): Promise<void> {
  if (run.resumed) return;
  run.release();
  for (const path of [run.recipe, run.stages, `${run.folder}/lock`]) {
    await Deno.remove(path).catch(() => {});
  }
  // Not recursive: a folder with anything else in it stays.
  if (!existed) await Deno.remove(run.folder).catch(() => {});
}
