/**
 * Finds TensorFlow's two libraries, or fetches them on first use.
 *
 * @module
 */
import { UserError } from "../../errors/user_error.ts";
import { completeFolder, isWhole } from "./cache.ts";
import { fetchWheel, findInstaller } from "./fetch.ts";
import { type Host, systemHost } from "./host.ts";
import { installedTensorFlow } from "./installed_python.ts";
import { chooseBuild, TensorFlowUnavailable } from "./platform.ts";
import { megabytes } from "../../io/terminal.ts";
import { type Build, builds, tensorFlowVersion } from "./wheels.ts";

/** TensorFlow on this machine. */
export interface TensorFlowLibrary {
  /** Its origin: `HASHIGO_TENSORFLOW`, the cache, an installed Python package, or a download. */
  readonly source: "environment" | "cache" | "python" | "fetched";
  /** The folder that holds both files. */
  readonly folder: string;
  /** Path of the library with statuses and tensors; it is opened first. */
  readonly framework: string;
  /** Path of the library with everything else. */
  readonly library: string;
}

/** Where the libraries of `build` are kept. */
export function cacheFolder(host: Pick<Host, "cache">, build: Build): string {
  return `${host.cache}/tensorflow-${tensorFlowVersion}-${build.variant}`;
}

/**
 * Looks, in this order, in the folder named by `HASHIGO_TENSORFLOW`, in the user's cache, and for an
 * installed Python `tensorflow` of the pinned version; else fetches the pinned wheel into the cache.
 * No more than one process fetches at a time.
 *
 * @throws {TensorFlowUnavailable} Where it is not available: no wheel for this kind of machine, no
 * installer, no network, no space.
 * @throws {UserError} Where `HASHIGO_TENSORFLOW` is wrong or a download has a wrong digest.
 */
export async function locateTensorFlow(
  { host = systemHost(), build, fetch = true }: {
    readonly host?: Host;
    /** Default: the build for this machine. */
    readonly build?: Build;
    /** With false nothing is fetched. */
    readonly fetch?: boolean;
  } = {},
): Promise<TensorFlowLibrary> {
  const named = host.environment("HASHIGO_TENSORFLOW");
  if (named !== undefined) return namedLibrary(named, host);
  build ??= chooseBuild(host);
  const folder = cacheFolder(host, build);
  if (isWhole(folder)) return inFolder(`${folder}/tensorflow`, build, "cache");
  const python = await installedTensorFlow(host);
  if (python !== undefined && holdsLibraries(python, build)) {
    return inFolder(python, build, "python");
  }
  if (!fetch) {
    throw new TensorFlowUnavailable(
      `Looked for TensorFlow ${tensorFlowVersion} in ${folder} and among the packages of python3; ` +
        "found none. It is fetched when a task needs it",
    );
  }
  await fetchInto(folder, build, host);
  return inFolder(`${folder}/tensorflow`, build, "fetched");
}

async function fetchInto(folder: string, build: Build, host: Host): Promise<void> {
  const fill = async (partial: string) => {
    const installer = await findInstaller(host);
    await checkSpace(partial, build, host);
    const files = [];
    for (const wheel of build.wheels) {
      const scratch = `${partial}/scratch`;
      files.push(...await fetchWheel(wheel, { build, folder: partial, scratch, installer, host }));
    }
    return files;
  };
  const onWait = () =>
    host.onProgress({ stage: "Waiting for another process to fetch it", done: 0, total: 0 });
  try {
    await completeFolder(folder, fill, { onWait });
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new TensorFlowUnavailable(
      `Storing TensorFlow in ${folder} failed: ${reason}. Make that folder writable with ` +
        `${megabytes(neededBytes(build))} free, or name another cache folder in XDG_CACHE_HOME`,
    );
  }
}

/** Bytes that fetching `build` needs at its peak. uv unpacks whole wheels, hence the allowance. */
export function neededBytes(build: Build): number {
  const unpacked = build.wheels.reduce((sum, wheel) => sum + wheel.unpackedBytes, 0);
  const largest = Math.max(...build.wheels.map((wheel) => wheel.bytes));
  return unpacked + 2 * largest;
}

async function checkSpace(folder: string, build: Build, host: Host): Promise<void> {
  const [free, needed] = [await host.freeSpace(folder), neededBytes(build)];
  if (free === undefined || free >= needed) return;
  throw new TensorFlowUnavailable(
    `Fetching TensorFlow needs ${megabytes(needed)} in ${host.cache}; found ${megabytes(free)} ` +
      "free. Make room, or name a cache folder on another disk in XDG_CACHE_HOME",
  );
}

function namedLibrary(folder: string, host: Host): TensorFlowLibrary {
  const build = builds[host.os === "darwin" ? "darwin-aarch64" : "linux-x86_64-cpu"];
  for (const candidate of [folder, `${folder}/tensorflow`]) {
    if (holdsLibraries(candidate, build)) return inFolder(candidate, build, "environment");
  }
  throw new UserError(
    `HASHIGO_TENSORFLOW names ${folder}, expected there: ${build.library} and ${build.framework} ` +
      `of TensorFlow ${tensorFlowVersion}. Name the folder "tensorflow" of an unpacked wheel, or ` +
      "unset the variable to have the library fetched",
  );
}

function holdsLibraries(folder: string, build: Build): boolean {
  try {
    return [build.framework, build.library].every((n) => Deno.statSync(`${folder}/${n}`).isFile);
  } catch {
    return false;
  }
}

function inFolder(
  folder: string,
  build: Build,
  source: TensorFlowLibrary["source"],
): TensorFlowLibrary {
  const { framework, library } = build;
  return { source, folder, framework: `${folder}/${framework}`, library: `${folder}/${library}` };
}
