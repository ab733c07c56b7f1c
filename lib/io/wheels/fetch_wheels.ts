/** Fetches wheels into a folder of the cache that is either whole or absent. */
import { UserError } from "../../errors/user_error.ts";
import { megabytes } from "../terminal.ts";
import { completeFolder } from "./completed_folder.ts";
import { fetchWheel, findInstaller, WheelUnavailable } from "./fetch_wheel.ts";
import type { FetchingHost } from "./fetching_host.ts";
import type { Wheel, WheelSet } from "./wheel.ts";

/**
 * Puts the files that are kept of each wheel into `folder`, unless it is whole already. No more than
 * one process fetches at a time.
 *
 * @throws {WheelUnavailable} Where there is no installer, no network or no space.
 * @throws {UserError} Where what was fetched has a wrong digest.
 */
export async function fetchWheels(
  folder: string,
  set: WheelSet,
  host: FetchingHost,
): Promise<void> {
  const fill = async (partial: string) => {
    const installer = await findInstaller(set, host);
    await checkSpace(partial, set, host);
    const files = [];
    for (const wheel of set.wheels) {
      const scratch = `${partial}/scratch`;
      files.push(...await fetchWheel(wheel, { set, folder: partial, scratch, installer, host }));
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
    throw new WheelUnavailable(
      `Storing ${set.title} in ${folder} failed: ${reason}. Make that folder writable with ` +
        `${
          megabytes(neededBytes(set.wheels))
        } free, or name another cache folder in XDG_CACHE_HOME`,
    );
  }
}

/** Bytes that fetching needs at its peak. uv unpacks whole wheels, hence the allowance. */
export function neededBytes(wheels: readonly Wheel[]): number {
  const unpacked = wheels.reduce((sum, wheel) => sum + wheel.unpackedBytes, 0);
  const largest = Math.max(...wheels.map((wheel) => wheel.bytes));
  return unpacked + 2 * largest;
}

async function checkSpace(
  folder: string,
  { title, wheels }: WheelSet,
  host: FetchingHost,
): Promise<void> {
  const [free, needed] = [await host.freeSpace(folder), neededBytes(wheels)];
  if (free === undefined || free >= needed) return;
  throw new WheelUnavailable(
    `Fetching ${title} needs ${megabytes(needed)} in ${host.cache}; found ${megabytes(free)} ` +
      "free. Make room, or name a cache folder on another disk in XDG_CACHE_HOME",
  );
}
