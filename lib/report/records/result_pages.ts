/**
 * Pages that show records of `data/results`. A block between `<!-- data/results/NAME.md -->` and
 * `<!-- end -->` holds the record, and one that begins with `<!-- data/results/NAME.md, paragraphs 1 to 2 -->`
 * holds these paragraphs of it ("paragraphs 3 on": from the third to the last). A block of
 * `data/results/machines/each/NAME.md` holds the record of each machine that has one, in the order of their
 * names, and nothing where none has.
 *
 * @module
 */
import { resolve } from "node:path";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { readTextIfThere } from "../../io/text_file.ts";
import { UserError } from "../../errors/user_error.ts";

/** All pages with blocks, relative to the checkout; a page that is not there is left out. */
export const resultPages: readonly string[] = [
  "README.md",
  "docs/results.md",
  "docs/suite.md",
  "docs/reliability.md",
  "docs/drift.md",
  "docs/compression.md",
  "docs/selection.md",
  "docs/advise.md",
  "docs/scale.md",
  "docs/speed.md",
  "docs/processes.md",
];

const block =
  /(<!-- data\/results\/((?:machines\/each\/)?[\w.]+)(?:, paragraphs (\d+) (?:to (\d+)|on))? -->\n)([^]*?)(<!-- end -->)/g;

const everyMachine = "machines/each/";

/** A block of a page. */
export interface ResultBlock {
  /** Name of the record, such as "suite.md", or "machines/each/bench_step.md" of those of all machines. */
  readonly record: string;
  /** Text of the block, without the space around it. */
  readonly text: string;
  /** The part of the records, of all machines in turn, that belongs there. */
  part(records: readonly string[]): string;
}

/** All blocks of a page, in order. */
export function resultBlocks(page: string): ResultBlock[] {
  return [...page.matchAll(block)].map(([, , record = "", from, to, text = ""]) => ({
    record,
    text: text.trim(),
    part: (records) => paragraphs(records, from, to),
  }));
}

/** Of each record paragraphs `from` (default 1) to `to` (default the last), separated by blank lines. */
function paragraphs(records: readonly string[], from = "1", to?: string): string {
  const end = to === undefined ? undefined : Number(to);
  return records
    .flatMap((record) => record.trim().split("\n\n").slice(Number(from) - 1, end))
    .join("\n\n");
}

/**
 * The page with the present records in its blocks.
 *
 * @param records texts by the name of a block's record, one for each machine that has it
 */
export function refreshPage(page: string, records: ReadonlyMap<string, readonly string[]>): string {
  return page.replaceAll(block, (whole, begin, name, from, to, text: string, end) => {
    const record = records.get(name);
    if (record === undefined) return whole;
    // Nothing was measured: no line more at each refreshing.
    if (record.length === 0) return begin + end;
    // A formatter sets blank lines around fenced text, which stay.
    const space = text.startsWith("\n") ? "\n" : "";
    return `${begin}${space}${paragraphs(record, from, to)}\n${space}${end}`;
  });
}

/**
 * Brings the blocks of all pages up to date with their records.
 *
 * @param results Folder of the records, `data/results` of a checkout.
 * @returns Paths of the pages that changed.
 * @throws {UserError} Where a page shows a record that is not there.
 */
export async function refreshResultPages(results: string): Promise<string[]> {
  const changed: string[] = [];
  for (const name of resultPages) {
    const path = resolve(results, "../..", name);
    const page = await readTextIfThere(path);
    if (page === undefined) continue;
    const records = new Map<string, readonly string[]>();
    for (const { record } of resultBlocks(page)) {
      const texts = await recordTexts(results, record);
      // A block of each machine is empty until one has been measured.
      if (texts.length === 0 && !record.startsWith(everyMachine)) {
        throw new UserError(
          `Cannot refresh ${name}: found no data/results/${record}, which it shows. Record it again, ` +
            "or take the block out of the page",
        );
      }
      records.set(record, texts);
    }
    const refreshed = refreshPage(page, records);
    if (refreshed === page) continue;
    await writeFileAtomic(path, refreshed);
    changed.push(path);
  }
  return changed;
}

/**
 * Texts of the record of a block, one for each machine in the order of their names.
 *
 * @param results Folder of the records, `data/results` of a checkout.
 * @param record As a {@linkcode ResultBlock} has it.
 */
export async function recordTexts(results: string, record: string): Promise<string[]> {
  const texts: string[] = [];
  for (const name of await filesOf(results, record)) {
    const text = await readTextIfThere(`${results}/${name}`);
    if (text !== undefined) texts.push(text);
  }
  return texts;
}

/** Names of the files of a record that may be there. */
async function filesOf(results: string, record: string): Promise<string[]> {
  if (!record.startsWith(everyMachine)) return [record];
  const entries = await Array.fromAsync(Deno.readDir(`${results}/machines`)).catch(absent) ?? [];
  return entries.map(({ name }) => name).sort()
    .map((machine) => `machines/${machine}/${record.slice(everyMachine.length)}`);
}

function absent(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
