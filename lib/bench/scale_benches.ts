/** The benches of what large runs need. */
import { benchMemory, memorySetting, memoryTable } from "./memory/bench_memory.ts";
import { settingOf } from "./setting_of.ts";
import { benchPaper } from "./paper_size/bench_paper.ts";
import { paperTable } from "./paper_size/paper_table.ts";

/** Outcome of a bench that is recorded as lines and numbers. */
interface ScaleOutcome {
  readonly result: unknown;
  readonly lines: readonly string[];
  readonly name: string;
  readonly command: string;
}

/** What these benches read of an invocation. */
type ScaleInvocation = {
  readonly progress: (line: string) => void;
  readonly options: { readonly runs?: string | undefined; readonly set: readonly string[] };
};

/** By name. */
export const scaleBenches: {
  readonly [name: string]: (invocation: ScaleInvocation) => Promise<ScaleOutcome>;
} = {
  async memory({ options: { set }, progress }) {
    const result = await benchMemory(settingOf(memorySetting, set), progress);
    const command = "deno task bench memory --record";
    return { result, lines: memoryTable(result), name: "bench_memory", command };
  },
  async paper({ options: { runs = "runs/paper_size" }, progress }) {
    const result = await benchPaper(runs, progress);
    const command = "deno task bench paper --record";
    return { result, lines: paperTable(result), name: "bench_paper", command };
  },
};
