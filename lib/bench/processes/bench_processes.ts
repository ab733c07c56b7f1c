/** Times processes that share every batch, each on a core of its own, and the sum between them. */
import { processorName } from "../../cli/recording.ts";
import { textTable } from "../../report/tables/text_table.ts";
import { median } from "../bench_engine.ts";
import { runRanks } from "./rank_process.ts";
import { machineText } from "../../report/format.ts";

const program = new URL("bench_program.ts", import.meta.url);

/** Sizes; every one is a number that `--set` may change. */
export interface ProcessesSetting {
  /** Of the student. */
  readonly width: number;
  readonly depth: number;
  /** Images of a step, whatever the number of processes. */
  readonly batch: number;
  readonly steps: number;
  /** Most processes; each power of two up to it is timed. */
  readonly processes: number;
  /** Numbers of the sum: 92 MB, the gradient of ViT-S with its ladder. */
  readonly numbers: number;
}

/** A ViT-Ti of half the depth on 64 patches. */
export const processesSetting: ProcessesSetting = {
  width: 192,
  depth: 6,
  batch: 32,
  steps: 10,
  processes: 2,
  numbers: 23_000_000,
};

/** What a process is asked to do. */
export type ProcessTask =
  | { readonly numbers: number; readonly repeats: number }
  | (Pick<ProcessesSetting, "width" | "depth" | "batch" | "steps"> & { readonly folder: string });

/** Outcome of {@linkcode benchProcesses}; medians of rounds in which all take turns. */
export interface ProcessesBench {
  readonly setting: ProcessesSetting;
  readonly rows: readonly {
    readonly processes: number;
    readonly secondsPerStep: number;
    readonly imagesPerSecond: number;
    /** Against one process. */
    readonly speedUp: number;
    /** Largest relative difference of a loss from that of one process. */
    readonly lossDifference: number;
  }[];
  /** Of `numbers` over two processes. */
  readonly sumMilliseconds: number;
  /** Whether each process was held to a core of its own. */
  readonly pinned: boolean;
  readonly repeats: number;
  /** Processes that wanted a processor in the minute before, on average: what ran beside it. */
  readonly load: number;
  readonly machine: { readonly cpu: string; readonly cores: number };
}

interface StepTimes {
  readonly secondsPerStep: number;
  readonly losses: readonly number[];
}

/** Times 1, 2, 4 … processes in turn. */
export async function benchProcesses(
  setting: ProcessesSetting,
  { repeats, onProgress }: {
    readonly repeats: number;
    readonly onProgress: (line: string) => void;
  },
): Promise<ProcessesBench> {
  const { processes, numbers, ...steps } = setting;
  const folder = await Deno.makeTempDir({ prefix: "hashigo_bench_processes" });
  const pinned = await canPin(), load = Deno.loadavg()[0]!;
  const sizes = [1, 2, 4, 8, 16, 32, 64].filter((size) => size <= processes);
  const timed = new Map<number, StepTimes[]>(sizes.map((size) => [size, []]));
  try {
    for (let round = 1; round <= repeats; round++) {
      for (const size of sizes) {
        const task = { ...steps, folder: `${folder}/${round}-${size}` };
        const times = await runTogether<StepTimes>(task, size, pinned);
        timed.get(size)!.push(times);
        onProgress(
          `round ${round} of ${repeats}, ${size} processes: ` +
            `${(setting.batch / times.secondsPerStep).toFixed(1)} images/s`,
        );
      }
    }
    onProgress("summing");
    const { sumMilliseconds } = await runTogether<{ sumMilliseconds: number }>(
      { numbers, repeats: 5 },
      2,
      pinned,
    );
    const alone = median(timed.get(1)!.map(({ secondsPerStep }) => secondsPerStep));
    const rows = sizes.map((size) => {
      const all = timed.get(size)!;
      const secondsPerStep = median(all.map(({ secondsPerStep }) => secondsPerStep));
      return {
        processes: size,
        secondsPerStep,
        imagesPerSecond: setting.batch / secondsPerStep,
        speedUp: alone / secondsPerStep,
        lossDifference: largestDifference(all[0]!.losses, timed.get(1)![0]!.losses),
      };
    });
    const machine = { cpu: processorName(), cores: navigator.hardwareConcurrency };
    return { setting, rows, sumMilliseconds, pinned, repeats, load, machine };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The result for people. */
export function processesTable(result: ProcessesBench): string[] {
  const { setting, rows, sumMilliseconds, pinned, repeats, load, machine } = result;
  const megabytes = 4 * setting.numbers / 1e6;
  return [
    `A student of width ${setting.width} and depth ${setting.depth}, batch ${setting.batch}, ` +
    (pinned ? "each process on a core of its own" : "processes not held to cores"),
    textTable(
      ["processes", "s/step", "images/s", "speed-up", "losses differ by"],
      rows.map(({ processes, secondsPerStep, imagesPerSecond, speedUp, lossDifference }) => [
        String(processes),
        secondsPerStep.toFixed(3),
        imagesPerSecond.toFixed(1),
        speedUp.toFixed(2),
        lossDifference.toExponential(0),
      ]),
    ),
    `a sum of ${megabytes.toFixed(0)} MB over two processes: ${sumMilliseconds.toFixed(0)} ms`,
    `${machineText(machine)}, medians of ${repeats} turns; load before it began ` +
    load.toFixed(1),
  ];
}

/** Runs a task by so many processes, and returns what the leader printed. */
async function runTogether<Result>(
  task: ProcessTask,
  size: number,
  pinned: boolean,
): Promise<Result> {
  const core = (rank: number) => String(rank % navigator.hardwareConcurrency);
  const [printed = ""] = await runRanks(program, task, {
    ...{ size, attempt: "time" },
    before: (rank) => pinned ? ["taskset", "-c", core(rank)] : [],
  });
  return JSON.parse(printed);
}

function largestDifference(losses: readonly number[], others: readonly number[]): number {
  return Math.max(...losses.map((loss, i) => Math.abs(loss - others[i]!) / Math.abs(others[i]!)));
}

/** Whether processes can be held to cores here: by `taskset`, which Linux has. */
async function canPin(): Promise<boolean> {
  const command = new Deno.Command("taskset", { args: ["-c", "0", "true"], stderr: "null" });
  return await command.output().then(({ success }) => success, () => false);
}
