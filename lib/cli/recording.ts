/** Results that are kept beside the code, and under what circumstances they were measured. */
import { cpus } from "node:os";
import { writeFileAtomic } from "../io/atomic_file.ts";
import { refreshResultPages } from "../report/records/result_pages.ts";
import { checkoutPath } from "./checkout.ts";

/** `data/results` of the clone. */
export function resultsFolder(): string {
  return checkoutPath("data/results");
}

/** Cores and platform, in words. */
export function machine(): string {
  return `${navigator.hardwareConcurrency} cores (${Deno.build.arch} ${Deno.build.os})`;
}

/** Name of the processor, "unknown" where the system has none. */
export function processorName(): string {
  return cpus()[0]?.model.trim() ?? "unknown";
}

/** Date in ISO form. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/** Keeps a table for people as `data/results/NAME.md`, and in the pages that show it; its last line is the command and its date. */
export async function recordLines(
  name: string,
  lines: readonly string[],
  command: string,
): Promise<void> {
  await Deno.mkdir(resultsFolder(), { recursive: true });
  const text = [...lines, `${command}, ${today()}`].join("\n");
  await writeFileAtomic(`${resultsFolder()}/${name}.md`, "```text\n" + text + "\n```\n");
  await refreshResultPages(resultsFolder());
}

/** Keeps a result as `data/results/NAME.json`. */
export async function recordJson(name: string, result: unknown): Promise<void> {
  await Deno.mkdir(resultsFolder(), { recursive: true });
  await writeFileAtomic(`${resultsFolder()}/${name}.json`, JSON.stringify(result, null, 2) + "\n");
}
