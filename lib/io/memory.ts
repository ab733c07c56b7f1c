/** Memory of the machine, looked at before something large is computed. */
import { UserError } from "../errors/user_error.ts";

/**
 * Bytes of memory that may still be used, by the system and by the container that limits this process;
 * undefined where that is not known, as without `--allow-sys=systemMemoryInfo`.
 *
 * @example
 * ```ts
 * import { availableMemory } from "./memory.ts";
 * const bytes = availableMemory();
 * if (bytes !== undefined && bytes <= 0) throw new Error("This program runs");
 * ```
 */
export function availableMemory(): number | undefined {
  // Queries, not requests: a prompt in the middle of a run would stop it.
  const permission = { name: "sys", kind: "systemMemoryInfo" } as const;
  if (Deno.permissions.querySync(permission).state !== "granted") return undefined;
  const { available } = Deno.systemMemoryInfo();
  return Math.min(available, containerMemory() ?? Infinity);
}

/** Bytes that the container's limit leaves; undefined where there is no limit. */
function containerMemory(): number | undefined {
  const folder = "/sys/fs/cgroup";
  if (Deno.permissions.querySync({ name: "read", path: folder }).state !== "granted") {
    return undefined;
  }
  try {
    const read = (name: string) => Deno.readTextFileSync(`${folder}/${name}`);
    const limit = Number(read("memory.max"));
    // Pages of files that nobody has touched lately are given back before the limit is felt.
    const pages = Number(/^inactive_file (\d+)$/m.exec(read("memory.stat"))?.[1] ?? 0);
    const left = limit - Number(read("memory.current")) + pages;
    return Number.isFinite(left) ? Math.max(0, left) : undefined;
  } catch {
    return undefined;
  }
}

/** Memory that work needs: something fixed, and something for each item of a batch. */
export interface MemoryEstimate {
  /** Bytes, however small the batch. */
  readonly fixed: number;
  /** Bytes for each item of a batch, by what they are for. */
  readonly perItem: { readonly [purpose: string]: number };
  /** Items in a batch. */
  readonly items: number;
}

/** Bytes of an estimate in all. */
export function memoryNeeded({ fixed, perItem, items }: MemoryEstimate): number {
  return fixed + items * Object.values(perItem).reduce((sum, bytes) => sum + bytes, 0);
}

/** How {@linkcode assertMemory} words its message. */
export interface MemoryWords {
  /** What is attempted: `distil "demo"`. */
  readonly attempt: string;
  /** The option that sets the items of a batch: "optimization.batchSize". */
  readonly batchOption: string;
  /** What to lower where not even one item finds room: "images.canvas or images.size". */
  readonly sizeOption: string;
  /** What to set so that as many items fit into these bytes: "--parts 2"; undefined where nothing helps. */
  readonly remedy?: ((available: number) => string | undefined) | undefined;
}

/**
 * Refuses work that would fill the memory, with the largest batch that fits. Where the available memory is
 * not known it passes.
 *
 * @param measure available bytes; default {@linkcode availableMemory}
 * @throws {UserError} with the memory that is needed and that is available
 *
 * @example
 * ```ts
 * import { assertMemory } from "./memory.ts";
 * const words = { attempt: "add", batchOption: "--batch", sizeOption: "--size" };
 * assertMemory({ fixed: 1000, perItem: { images: 1000 }, items: 3 }, words);
 * ```
 */
export function assertMemory(
  estimate: MemoryEstimate,
  { attempt, batchOption, sizeOption, remedy }: MemoryWords,
  measure: () => number | undefined = availableMemory,
): void {
  const available = measure();
  const needed = memoryNeeded(estimate);
  if (available === undefined || needed <= available) return;
  const { fixed, perItem, items } = estimate;
  const each = Object.values(perItem).reduce((sum, bytes) => sum + bytes, 0);
  const fitting = Math.floor((available - fixed) / each);
  const largest = Object.entries(perItem).sort(([, a], [, b]) => b - a).slice(0, 2)
    .map(([purpose, bytes]) => `${purpose} ${byteSize(items * bytes)}`);
  const setting = remedy?.(available);
  throw new UserError(
    `Cannot ${attempt}: it needs at least ${byteSize(needed)} of memory (${largest.join(", ")}), ` +
      `found ${byteSize(available)} available. ` +
      (setting === undefined ? "Lower " : `Set ${setting}, for the same updates; or lower `) +
      (fitting < 1 ? sizeOption : `${batchOption} from ${items} to ${atMost(fitting)} or less`),
  );
}

/** The largest power of two up to a number, which leaves room for what an estimate does not know. */
function atMost(fitting: number): number {
  return 2 ** Math.floor(Math.log2(fitting));
}

/** A number of bytes for people, in decimal megabytes or gigabytes. */
export function byteSize(bytes: number): string {
  if (bytes < 1e9) return `${Math.round(bytes / 1e6)} MB`;
  const value = bytes / 1e9;
  return `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en-US")} GB`;
}
