/** The benches of what large runs need. */
import { recordLines, resultsFolder } from "../cli/recording.ts";
import { startEngine } from "../engine/backend.ts";
import { benchGpu, gpuMissing } from "./gpu/bench_gpu.ts";
import { benchMemory, memorySetting, memoryTable } from "./memory/bench_memory.ts";
import { benchState, stateTable } from "./memory/bench_state.ts";
import { standardSettings } from "./step_setting.ts";
import { settingOf } from "./bench_arguments.ts";
import { benchPaper, paperSetting } from "./paper_size/bench_paper.ts";
import { paperTable } from "./paper_size/paper_table.ts";
import { benchScale } from "./scale/bench_scale.ts";
import { scaleSetting } from "./scale/paper_run.ts";
import { scaleTable } from "./scale/scale_table.ts";

/** Outcome of a bench that is recorded as lines and numbers. */
interface ScaleOutcome {
  readonly result: unknown;
  readonly lines: readonly string[];
  /** Name of the recorded files, where there is something to record. */
  readonly name: string | undefined;
  readonly command: string;
  /** Keeps the record, where it belongs to no machine. */
  readonly record?: () => Promise<void>;
}

/** What these benches read of an invocation. */
type ScaleInvocation = {
  readonly progress: (line: string) => void;
  readonly options: {
    readonly runs?: string | undefined;
    readonly set: readonly string[];
    readonly python?: string | undefined;
    readonly repeats?: number | undefined;
  };
};

/** By name. */
export const scaleBenches: {
  readonly [name: string]: (invocation: ScaleInvocation) => Promise<ScaleOutcome>;
} = {
  async gpu({ options: { python = "python3", set, repeats = 20 }, progress }) {
    const name = "bench_gpu", command = "deno task bench gpu --record";
    const engine = await startEngine(), missing = gpuMissing(engine);
    if (missing !== undefined) {
      const lines = [`skipped: ${missing}`];
      // Nothing is recorded of a card that is not there.
      return { result: { skipped: missing }, lines, name: undefined, command };
    }
    const setting = settingOf(standardSettings.transformer, set);
    const result = await benchGpu(engine, {
      ...{ setting, repeats, steps: 50, python, onProgress: progress },
    });
    const lines = result.checks.map(({ name, ok, detail }) =>
      `${ok === null ? "skip" : ok ? "ok  " : "FAIL"}  ${name}: ${detail}`
    );
    return { result, lines: [result.device, ...lines], name, command };
  },
  async memory({ options: { set }, progress }) {
    const result = await benchMemory(settingOf(memorySetting, set), progress);
    const command = "deno task bench memory --record";
    return { result, lines: memoryTable(result), name: "bench_memory", command };
  },
  async state({ options: { set }, progress }) {
    const result = await benchState(settingOf(memorySetting, set), progress);
    const command = "deno task bench state --record";
    return { result, lines: stateTable(result), name: "bench_state", command };
  },
  async paper({ options: { runs = "runs/paper_size", set }, progress }) {
    const result = await benchPaper(settingOf(paperSetting, set), runs, progress);
    const changes = set.map((change) => ` --set ${change}`).join("");
    const command = `deno task bench paper${changes} --record`;
    return { result, lines: paperTable(result), name: "bench_paper", command };
  },
  async scale({ options: { set } }) {
    const folder = `${resultsFolder()}/machines`;
    const result = await benchScale(settingOf(scaleSetting, set), folder),
      lines = scaleTable(result);
    const changes = set.map((change) => ` --set ${change}`).join("");
    const command = `deno task bench scale${changes} --record`;
    const record = async () => {
      await recordLines("scale", lines, command);
    };
    return { result, lines, name: undefined, command, record };
  },
};
