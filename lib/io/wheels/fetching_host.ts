/**
 * The machine as fetching sees it, in one value, so that tests can try every path without Python and
 * network.
 *
 * @module
 */
import { freeSpace } from "../disk_space.ts";
import { progressBar, type ProgressEvent } from "../terminal.ts";
import { userCache } from "../user_cache.ts";

/** How a command ended; `code` is null where it could not be started. */
export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The cache, the environment and the programs of a machine. */
export interface FetchingHost {
  /** Folder for files that can be fetched again, `…/hashigo`. */
  readonly cache: string;
  environment(name: string): string | undefined;
  /** Bytes that may be written below a folder, undefined where the system keeps them to itself. */
  freeSpace(folder: string): Promise<number | undefined>;
  run(
    command: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): Promise<RunResult>;
  onProgress(event: ProgressEvent): void;
}

/** The machine that this process runs on. */
export function fetchingHost(
  { cache = userCache(), onProgress = progressBar() }: {
    readonly cache?: string | undefined;
    readonly onProgress?: ((event: ProgressEvent) => void) | undefined;
  } = {},
): FetchingHost {
  const environment = (name: string) => Deno.env.get(name) || undefined;
  return { cache, environment, freeSpace, run, onProgress };
}

async function run(
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<RunResult> {
  const [program = "", ...args] = command;
  try {
    const child = new Deno.Command(program, {
      args,
      env: { ...environment },
      ...{ stdin: "null", stdout: "piped", stderr: "piped" } as const,
    });
    const { code, stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } catch (error) {
    return { code: null, stdout: "", stderr: error instanceof Error ? error.message : "" };
  }
}
