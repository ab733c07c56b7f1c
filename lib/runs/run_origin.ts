/** By what command, when and where a run was begun: for its report. */
import { cpus } from "node:os";
import { z } from "zod";
import { coresText } from "../engine/install/processor.ts";
import { jsonArtifact } from "../io/json_artifact.ts";
import { kernelHere } from "../process/jupyter_kernel.ts";

/** Command, date, machine and versions of a run. */
export interface RunOrigin {
  /** What was typed, "a notebook", or the name of a program. */
  readonly command: string;
  /** When the run was begun, in ISO form. */
  readonly date: string;
  /** Processor, cores and platform, in words. */
  readonly machine: string;
  /** Versions by name: `hashigo`, and `tensorflow` or `wasm`. */
  readonly versions: Readonly<Record<string, string>>;
}

const originSchema = z.object({
  command: z.string(),
  date: z.iso.datetime(),
  machine: z.string(),
  versions: z.record(z.string(), z.string()),
});

const artifact = jsonArtifact<RunOrigin>({
  noun: "the origin of a run",
  schema: originSchema,
  maximumBytes: 100_000,
  advice: "Remove the file; the report then says less",
});

const pathOf = (folder: string) => `${folder}/origin.json`;

/** Keeps how this process began a run. */
export async function storeOrigin(
  folder: string,
  versions: Readonly<Record<string, string>>,
): Promise<void> {
  const date = new Date().toISOString();
  await artifact.write(pathOf(folder), {
    ...{ command: commandLine(), date, machine: machineText() },
    versions,
  });
}

/** How a run was begun; nothing of runs that are older than this file. */
export async function readOrigin(folder: string): Promise<RunOrigin | undefined> {
  return await artifact.read(pathOf(folder));
}

/** What this process was called by, as one would type it. */
export function commandLine(): string {
  if (kernelHere() !== undefined) return "a notebook";
  const typed = Deno.args.map((word) => /^[\w./:=,@+-]+$/.test(word) ? word : JSON.stringify(word));
  const main = readable(() => Deno.mainModule) ?? "";
  const program = /\/cli\/main\.ts$/.test(main)
    // `deno task` sets this variable.
    ? readable(() => Deno.env.get("INIT_CWD")) ? "deno task" : "hashigo"
    : `deno run ${main.split("/").at(-1)}`;
  return [program, ...typed].join(" ");
}

function machineText(): string {
  const processor = readable(() => cpus()[0]?.model.trim()) ?? "unknown processor";
  const { arch, os } = Deno.build;
  return `${processor}, ${coresText()} (${arch} ${os})`;
}

/** A value that may not be asked for everywhere. */
function readable(read: () => string | undefined): string | undefined {
  try {
    return read() || undefined;
  } catch {
    return undefined;
  }
}
