/** Starts processes of a group as torchrun would, and reads what they say. */
import { fileURLToPath } from "node:url";
import type { RankOptions } from "./rank_program_fixture.ts";

const program = fileURLToPath(new URL("rank_program_fixture.ts", import.meta.url));

/** The end of a process. */
export interface RankOutcome {
  readonly code: number;
  readonly signal: string | null;
  /** What the leader printed. */
  readonly result:
    | { readonly steps: number; readonly stateDigest: string; readonly losses: number[] }
    | undefined;
  readonly errors: string;
}

/** A port that nothing listens at now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Starts one process of a group. */
export function startRank(
  folder: string,
  { rank, size, port, options = {}, env = {} }: {
    readonly rank: number;
    readonly size: number;
    readonly port: number;
    readonly options?: RankOptions | undefined;
    readonly env?: Record<string, string> | undefined;
  },
) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--allow-all", "--no-check", program, folder, JSON.stringify(options)],
    env: {
      ...{ RANK: `${rank}`, WORLD_SIZE: `${size}`, MASTER_ADDR: "127.0.0.1" },
      ...{ MASTER_PORT: `${port}`, TF_NUM_INTRAOP_THREADS: "1", NO_COLOR: "1", ...env },
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
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
  { options = {}, of = {}, env }: {
    /** Of every rank. */
    readonly options?: RankOptions;
    /** Of single ranks, beside those. */
    readonly of?: Readonly<Record<number, RankOptions>>;
    readonly env?: Record<string, string>;
  } = {},
): Promise<RankOutcome[]> {
  const port = freePort();
  const ranks = Array.from(
    { length: size },
    (_, rank) => startRank(folder, { rank, size, port, env, options: { ...options, ...of[rank] } }),
  );
  return await Promise.all(ranks.map(({ outcome }) => outcome));
}
