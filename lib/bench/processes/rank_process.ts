/** Starts processes of a group, each with its place in the environment. */
import { fileURLToPath } from "node:url";
import { checkoutPath } from "../../cli/checkout.ts";

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
