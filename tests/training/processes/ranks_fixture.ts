/** Starts processes of a group as torchrun would, and reads what they say. */
import { freePort, startRank as start } from "../../../lib/bench/processes/rank_process.ts";
import type { RankOptions } from "./rank_program_fixture.ts";

export { freePort };

const program = new URL("rank_program_fixture.ts", import.meta.url);

/** The end of a process. */
export interface RankOutcome {
  readonly code: number;
  readonly signal: string | null;
  /** What the leader printed. */
  readonly result:
    | {
      readonly steps: number;
      readonly stateDigest: string;
      readonly losses: number[];
      /** What the leader used of processors, and what the account of the run says. */
      readonly seconds: { readonly own: number; readonly ofRun: number };
    }
    | undefined;
  readonly errors: string;
}

/** Starts one process of a group. */
export function startRank(
  folder: string,
  { options = {}, host = "127.0.0.1", ...place }: {
    readonly rank: number;
    readonly size: number;
    readonly port: number;
    readonly host?: string | undefined;
    /** A command that starts the process. */
    readonly before?: readonly string[];
    readonly options?: RankOptions | undefined;
    readonly env?: Record<string, string>;
  },
) {
  const child = start(program, JSON.stringify({ folder, ...options }), { host, ...place });
  const outcome = child.output().then(({ code, signal, stdout, stderr }): RankOutcome => {
    const [out, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, signal, result: out ? JSON.parse(out) : undefined, errors: errors! };
  });
  return { child, outcome };
}

/** Starts all processes of a group and waits for their ends. */
export async function runRanks(
  folder: string,
  size: number,
  { options = {}, of = {} }: {
    /** Of every rank. */
    readonly options?: RankOptions;
    /** Of single ranks, beside those. */
    readonly of?: Readonly<Record<number, RankOptions>>;
  } = {},
): Promise<RankOutcome[]> {
  const port = freePort();
  const ranks = Array.from(
    { length: size },
    (_, rank) => startRank(folder, { rank, size, port, options: { ...options, ...of[rank] } }),
  );
  return await Promise.all(ranks.map(({ outcome }) => outcome));
}
