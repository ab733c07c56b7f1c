/** The same job in plain PyTorch, eagerly or compiled, in a process that waits for its turns. */
import { z } from "zod";
import { scaledBlur } from "../../augmentation/augmentation.ts";
import type { Recipe } from "../../recipe/options.ts";
import {
  pyTorchRefusal,
  waitingEnvironment,
  type WaitPolicy,
  withFasterWaiting,
} from "../bench_pytorch.ts";
import { startPython } from "../python_process.ts";
import type { OurJob } from "./job_parts.ts";
import type { JobTimes, PartName, PartTime } from "./part_time.ts";
import { headWidth, type JobSetting, mobilenetBlocks, patchSize } from "./job_setting.ts";

/** PyTorch's side of a job. */
export interface PyTorchJob {
  readonly version: string;
  readonly torchvision: string;
  readonly waitPolicy: WaitPolicy;
  readonly parameters: OurJob["parameters"];
  /** Measures the parts once, but for those that `others` has. */
  measure(others?: Pick<JobTimes, "decode" | "augment">): Promise<JobTimes>;
  close(): Promise<void>;
}

const greeting = z.object({
  version: z.string(),
  torchvision: z.string(),
  parameters: z.object({ student: z.number(), teachers: z.record(z.string(), z.number()) }),
});

const partTime = z.object({
  images: z.number(),
  seconds: z.number(),
  processorSeconds: z.number(),
  waitShare: z.number().nullable().transform((share) => share ?? undefined),
});

/** Where a job's files lie, and how PyTorch runs it. */
export interface PyTorchJobOptions {
  readonly python: string;
  readonly setting: JobSetting;
  readonly recipe: Recipe;
  /** Folder of the encoded images. */
  readonly files: string;
  /** Folder for kept features. */
  readonly scratch: string;
  /** Whether networks are compiled by `torch.compile`. */
  readonly compile: boolean;
}

/**
 * Starts PyTorch with a job, in the faster of its two ways of waiting unless one is named.
 *
 * @throws {UserError} where it cannot be started, or lacks PyTorch, torchvision or Pillow.
 */
export async function startPyTorchJob(
  options: PyTorchJobOptions,
  waitPolicy?: WaitPolicy,
): Promise<PyTorchJob> {
  if (waitPolicy !== undefined) return await startProcess(options, waitPolicy);
  return await withFasterWaiting(
    (waitPolicy) => startProcess(options, waitPolicy),
    async (job) => await job.trial(),
  );
}

async function startProcess(options: PyTorchJobOptions, waitPolicy: WaitPolicy) {
  const { python, setting, recipe, files, scratch, compile } = options;
  const cores = navigator.hardwareConcurrency;
  const process = startPython(python, {
    script: new URL("./job.py", import.meta.url),
    setting: {
      ...setting,
      ...{ files, scratch, compile, patchSize, threads: cores, workers: cores },
      heads: Math.max(1, Math.floor(setting.width / headWidth)),
      blocks: mobilenetBlocks,
      blur: blurOf(recipe),
    },
    // What a killed process left of compiled code in the usual folder would stop this one.
    env: { ...waitingEnvironment(waitPolicy), TORCHINDUCTOR_CACHE_DIR: `${scratch}/inductor` },
    refusal: (reason) => pyTorchRefusal(python, reason),
  });
  const ask = async (request: PartName | "keep"): Promise<PartTime> =>
    partTime.parse(await process.request(request));
  const hello = greeting.parse(await process.answer());
  let kept = false;
  return {
    ...{ ...hello, waitPolicy },
    async measure(others?: Pick<JobTimes, "decode" | "augment">) {
      if (!kept) await ask("keep");
      kept = true;
      return {
        decode: others?.decode ?? await ask("decode"),
        augment: others?.augment ?? await ask("augment"),
        teachers: await ask("teachers"),
        step: await ask("step"),
        live: await ask("live"),
        cached: await ask("cached"),
      };
    },
    trial: async () => (await ask("step")).seconds,
    close: () => process.close(),
  };
}

/** Kernel and deviations of the recipe's blur at the size of its views, as torchvision takes them. */
function blurOf({ images: { size, augmentation } }: Recipe) {
  if (augmentation.blur === false) throw new Error("The recipe of the job blurs");
  const { kernel, sigma } = scaledBlur(augmentation.blur, size);
  return { kernel, sigma };
}
