/**
 * The machine as finding TensorFlow sees it, in one value, so that tests can try every path without
 * Python, network or a second kind of machine.
 *
 * @module
 */
import type { ProgressEvent } from "../../io/terminal.ts";
import { namedCacheHere, userCache } from "../../io/user_cache.ts";
import { type FetchingHost, fetchingHost } from "../../io/wheels/fetching_host.ts";

/** A machine: its kind, its environment, and the programs on it. */
export interface Host extends FetchingHost {
  readonly os: string;
  readonly architecture: string;
  /** Whether the NVIDIA driver is installed. */
  readonly hasCuda: boolean;
  /** False where the processor is known to lack the AVX instructions that the wheels need. */
  readonly hasAvx: boolean;
}

/** The machine that this process runs on. */
export function systemHost(onProgress?: (event: ProgressEvent) => void): Host {
  const host = fetchingHost({ cache: libraryCache(), onProgress });
  return {
    ...host,
    os: Deno.build.os,
    architecture: Deno.build.arch,
    hasCuda: host.environment("HASHIGO_DEVICE") !== "cpu" && opens("libcuda.so.1"),
    hasAvx: instructionSets()?.includes("avx") ?? true,
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
