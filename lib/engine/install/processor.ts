/** The processor of this machine, and the name under which what was measured on it is kept. */
import { cpus } from "node:os";
import { instructionSets } from "./host.ts";

/** A processor as far as its name, its cores and its instructions tell it from others. */
export interface Processor {
  /** As the system calls it, "unknown" where it does not say. */
  readonly name: string;
  /** Logical ones that this process may use. */
  readonly cores: number;
  /** Those of {@linkcode instructionSets}; undefined where they are not known. */
  readonly instructionSets?: readonly string[] | undefined;
}

/** Name of this machine's processor, "unknown" where the system has none. */
export function processorName(): string {
  return cpus()[0]?.model.trim() || "unknown";
}

/** How many cores this process may use: "1 core", "2 cores". */
export function coresText(cores: number = navigator.hardwareConcurrency): string {
  return `${cores} ${cores === 1 ? "core" : "cores"}`;
}

/** The processor of this machine and its cores, in words: "AMD EPYC, 2 cores". */
export function processorText(): string {
  return `${processorName()}, ${coresText()}`;
}

/** The processor of this machine. */
export function thisProcessor(): Processor {
  return {
    name: processorName(),
    cores: navigator.hardwareConcurrency,
    instructionSets: instructionSets(),
  };
}

/**
 * Name of a processor for files and folders: its own in small letters, AVX-512 and AMX where it has them,
 * its cores. Clouds call very different processors alike, hence the instructions.
 *
 * @example
 * ```ts
 * import { processorFolder } from "./processor.ts";
 * const name = "Intel(R) Xeon(R) Processor @ 2.10GHz";
 * const folder = processorFolder({ name, cores: 2, instructionSets: ["avx2", "avx512f"] });
 * if (folder !== "intel_xeon_processor_2_10ghz_avx512_2_cores") throw new Error(folder);
 * ```
 */
export function processorFolder({ name, cores, instructionSets = [] }: Processor): string {
  const words = name.toLowerCase().replaceAll(/\((r|tm)\)/g, " ").match(/[a-z0-9]+/g) ?? [];
  const has = (start: string) => instructionSets.some((set) => set.startsWith(start));
  const beyond = ["avx512", "amx"].filter(has);
  return [
    ...words.length > 0 ? words : ["unknown"],
    ...beyond,
    ...coresText(cores).split(" "),
  ]
    .join("_").slice(-200);
}
