/**
 * The folder for files that can be made or fetched again: the user's cache, or a temporary one where
 * there is none that can be written to.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { explainDiskError } from "./disk_error.ts";

/** The folder `hashigo` in the user's cache folder; undefined where no variable says where that is. */
export function namedCache(
  os: string,
  environment: (name: string) => string | undefined,
): string | undefined {
  const named = environment("XDG_CACHE_HOME") ||
    (os === "windows" ? environment("LOCALAPPDATA") : undefined);
  if (named) return `${named}/hashigo`;
  const home = environment("HOME") || environment("USERPROFILE");
  if (!home) return undefined;
  return os === "darwin" ? `${home}/Library/Caches/hashigo` : `${home}/.cache/hashigo`;
}

/** What {@linkcode chooseCache} asks of the machine. */
export interface CacheChoice {
  /** Folder that {@linkcode namedCache} names. */
  readonly named: string | undefined;
  /** Folder for temporary files. */
  readonly temporary: string;
  /** Gets one line where the temporary cache is used. */
  readonly onNote: (line: string) => void;
}

/** The named cache, made where it is missing, or a temporary one where it cannot be written to. */
export function chooseCache({ named, temporary, onNote }: CacheChoice): string {
  const reason = named === undefined
    ? "neither HOME nor XDG_CACHE_HOME names a cache folder"
    : whyUnwritable(named);
  if (reason === undefined) return named ?? "";
  const folder = privateFolder(temporary);
  onNote(
    `note: ${reason}; what is fetched and decoded goes to the temporary folder "${folder}". ` +
      "Set XDG_CACHE_HOME to a folder that stays",
  );
  return folder;
}

/** Kinds of files in the cache that are made again where they are missing, by the folders they lie in. */
export const cacheParts = {
  images: "decoded images",
  features: "features of teachers, for runs with a feature cache",
  subsets: "clusters of images, for balanced subsets",
  pooled_features: "features of whole images, for evaluations",
  mutants: "outcomes of deno task mutants",
  tuning: "fastest ways to run a step here, by deno task tune",
} as const;

/** A key of {@linkcode cacheParts}. */
export type CachePart = keyof typeof cacheParts;

/** The folder of a part of the cache. */
export function cacheFolder(part: CachePart): string {
  return `${userCache()}/${part}`;
}

const chosen = new Map<string | undefined, string>();

/**
 * The cache of this process, chosen once for each folder that the environment names; a line on standard
 * error says where it is temporary.
 */
export function userCache(): string {
  const named = namedCacheHere();
  const folder = chosen.get(named) ??
    chooseCache({ named, temporary: tmpdir(), onNote: (line) => console.error(line) });
  chosen.set(named, folder);
  return folder;
}

/** {@linkcode namedCache} of this machine. */
export function namedCacheHere(): string | undefined {
  return namedCache(Deno.build.os, (name) => Deno.env.get(name));
}

/** Why no file can be made in a folder; undefined where one can, or where Deno's permission is missing. */
function whyUnwritable(folder: string): string | undefined {
  const probe = `${folder}/.${crypto.randomUUID().slice(0, 8)}.partial`;
  try {
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeFileSync(probe, new Uint8Array());
    Deno.removeSync(probe);
    return undefined;
  } catch (error) {
    // Whoever writes first says which permission it needs; a full disk is not mended by another folder.
    if (error instanceof Deno.errors.NotCapable || !(error instanceof Error)) return undefined;
    const code = "code" in error ? error.code : undefined;
    return code === "ENOSPC" || code === "EDQUOT"
      ? undefined
      : `the cache folder "${folder}" cannot be written to (${error.message})`;
  }
}

/**
 * A folder that only this user can write to, the same for each process of theirs: libraries are loaded
 * from it, so one that somebody else made is not taken.
 */
function privateFolder(temporary: string): string {
  try {
    const own = Deno.makeTempDirSync({ dir: temporary, prefix: "hashigo_" });
    const { uid } = Deno.statSync(own);
    const shared = `${temporary}/hashigo_cache_${uid ?? 0}`;
    try {
      Deno.renameSync(own, shared); // takes the place of an empty folder of the same user only
      return shared;
    } catch {
      const there = Deno.lstatSync(shared);
      if (there.isDirectory && there.uid === uid && ((there.mode ?? 0) & 0o022) === 0) {
        Deno.removeSync(own);
        return shared;
      }
      return own;
    }
  } catch (error) {
    throw explainDiskError(error, { path: temporary, purpose: "make a temporary cache in" });
  }
}
