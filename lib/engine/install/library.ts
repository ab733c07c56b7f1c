/**
 * Finds TensorFlow's two libraries, or fetches them on first use.
 *
 * @module
 */
import { UserError } from "../../errors/user_error.ts";
import { isWhole } from "../../io/wheels/completed_folder.ts";
import { WheelUnavailable } from "../../io/wheels/fetch_wheel.ts";
import { fetchWheels } from "../../io/wheels/fetch_wheels.ts";
import { type Host, systemHost } from "./host.ts";
import { installedTensorFlow } from "./installed_python.ts";
import { chooseBuild, TensorFlowUnavailable } from "./platform.ts";
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
  const otherwise = "name a folder with the libraries in HASHIGO_TENSORFLOW";
  try {
    await fetchWheels(folder, { title: "TensorFlow", otherwise, ...build }, host);
  } catch (error) {
    throw error instanceof WheelUnavailable ? new TensorFlowUnavailable(error.message) : error;
  }
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
