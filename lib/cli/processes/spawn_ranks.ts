/** The other processes of a group on this machine: started with the program's own arguments, and supervised. */
import { fileURLToPath } from "node:url";
import {
  type Environment,
  type GroupPlace,
  loopbackHost,
} from "../../engine/collectives/group_place.ts";
import { UserError } from "../../errors/user_error.ts";

const program = new URL("../main.ts", import.meta.url);

/** Processes that this one has started. */
export interface SpawnedRanks {
  /** The place of this process. */
  readonly place: GroupPlace;
  /** The environment of this process, with what the others are given. */
  readonly environment: Environment;
  /** Calls back with a sentence for every process that ends though the group has not. */
  supervise(onLost: (reason: string) => void): void;
  /** Waits a moment for all to end, then kills those that have not. */
  end(): Promise<void>;
}

/** How long processes may take to end by themselves, in milliseconds. */
const patience = 10_000;

/**
 * Starts ranks 1 to `size - 1` of a group, each with its share of the processors. They are given nothing that
 * this process may not do itself.
 *
 * @param args of the program
 * @throws {UserError} where `deno` cannot be run
 */
export function spawnRanks(size: number, args: readonly string[]): SpawnedRanks {
  const listener = Deno.listen({ hostname: loopbackHost, port: 0 });
  const { port } = listener.addr;
  listener.close();
  const threads = String(Math.max(1, Math.floor(navigator.hardwareConcurrency / size)));
  const shared: Record<string, string> = {
    WORLD_SIZE: String(size),
    MASTER_ADDR: loopbackHost,
    MASTER_PORT: String(port),
    HASHIGO_GROUP_KEY: crypto.randomUUID(),
    TF_NUM_INTRAOP_THREADS: Deno.env.get("TF_NUM_INTRAOP_THREADS") ?? threads,
  };
  // TensorFlow reads it when it starts, which is after this.
  Deno.env.set("TF_NUM_INTRAOP_THREADS", shared.TF_NUM_INTRAOP_THREADS!);
  const children = Array.from({ length: size - 1 }, (_, i) => {
    const rank = i + 1;
    return { rank, child: spawn([...args], { ...shared, RANK: String(rank) }), ended: false };
  });
  for (const one of children) one.child.status.then(() => one.ended = true);
  let ending = false;
  return {
    place: { rank: 0, size, host: loopbackHost, port, source: "--processes" },
    environment: (name) => shared[name] ?? Deno.env.get(name),
    supervise(onLost) {
      for (const { rank, child } of children) {
        child.status.then(({ code, signal }) => {
          if (ending || code === 0) return;
          const how = signal === null ? `with status ${code}` : `by ${signal}`;
          onLost(`rank ${rank} of ${size} (process ${child.pid}) ended ${how}`);
        });
      }
    },
    async end() {
      ending = true;
      const timer = setTimeout(() => {
        for (const { child, ended } of children) if (!ended) child.kill("SIGKILL");
      }, patience);
      await Promise.all(children.map(({ child }) => child.status));
      clearTimeout(timer);
    },
  };
}

/** With the permissions that a run takes, which this process has, and the loopback device. */
function spawn(args: string[], env: Record<string, string>): Deno.ChildProcess {
  const permissions = ["read", "write", "env", "ffi", "sys"].map((name) => `--allow-${name}`);
  const local = program.protocol === "file:";
  try {
    return new Deno.Command("deno", {
      args: [
        ...["run", "-q", "--no-prompt", ...permissions, `--allow-net=${loopbackHost}`],
        ...local ? ["--config", fileURLToPath(new URL("../../deno.json", program))] : [],
        local ? fileURLToPath(program) : program.href,
        ...args,
      ],
      env,
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `Cannot start more processes: running deno failed (${reason}). Put deno into PATH, and give the program ` +
        "--allow-run=deno --allow-net=127.0.0.1",
    );
  }
}
