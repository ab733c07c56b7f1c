/** Which process of which group this one is, as its environment says: a pure function of variables. */
import { UserError } from "../../errors/user_error.ts";
import { firstNode } from "./node_list.ts";

/** The place of a process in a group. */
export interface GroupPlace {
  /** From 0, which leads. */
  readonly rank: number;
  /** Processes. */
  readonly size: number;
  /** Where the leader waits for the others. */
  readonly host: string;
  readonly port: number;
  /** What said so, for people. */
  readonly source: string;
}

/** Value of a variable of the environment. */
export type Environment = (name: string) => string | undefined;

/** Where a group on one machine meets, unless it is told: nothing else can reach it. */
export const loopbackHost = "127.0.0.1";

/**
 * The place that `TF_CONFIG`, torchrun's variables (`RANK`, `WORLD_SIZE`, `MASTER_ADDR`, `MASTER_PORT`) or
 * Slurm's (`SLURM_PROCID`, `SLURM_NTASKS`) give this process. Slurm's may stand beside the others, which then
 * must agree with them, except under torchrun itself, which starts processes of its own.
 *
 * @returns undefined where there is none, or a group of one
 * @throws {UserError} for variables that are incomplete, out of range or contradict each other
 *
 * @example
 * ```ts
 * import { groupPlace } from "./group_place.ts";
 * const variables: Record<string, string> = {
 *   ...{ RANK: "1", WORLD_SIZE: "4", MASTER_ADDR: "node7", MASTER_PORT: "29500" },
 * };
 * const place = groupPlace((name) => variables[name]);
 * if (place?.rank !== 1 || place.host !== "node7") throw new Error("Expected rank 1 of node7's four");
 * ```
 */
export function groupPlace(environment: Environment): GroupPlace | undefined {
  const found = [placeOfTensorFlow(environment), placeOfTorch(environment)]
    .filter((place) => place !== undefined);
  const slurm = placeOfSlurm(environment);
  const startedByTorchrun = environment("TORCHELASTIC_RUN_ID") !== undefined;
  if (slurm !== undefined && !startedByTorchrun) found.push(slurm);
  const [place, ...others] = found;
  if (place === undefined) return undefined;
  for (const other of others) refuseContradiction(place, other);
  return place.size === 1 ? undefined : place;
}

function refuseContradiction(one: GroupPlace, other: GroupPlace): void {
  if (one.rank === other.rank && one.size === other.size) return;
  throw new UserError(
    `Cannot tell which process of its group this one is: ${one.source} says rank ${one.rank} of ` +
      `${one.size}, ${other.source} says rank ${other.rank} of ${other.size}. Expected one of them, or ` +
      "the same from both. Unset the variables that do not hold",
  );
}

/** torchrun's names. */
function placeOfTorch(environment: Environment): GroupPlace | undefined {
  const names = ["RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"] as const;
  const [rank, size, host, port] = names.map(environment);
  // The address alone is what Slurm scripts export.
  if (rank === undefined && size === undefined) return undefined;
  const missing = names.filter((name) => !environment(name));
  if (missing.length > 0) {
    throw new UserError(
      `Cannot join a group of processes: found ${names.filter(environment).join(" and ")} in the ` +
        `environment without ${missing.join(" and ")}, expected all four of ${
          names.join(", ")
        }. Set ` +
        "them, or unset those that are there",
    );
  }
  return placeOf({
    rank: wholeNumber("RANK", rank!),
    size: wholeNumber("WORLD_SIZE", size!),
    host: host!,
    port: portNumber("MASTER_PORT", port!),
    source: "RANK and WORLD_SIZE",
  });
}

