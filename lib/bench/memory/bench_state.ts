/** Measures what each of several processes keeps of a state, whole and sharded, beside the formula. */
import { processorName } from "../../cli/recording.ts";
import { byteSize } from "../../io/memory.ts";
import { studentLayout } from "../../method/student.ts";
import { textTable } from "../../report/tables/text_table.ts";
import { stateBytes } from "../../training/memory/state_bytes.ts";
import { runRanks } from "../processes/rank_process.ts";
import { studentOf, type TransformerSetting } from "../step_setting.ts";
import type { StateMemory, StateTask } from "./state_program.ts";
import { machineText } from "../../report/format.ts";

const program = new URL("state_program.ts", import.meta.url);

/** Outcome of {@linkcode benchState}. */
export interface StateBench {
  /** Numbers of the student and its projectors. */
  readonly parameters: number;
  readonly rows: readonly (StateMemory & {
    readonly processes: number;
    readonly sharded: boolean;
    /** Bytes of the state by the formula. */
    readonly reckoned: number;
  })[];
  readonly machine: { readonly cpu: string; readonly cores: number };
}

/** Measures 1, 2 and 4 processes; of each group, the process that has most. */
export async function benchState(
  setting: TransformerSetting,
  onProgress: (line: string) => void = () => {},
): Promise<StateBench> {
  const layout = studentLayout(studentOf(setting));
  const rows: StateBench["rows"][number][] = [];
  for (const sharded of [false, true]) {
    for (const processes of sharded ? [2, 4] : [1, 2]) {
      onProgress(`${processes} processes, ${sharded ? "sharded" : "whole"}`);
      const { parameters, moments } = stateBytes(layout, { processes, sharded });
      const measured = await measureTogether({ setting, sharded }, processes);
      rows.push({ processes, sharded, reckoned: parameters + moments, ...measured });
    }
  }
  const machine = { cpu: processorName(), cores: navigator.hardwareConcurrency };
  return { parameters: layout.size, rows, machine };
}

async function measureTogether(task: StateTask, size: number): Promise<StateMemory> {
  const printed = await runRanks(program, task, { size, attempt: "measure" });
  const all = printed.map((text): StateMemory => JSON.parse(text));
  const most = (of: (memory: StateMemory) => number) => Math.max(...all.map(of));
  return {
    tensors: most(({ tensors }) => tensors),
    resident: most(({ resident }) => resident),
    peak: most(({ peak }) => peak),
  };
}

/** Lines for people. */
export function stateTable({ parameters, rows, machine }: StateBench): string[] {
  return [
    `parameters of student and ladder: P = ${(parameters / 1e6).toFixed(1)} M, ${
      byteSize(4 * parameters)
    }; ${machineText(machine)}`,
    textTable(
      ["processes", "moments", "formula", "bytes", "tensors", "resident", "peak"],
      rows.map(({ processes, sharded, reckoned, tensors, resident, peak }) => [
        String(processes),
        sharded ? "sharded" : "whole",
        sharded ? "4 P + 8 P / N" : "12 P",
        ...[reckoned, tensors, resident, peak].map(byteSize),
      ]),
    ),
    "of the process that has most; tensors and resident memory between two steps, peak with exchange, update",
    "and the compiler of both; resident and peak are above those of the engine alone",
  ];
}
