/** Times a whole distillation, from encoded files to an updated student, in turn with plain PyTorch. */
import { UserError } from "../../errors/user_error.ts";
import { processorName } from "../../cli/recording.ts";
import { median } from "../bench_engine.ts";
import type { WaitPolicy } from "../bench_pytorch.ts";
import { writeJobFiles } from "./job_files.ts";
import { openOurJob, type OurJob } from "./job_parts.ts";
import { type JobTimes, type PartName, partNames } from "./part_time.ts";
import { type PyTorchJob, startPyTorchJob } from "./job_pytorch.ts";
import { jobRecipe, type JobSetting } from "./job_setting.ts";

/** Speed of a part, medians of the rounds. */
export interface PartSpeed {
  readonly imagesPerSecond: number;
  /** Processor seconds for an image, of all threads and processes together. */
  readonly processorSeconds: number;
  /** Share of the time in which the step waited for images; of whole jobs only. */
  readonly waitShare?: number | undefined;
}

/** Speeds of all parts. */
export type JobSpeeds = Readonly<Record<PartName, PartSpeed>>;

/** PyTorch's side of the comparison. */
export interface PyTorchJobBench {
  readonly version: string;
  readonly torchvision: string;
  readonly waitPolicy: WaitPolicy;
  readonly eager: JobSpeeds;
  /** With `torch.compile`; decoding and augmentation are those of `eager`. */
  readonly compiled: JobSpeeds | null;
}

/** Our rate over PyTorch's, medians over the rounds, in each the faster of eager and compiled; above 1 we are faster. */
export interface JobRatios {
  readonly live: number;
  /** With kept features on both sides. */
  readonly cached: number;
  /** Our job with kept features over PyTorch's live one. */
  readonly cachedOverLive: number;
}

/** Outcome of one job. */
export interface JobBench {
  readonly setting: JobSetting;
  readonly rounds: number;
  readonly parameters: OurJob["parameters"];
  readonly ours: JobSpeeds;
  /** Null where it was not asked for, or could not be timed. */
  readonly pytorch: PyTorchJobBench | null;
  /** Why PyTorch, or its compiled form, was not timed. */
  readonly skipped: readonly string[];
  readonly ratios: JobRatios | null;
}

/** Outcome of {@linkcode benchJobs}. */
export interface JobsBench {
  /** One for each student. */
  readonly jobs: readonly JobBench[];
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    /** Runnable processes, mean of a minute, before and after; the bench's are among the latter. */
    readonly load: readonly [before: number, after: number];
  };
}

/** Options of {@linkcode benchJobs}. */
export interface JobBenchOptions {
  /** Rounds; in each, everything is timed once. */
  readonly repeats: number;
  /** A Python with PyTorch, torchvision and Pillow. Default: PyTorch is not timed. */
  readonly python?: string | undefined;
  readonly onProgress?: ((line: string) => void) | undefined;
}

/** One side of the comparison, with its times of each round. */
interface Side {
  readonly name: string;
  measure(): Promise<JobTimes>;
  readonly rounds: JobTimes[];
}

/** Runs jobs one after the other, each on both sides in turn. The engine must have been started. */
export async function benchJobs(
  settings: readonly JobSetting[],
  options: JobBenchOptions,
): Promise<JobsBench> {
  const before = load(), jobs: JobBench[] = [];
  for (const setting of settings) {
    options.onProgress?.(`student ${setting.student}`);
    jobs.push(await benchJob(setting, options));
  }
  const machine = {
    cpu: processorName(),
    cores: navigator.hardwareConcurrency,
    load: [before, load()] as const,
  };
  return { jobs, machine };
}

async function benchJob(setting: JobSetting, options: JobBenchOptions): Promise<JobBench> {
  const { repeats, python, onProgress = () => {} } = options;
  const folder = await Deno.makeTempDir({ prefix: "hashigo_bench_job" });
  const [files, scratch] = [`${folder}/files`, `${folder}/scratch`];
  const processes: PyTorchJob[] = [];
  let ours: OurJob | undefined;
  try {
    await Deno.mkdir(files), await Deno.mkdir(scratch);
    onProgress(`writing ${setting.images} files`);
    await writeJobFiles(files, setting);
    const recipe = jobRecipe(setting, files);
    ours = await openOurJob(recipe, { files, scratch });
    const started = python === undefined
      ? { processes, skipped: [] }
      : await startBoth({ python, setting, recipe, files, scratch }, onProgress);
    processes.push(...started.processes);
    processes.forEach((process) => assertSameNetworks(ours!.parameters, process.parameters));
    const sides = sidesOf(ours, processes);
    for (let round = 1; round <= repeats; round++) await takeTurn(sides, round, options);
    const [own, eager, compiled] = sides, [first] = processes;
    return {
      ...{ setting, rounds: repeats, parameters: ours.parameters },
      ours: speedsOf(own!.rounds),
      pytorch: first === undefined ? null : {
        version: first.version,
        torchvision: first.torchvision,
        waitPolicy: first.waitPolicy,
        eager: speedsOf(eager!.rounds),
        compiled: compiled === undefined ? null : speedsOf(compiled.rounds),
      },
      skipped: started.skipped,
      ratios: eager === undefined ? null : ratiosOf(own!, [eager, ...compiled ? [compiled] : []]),
    };
  } finally {
    for (const process of processes) await process.close();
    ours?.dispose();
    await Deno.remove(folder, { recursive: true });
  }
}

