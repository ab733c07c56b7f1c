/** What a finished run says of itself. */
import { z } from "zod";
import { runPaths } from "./run_folder.ts";

const schema = z.object({
  stateDigest: z.string().optional().catch(undefined),
  quarantined: z.number().optional().catch(undefined),
  seconds: z.number().positive().optional().catch(undefined),
});

/** Parts of `result.json` that others show. */
export interface RunResult {
  readonly stateDigest?: string | undefined;
  readonly quarantined?: number | undefined;
  /** Of training. */
  readonly seconds?: number | undefined;
}

/** The result of a finished run; nothing of an unfinished one, or of a file that cannot be read. */
export async function readRunResult(folder: string): Promise<RunResult> {
  try {
    return schema.parse(JSON.parse(await Deno.readTextFile(runPaths(folder).result)));
  } catch {
    return {};
  }
}
