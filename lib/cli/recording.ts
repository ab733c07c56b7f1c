/** Results that are kept beside the code, and under what circumstances they were measured. */
import { dirname } from "node:path";
import {
  coresText,
  processorFolder,
  processorName,
  processorText,
  thisProcessor,
} from "../engine/install/processor.ts";
import { writeFileAtomic } from "../io/atomic_file.ts";
import { refreshResultPages } from "../report/records/result_pages.ts";
import { checkoutPath } from "./checkout.ts";

/** `data/results` of the clone. */
export function resultsFolder(): string {
  return checkoutPath("data/results");
}

/** `data/results/experiments` of the clone: what came of every experiment, in a file of its own. */
export function experimentResultsFolder(): string {
  return `${resultsFolder()}/experiments`;
}

/** Cores and platform, in words. */
export function machine(): string {
  const { arch, os } = Deno.build;
  return `${coresText()} (${arch} ${os})`;
}

export { processorName, processorText };

/** Date in ISO form. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/**
 * Folder of the records of speed that belong to this machine's processor, relative to `data/results`: another
 * machine's are never written over. Its tables lie there, their JSON in `numbers` below.
 */
export function machineFolder(): string {
  return `machines/${processorFolder(thisProcessor())}`;
}

/**
 * Keeps a table for people as `data/results/NAME.md`, and in the pages that show it; its last line is the
 * command and its date.
 */
export async function recordLines(
  name: string,
  lines: readonly string[],
  command: string,
): Promise<void> {
  const text = [...lines, `${command}, ${today()}`].join("\n");
  await writeRecord(`${name}.md`, "```text\n" + text + "\n```\n");
  await refreshResultPages(resultsFolder());
}

/** Keeps a result as `data/results/NAME.json`. */
export async function recordJson(name: string, result: unknown): Promise<void> {
  await writeRecord(`${name}.json`, JSON.stringify(result, null, 2) + "\n");
}

async function writeRecord(name: string, text: string): Promise<void> {
  const path = `${resultsFolder()}/${name}`;
  await Deno.mkdir(dirname(path), { recursive: true });
  await writeFileAtomic(path, text);
}
