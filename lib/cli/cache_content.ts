/** What lies in the user's cache, and what of it can be removed. */
import { tensorFlowVersion } from "../engine/install/wheels.ts";
import { removeUnheld } from "../io/file_lock.ts";
import { cacheParts } from "../io/user_cache.ts";
import { fileSize, type FolderSize, folderSize } from "../io/folder_size.ts";

/** A kind of files in the cache. */
export interface CacheKind extends FolderSize {
  /** Name for the command line: "images". */
  readonly kind: string;
  /** What it is, for people. */
  readonly description: string;
  /** Files and folders of the kind. */
  readonly paths: readonly string[];
  /** Whether it is removed unless it is named: it costs no network to make it again. */
  readonly isMadeHere: boolean;
}

/** Everything in the folder by kind; kinds of which there is nothing are left out. */
export async function cacheContent(folder: string): Promise<CacheKind[]> {
  const paths = Map.groupBy(await namesIn(folder), kindOf);
  const kinds = [...paths].map(async ([kind, names]): Promise<CacheKind> => {
    const whole = names.map((name) => `${folder}/${name}`);
    const sizes = await Promise.all(whole.map(folderSize));
    return {
      kind,
      description: descriptions[kind] ?? "files that hashigo did not make",
      paths: whole,
      isMadeHere: kind in cacheParts || kind === "leftovers",
      files: sizes.reduce((sum, { files }) => sum + files, 0),
      bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
      used: Math.max(...sizes.map(({ used }) => used)),
      written: Math.max(...sizes.map(({ written }) => written)),
    };
  });
  return (await Promise.all(kinds)).sort((a, b) => b.bytes - a.bytes);
}

const descriptions: Readonly<Record<string, string>> = {
  ...cacheParts,
  library: `TensorFlow ${tensorFlowVersion}, fetched again at the next start`,
  weights: "teachers that do not lie with the package, fetched again on next use",
  notebooks: "Python packages that execute notebooks, installed again when needed",
  leftovers: "files of processes that were killed, and of former versions",
};

/** The kind of a file or folder by its name; "other" is never removed. */
function kindOf(name: string): string {
  if (name in cacheParts || name === "weights") return name;
  if (name.startsWith(`tensorflow-${tensorFlowVersion}-`) && !name.includes(".partial")) {
    return "library";
  }
  if (name.startsWith("tensorflow-") || name.endsWith(".partial")) return "leftovers";
  return name.startsWith("notebooks-") ? "notebooks" : "other";
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Outcome of {@linkcode removeKind}. */
export interface Removed {
  /** Bytes that are free now. */
  readonly freed: number;
  /** Files that a process holds, and stay. */
  readonly inUse: number;
}

/** Removes the files of a kind but those that a process holds. */
export async function removeKind({ paths }: CacheKind): Promise<Removed> {
  let [freed, inUse] = [0, 0];
  for (const path of paths) {
    const removed = await removeTree(path);
    freed += removed.freed;
    inUse += removed.inUse;
  }
  return { freed, inUse };
}

async function removeTree(path: string): Promise<Removed> {
  const info = await Deno.lstat(path).catch(() => undefined);
  if (info === undefined) return { freed: 0, inUse: 0 };
  if (!info.isDirectory) {
    if (info.isFile && !removeUnheld(path)) return { freed: 0, inUse: 1 };
    if (!info.isFile) await Deno.remove(path); // a link, not what it leads to
    return { freed: fileSize(info).bytes, inUse: 0 };
  }
  let [freed, inUse] = [0, 0];
  for (const name of await namesIn(path)) {
    const removed = await removeTree(`${path}/${name}`);
    freed += removed.freed;
    inUse += removed.inUse;
  }
  // A folder in which something stays, stays.
  await Deno.remove(path).catch(() => {});
  return { freed, inUse };
}
