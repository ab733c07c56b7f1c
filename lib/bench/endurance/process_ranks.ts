/** Processes of a tiny distillation, and faults of theirs. */
import { freePort, startRank } from "../processes/rank_process.ts";

const program = new URL("process_program.ts", import.meta.url);

/** Seconds after which a process that says nothing counts as hung or cut off here. */
export const silenceSeconds = 20;

/** What each process of a run is told. */
export interface RankTask {
  /** Folder of the run. */
  readonly folder: string;
  /** Whether each process keeps a slice of the moments, instead of all of them. */
  readonly sharded: boolean;
}

/** The end of one process. */
export interface RankEnd {
  readonly success: boolean;
  readonly killed: boolean;
  readonly errors: string;
}

/** Processes that run; disposing of them kills those that still do. */
export interface RunningRanks extends AsyncDisposable {
  /** Ends, by rank. */
  readonly ends: readonly Promise<RankEnd>[];
  /** Digest of the final state; undefined where the run did not end. */
  readonly digest: Promise<string | undefined>;
  /** Resolves when the leader has taken so many steps since it started; false where it ended before. */
  reached(steps: number): Promise<boolean>;
  signal(rank: number, signal: "SIGKILL" | "SIGSTOP"): void;
}

/** A wire between the network of this machine and another one, which can be cut. */
export interface Wire extends AsyncDisposable {
  /** Address of this end. */
  readonly address: string;
  /** Name of the other end's namespace. */
  readonly namespace: string;
  cut(): Promise<void>;
}

/**
 * Starts the processes of a run.
 *
 * @param options wire: across which rank 1 and all after it run. Default: the loopback device
 */
export function startRanks(
  task: RankTask,
  size: number,
  { wire }: { readonly wire?: Wire | undefined } = {},
): RunningRanks {
  const port = freePort();
  const host = wire?.address ?? "127.0.0.1";
  const children = Array.from(
    { length: size },
    (_, rank) =>
      startRank(program, JSON.stringify(task), {
        ...{ rank, size, host, port },
        before: wire !== undefined && rank > 0 ? ["ip", "netns", "exec", wire.namespace] : [],
        env: { HASHIGO_SILENCE_SECONDS: String(silenceSeconds) },
      }),
  );
  const ends = children.map(async ({ stderr, status }): Promise<RankEnd> => {
    const errors = await new Response(stderr).text();
    const { success, signal } = await status;
    return { success, killed: signal === "SIGKILL", errors };
  });
  let steps = 0, ended = false;
  const waiting: { readonly steps: number; readonly resolve: (reached: boolean) => void }[] = [];
  const wake = () => {
    for (const one of [...waiting]) {
      if (steps < one.steps && !ended) continue;
      waiting.splice(waiting.indexOf(one), 1);
      one.resolve(steps >= one.steps);
    }
  };
  const read = async () => {
    let text = "", digest: string | undefined;
    for await (const piece of children[0]!.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (text + piece).split("\n");
      text = lines.pop()!;
      for (const line of lines) {
        const said = JSON.parse(line) as { step?: number; digest?: string };
        if (said.step !== undefined) steps += 1;
        digest ??= said.digest;
        wake();
      }
    }
    ended = true;
    wake();
    return digest;
  };
  children.slice(1).forEach(({ stdout }) => void stdout.cancel());
  return {
    ends,
    digest: read(),
    reached(steps) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      waiting.push({ steps, resolve });
      wake();
      return promise;
    },
    signal(rank, signal) {
      try {
        children[rank]!.kill(signal);
      } catch {
        // It has ended.
      }
    },
    async [Symbol.asyncDispose]() {
      children.forEach((_, rank) => this.signal(rank, "SIGKILL"));
      await Promise.all(ends);
    },
  };
}

let wires = 0;

/** Lays a wire, or returns undefined where that takes rights that this process does not have. */
export async function layWire(): Promise<Wire | undefined> {
  // The system removes a wire some time after it was told to, so none has the names of another.
  const number = wires++, tag = `${Deno.pid % 10_000}x${number}`;
  const namespace = `hashigo${tag}`, near = `hn${tag}`, far = `hf${tag}`;
  const network = `10.${20 + Deno.pid % 200}.${number % 250}`;
  const ip = async (...args: string[]) => {
    const options = { args, stdout: "null", stderr: "null" } as const;
    const { success } = await new Deno.Command("ip", options).output();
    if (!success) throw new Error(`ip ${args.join(" ")} failed`);
  };
  const remove = async () => {
    await ip("link", "delete", near).catch(() => {});
    await ip("netns", "delete", namespace).catch(() => {});
  };
  try {
    await ip("netns", "add", namespace);
    await ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", namespace);
    await ip("address", "add", `${network}.1/24`, "dev", near);
    await ip("link", "set", near, "up");
    await ip("-n", namespace, "address", "add", `${network}.2/24`, "dev", far);
    await ip("-n", namespace, "link", "set", far, "up");
    await ip("-n", namespace, "link", "set", "lo", "up");
  } catch {
    await remove();
    return undefined;
  }
  return {
    address: `${network}.1`,
    namespace,
    cut: () => ip("link", "set", near, "down"),
    [Symbol.asyncDispose]: remove,
  };
}