/** Slurm's names: the leader waits at the first node, at a port that follows from the job. */
function placeOfSlurm(environment: Environment): GroupPlace | undefined {
  const rank = environment("SLURM_PROCID"), size = environment("SLURM_NTASKS");
  if (rank === undefined || size === undefined) return undefined;
  const source = "SLURM_PROCID and SLURM_NTASKS";
  const count = wholeNumber("SLURM_NTASKS", size);
  if (count === 1) return placeOf({ rank: 0, size: 1, host: loopbackHost, port: 1, source });
  const port = environment("MASTER_PORT"), job = environment("SLURM_JOB_ID");
  if (port === undefined && job === undefined) {
    throw new UserError(
      `Cannot join a group of processes: found ${source} without SLURM_JOB_ID, by which a port is ` +
        "chosen. Set MASTER_PORT to a free port of the first node",
    );
  }
  const nodes = environment("SLURM_STEP_NODELIST") ?? environment("SLURM_JOB_NODELIST");
  const oneNode = environment("SLURM_JOB_NUM_NODES") === "1";
  const host = environment("MASTER_ADDR") ??
    (oneNode || nodes === undefined ? loopbackHost : firstNode(nodes));
  return placeOf({
    rank: wholeNumber("SLURM_PROCID", rank),
    size: count,
    host,
    port: port === undefined
      ? 20_000 + wholeNumber("SLURM_JOB_ID", job!) % 10_000
      : portNumber("MASTER_PORT", port),
    source,
  });
}

/** `{ "cluster": { "chief": [...], "worker": ["HOST:PORT", ...] }, "task": { "type": ..., "index": ... } }` */
function placeOfTensorFlow(environment: Environment): GroupPlace | undefined {
  const text = environment("TF_CONFIG");
  if (!text) return undefined;
  const refusal = (found: string) =>
    new UserError(
      `Cannot join the group of TF_CONFIG: found ${found}, expected ` +
        '{"cluster": {"worker": ["HOST:PORT", …]}, "task": {"type": "worker", "index": 0}}, with or ' +
        'without a "chief". Correct TF_CONFIG, or unset it',
    );
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw refusal("text that is no JSON");
  }
  const { cluster, task } = (parsed ?? {}) as { cluster?: unknown; task?: unknown };
  const { type, index } = (task ?? {}) as { type?: unknown; index?: unknown };
  const jobs = (cluster ?? {}) as Record<string, unknown>;
  const unknown = Object.keys(jobs).filter((job) => job !== "chief" && job !== "worker");
  if (unknown.length > 0) throw refusal(`the job "${unknown[0]}"`);
  const addressesOf = (job: string): string[] => {
    const list = jobs[job] ?? [];
    const whole = Array.isArray(list) && list.every((one) => /^.+:\d+$/.test(String(one)));
    if (!whole) throw refusal(`addresses of "${job}" that are no list of HOST:PORT`);
    return list.map(String);
  };
  const chiefs = addressesOf("chief"), workers = addressesOf("worker");
  const all = [...chiefs, ...workers];
  if (all.length === 0) throw refusal("no worker");
  const before = type === "chief" ? 0 : chiefs.length;
  const count = type === "chief" ? chiefs.length : type === "worker" ? workers.length : 0;
  const place = typeof index === "string" ? Number(index) : index;
  if (typeof place !== "number" || !Number.isInteger(place) || place < 0 || place >= count) {
    throw refusal(`the task ${JSON.stringify(task)}, which is none of the cluster`);
  }
  const [, host = "", port = ""] = /^(.+):(\d+)$/.exec(all[0]!) ?? [];
  return placeOf({
    rank: before + place,
    size: all.length,
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port: portNumber("the port of the first address of TF_CONFIG", port),
    source: "TF_CONFIG",
  });
}

function placeOf(place: GroupPlace): GroupPlace {
  const { rank, size, source } = place;
  if (size >= 1 && rank < size) return place;
  throw new UserError(
    `Cannot join a group of processes: ${source} say rank ${rank} of ${size} processes, expected a rank ` +
      `from 0 to ${size - 1}. Correct them; ranks count from 0`,
  );
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UserError(
    `Found ${name}=${text}, expected a whole number from 0. Correct the variable`,
  );
}

function portNumber(name: string, text: string): number {
  const port = wholeNumber(name, text);
  if (port >= 1 && port <= 65_535) return port;
  throw new UserError(`Found ${name}=${text}, expected a port from 1 to 65535. Correct it`);
}
