/** A part of a run in a process of its own, whose memory and seconds are measured. */
import { fileURLToPath } from "node:url";
import { distill } from "../../training/distill.ts";
import { parseRecipe } from "../../recipe/recipe.ts";
import { highWaterMark, measureInProcess } from "../measured_process.ts";

/** What is run. */
export interface MeasuredRunRequest {
  /** A whole recipe. */
  readonly recipe: unknown;
  readonly folder: string;
  /** The run is left after so many steps in all, with a checkpoint. Default: it comes to its end. */
  readonly until?: number | undefined;
}

/** What it took. */
export interface MeasuredRun {
  /** Loss after each step. */
  readonly losses: readonly number[];
  /** Seconds from the beginning to the first report, and from each to the next. */
  readonly seconds: readonly number[];
  /** Highest resident memory at the last report, before a checkpoint is written, and in all, in bytes. */
  readonly stepBytes: number;
  readonly peakBytes: number;
  /** Of the last state, where the run came to its end. */
  readonly digest?: string | undefined;
}

/** Runs or resumes. */
export function measureRun(request: MeasuredRunRequest): Promise<MeasuredRun> {
  return measureInProcess<MeasuredRun>(fileURLToPath(import.meta.url), JSON.stringify(request));
}

// Infinity would not come through JSON.
async function run({ recipe, folder, until = Infinity }: MeasuredRunRequest): Promise<MeasuredRun> {
  const seconds: number[] = [], losses: number[] = [];
  let stepBytes = 0, last = performance.now();
  const steps = distill(parseRecipe(recipe), { folder, resume: true });
  let next = await steps.next();
  while (!next.done) {
    const now = performance.now();
    seconds.push((now - last) / 1000);
    last = now;
    losses.push(next.value.loss);
    stepBytes = highWaterMark();
    if (next.value.step >= until) {
      await steps[Symbol.asyncDispose]();
      return { losses, seconds, stepBytes, peakBytes: highWaterMark() };
    }
    next = await steps.next();
  }
  return {
    ...{ losses, seconds, stepBytes, peakBytes: highWaterMark() },
    digest: next.value.stateDigest,
  };
}

if (import.meta.main) {
  console.log(JSON.stringify(await run(JSON.parse(Deno.args[0] ?? "{}"))));
}
