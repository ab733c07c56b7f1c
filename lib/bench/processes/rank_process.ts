/** Starts processes of a group, each with its place in the environment. */
import { fileURLToPath } from "node:url";
import { checkoutPath } from "../../cli/checkout.ts";
import { UserError } from "../../errors/user_error.ts";

/** A place in a group, as torchrun gives it. */
export interface RankPlace {
  readonly rank: number;
  /** 1: a process by itself. */
  readonly size: number;
  readonly host: string;
  readonly port: number;
}

/** A port that nothing listens at now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/**
 * Starts a module as one process of a group; TensorFlow computes in one thread.
 *
 * @param options before: a command that starts the other, such as `taskset -c 0`; env: more variables
 */
export function startRank(
  module: URL,
  argument: string,
  { rank, size, host, port, before = [], env = {} }: RankPlace & {
    readonly before?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  },
): Deno.ChildProcess {
  const place: Record<string, string> = size === 1 ? {} : {
    ...{ RANK: String(rank), WORLD_SIZE: String(size) },
    ...{ MASTER_ADDR: host, MASTER_PORT: String(port) },
  };
  const [command = "", ...args] = [
    ...before,
    Deno.execPath(),
    ...["run", "-q", "--no-check", "--allow-all", fileURLToPath(module), argument],
  ];
  return new Deno.Command(command, {
    args,
    cwd: checkoutPath(),
    env: { ...place, TF_NUM_INTRAOP_THREADS: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/**
 * Runs a module as a whole group on this machine.
 *
 * @param task its argument, as JSON
 * @param options attempt: what is done, for messages; before: of each rank, see {@linkcode startRank}
 * @returns what each rank printed
 * @throws {UserError} with what the first printed that failed
 */
export async function runRanks(
  module: URL,
  task: unknown,
  { size, attempt, before = () => [] }: {
    readonly size: number;
    readonly attempt: string;
    readonly before?: (rank: number) => readonly string[];
  },
): Promise<string[]> {
  const place = { size, host: "127.0.0.1", port: freePort() };
  const children = Array.from(
    { length: size },
    (_, rank) => startRank(module, JSON.stringify(task), { ...place, rank, before: before(rank) }),
  );
  const outputs = await Promise.all(children.map((child) => child.output()));
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const failed = outputs.find(({ success }) => !success);
  if (failed !== undefined) {
    throw new UserError(
      `Cannot ${attempt} ${size} processes: one ended with ${text(failed.stderr)}`,
    );
  }
  return outputs.map(({ stdout }) => text(stdout));
}
