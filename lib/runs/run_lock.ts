/** One process per run folder, held by a lock of the system, which a killed process cannot keep. */
import { UserError } from "../errors/user_error.ts";
import { tryLockFile } from "../io/file_lock.ts";

/** A folder that this process holds. */
export interface RunLock {
  /** Id of the process that held it before and was killed. */
  readonly abandonedBy: string | undefined;
  /** Lets another process take it; may be called again. */
  release(): void;
}

/**
 * Holds `lock` in a folder, with this process's id in it. An id in a file that no process holds was left
 * by a killed process: it names that process and keeps no other out.
 *
 * @throws {UserError} where another process holds it
 */
export async function takeLock(folder: string): Promise<RunLock> {
  const path = `${folder}/lock`;
  const file = await tryLockFile(path);
  if (file === undefined) {
    const holder = await holderOf(path);
    throw new UserError(
      `Cannot run in "${folder}": another process${
        holder ? ` (${holder})` : ""
      } is writing to it. ` +
        "Wait for it, stop it, or choose another folder with --run.",
    );
  }
  const abandonedBy = await readId(file);
  writeId(file, String(Deno.pid));
  let held = true;
  return {
    abandonedBy: abandonedBy === "" ? undefined : abandonedBy,
    release() {
      if (!held) return;
      held = false;
      writeId(file, "");
      file.close();
    },
  };
}

/** Id of the process that holds the lock, empty where it cannot be read. */
async function holderOf(path: string): Promise<string> {
  using file = await Deno.open(path);
  return await readId(file);
}

async function readId(file: Deno.FsFile): Promise<string> {
  const bytes = new Uint8Array(32);
  // Where locks are strict, a file that another process holds cannot be read.
  const count = await file.read(bytes).catch(() => 0);
  return /^\d+/.exec(new TextDecoder().decode(bytes.subarray(0, count ?? 0)))?.[0] ?? "";
}

function writeId(file: Deno.FsFile, id: string): void {
  try {
    file.truncateSync(0);
    file.seekSync(0, Deno.SeekMode.Start);
    file.writeSync(new TextEncoder().encode(id));
  } catch (error) {
    // The id is for people; the lock itself needs no space on the disk.
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  }
}