/** PyTorch eager and compiled, where they can be started. */
async function startBoth(
  options: Omit<Parameters<typeof startPyTorchJob>[0], "compile">,
  onProgress: (line: string) => void,
) {
  const processes: PyTorchJob[] = [], skipped: string[] = [];
  for (const compile of [false, true]) {
    onProgress(`starting PyTorch${compile ? ", compiling" : ""}`);
    try {
      const waitPolicy = processes[0]?.waitPolicy;
      processes.push(await startPyTorchJob({ ...options, compile }, waitPolicy));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      skipped.push(`${compile ? "torch.compile" : "PyTorch"} was not timed: ${error.message}`);
      break;
    }
  }
  return { processes, skipped };
}

function sidesOf(ours: OurJob, processes: readonly PyTorchJob[]): Side[] {
  const sides: Side[] = [{ name: "ours", measure: () => ours.measure(), rounds: [] }];
  processes.forEach((process, i) => {
    // Images are opened and transformed alike, however the networks run.
    const shared = () => i === 0 ? undefined : sides[1]!.rounds.at(-1);
    sides.push({
      name: i === 0 ? "PyTorch" : "torch.compile",
      measure: () => process.measure(shared()),
      rounds: [],
    });
  });
  return sides;
}

async function takeTurn(
  sides: readonly Side[],
  round: number,
  { repeats, onProgress = () => {} }: JobBenchOptions,
): Promise<void> {
  for (const { name, measure, rounds } of sides) {
    rounds.push(await measure());
    const { live, cached } = rounds.at(-1)!;
    const rates = [live, cached].map(({ images, seconds }) => (images / seconds).toFixed(1));
    onProgress(
      `round ${round} of ${repeats}: ${name} ${rates[0]} images/s live, ${rates[1]} cached`,
    );
  }
}

/** @throws {Error} where the two sides do not have the same numbers of parameters */
function assertSameNetworks(ours: OurJob["parameters"], theirs: OurJob["parameters"]): void {
  if (
    ours.student === theirs.student &&
    Object.entries(ours.teachers).every(([name, count]) => theirs.teachers[name] === count)
  ) return;
  throw new Error(
    `The networks differ: ours have ${JSON.stringify(ours)} parameters, ` +
      `PyTorch's ${JSON.stringify(theirs)}`,
  );
}

function speedsOf(rounds: readonly JobTimes[]): JobSpeeds {
  const of = (name: PartName): PartSpeed => {
    const times = rounds.map((round) => round[name]);
    const shares = times.flatMap(({ waitShare }) => waitShare === undefined ? [] : [waitShare]);
    return {
      imagesPerSecond: median(times.map(({ images, seconds }) => images / seconds)),
      processorSeconds: median(
        times.map(({ images, processorSeconds }) => processorSeconds / images),
      ),
      ...shares.length > 0 && { waitShare: median(shares) },
    };
  };
  return Object.fromEntries(partNames.map((name) => [name, of(name)])) as unknown as JobSpeeds;
}

function ratiosOf(own: Side, others: readonly Side[]): JobRatios {
  const rate = ({ rounds }: Side, part: PartName, round: number) =>
    rounds[round]![part].images / rounds[round]![part].seconds;
  const ratio = (ours: PartName, theirs: PartName) =>
    median(
      own.rounds.map((_, i) =>
        rate(own, ours, i) / Math.max(...others.map((other) => rate(other, theirs, i)))
      ),
    );
  return {
    live: ratio("live", "live"),
    cached: ratio("cached", "cached"),
    cachedOverLive: ratio("cached", "live"),
  };
}

function load(): number {
  return Deno.loadavg()[0] ?? NaN;
}
