/** What a finished run says of itself. */
import { z } from "zod";
import type { RunAccount } from "../metrics/costs/account.ts";
import { runPaths } from "./run_folder.ts";

const amount = z.number().min(0);

const accountSchema: z.ZodType<RunAccount> = z.object({
  processorSeconds: amount,
  kilowattHours: amount,
  meteredShare: amount.max(1),
  wattsPerCore: z.number().positive(),
  notMetered: z.string().max(200).optional(),
  gridIntensity: z.number().positive().optional(),
  gramsCo2e: amount.optional(),
  flop: z.object({ student: amount, teachers: amount }).optional(),
});

const schema = z.object({
  stateDigest: z.string().optional().catch(undefined),
  quarantined: z.number().optional().catch(undefined),
  seconds: z.number().positive().optional().catch(undefined),
  account: accountSchema.optional().catch(undefined),
});

/** Parts of `result.json` that others show. */
export interface RunResult {
  readonly stateDigest?: string | undefined;
  readonly quarantined?: number | undefined;
  /** Of training. */
  readonly seconds?: number | undefined;
  /** What it took; of the last stage, where it has several. Default: not known. */
  readonly account?: RunAccount | undefined;
}

/** The result of a finished run; nothing of an unfinished one, or of a file that cannot be read. */
export async function readRunResult(folder: string): Promise<RunResult> {
  try {
    return schema.parse(JSON.parse(await Deno.readTextFile(runPaths(folder).result)));
  } catch {
    return {};
  }
}
