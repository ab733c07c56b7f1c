/**
 * The machine as finding TensorFlow sees it, in one value, so that tests can try every path without
 * Python, network or a second kind of machine.
 *
 * @module
 */
import { freeSpace } from "../../io/disk_space.ts";
import { progressBar, type ProgressEvent } from "../../io/terminal.ts";
import { namedCacheHere, userCache } from "../../io/user_cache.ts";

/** How a command ended; `code` is null where it could not be started. */
export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A machine: its kind, its environment, and the programs on it. */
export interface Host {
  readonly os: string;
  readonly architecture: string;
  /** Whether the NVIDIA driver is installed. */
  readonly hasCuda: boolean;
  /** False where the processor is known to lack the AVX instructions that the wheels need. */
  readonly hasAvx: boolean;
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
export function systemHost(onProgress: (event: ProgressEvent) => void = progressBar()): Host {
  const environment = (name: string) => Deno.env.get(name) || undefined;
  return {
    os: Deno.build.os,
    architecture: Deno.build.arch,
    hasCuda: environment("HASHIGO_DEVICE") !== "cpu" && opens("libcuda.so.1"),
    hasAvx: instructionSets()?.includes("avx") ?? true,
    cache: libraryCache(),
    environment,
    freeSpace,
    run,
    onProgress,
  };
}

/** The user's cache; one that holds TensorFlow serves although it cannot be written to. */
function libraryCache(): string {
  const named = namedCacheHere();
  try {
    const names = named === undefined ? [] : [...Deno.readDirSync(named)];
    if (named && names.some(({ name }) => name.startsWith("tensorflow-"))) return named;
  } catch {
    // It is made, or another is taken.
  }
  return userCache();
}

/** Whether the loader finds a library of this name. */
export function opens(library: string): boolean {
  try {
    Deno.dlopen(library, {}).close();
    return true;
  } catch {
    return false;
  }
}

/** Instruction sets that matter here, as Linux names them; undefined where they are not known. */
export function instructionSets(): string[] | undefined {
  if (Deno.build.arch !== "x86_64" || Deno.build.os !== "linux") return undefined;
  const flags = /^flags\s*:(.*)$/m.exec(processorText())?.[1]?.split(" ");
  const known = ["avx", "avx2", "fma", "avx512f", "avx512_bf16", "amx_tile", "amx_bf16"];
  return flags && known.filter((name) => flags.includes(name));
}

/** Deno lets a process read below `/proc` only with all permissions, but grep may be allowed. */
function processorText(): string {
  const file = "/proc/cpuinfo";
  try {
    return Deno.readTextFileSync(file);
  } catch {
    try {
      const { stdout } = new Deno.Command("grep", { args: ["-m1", "^flags", file] }).outputSync();
      return new TextDecoder().decode(stdout);
    } catch {
      return "";
    }
  }
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
