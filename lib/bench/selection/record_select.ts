/** Keeps how well ways to judge teachers foretell students in `data/results`. */
import { processorText, recordJson, today } from "../../cli/recording.ts";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { refreshResultPages } from "../../report/records/result_pages.ts";
import type { ProofResult } from "./bench_select.ts";
import { selectTable } from "./select_table.ts";

/** Writes the numbers and the tables, and brings the page that shows them up to date. */
export async function recordSelect(
  result: readonly ProofResult[],
  results: string,
  command: string,
): Promise<void> {
  await recordJson("select", result);
  const lines = [
    ...selectTable(result),
    "Spearman's ρ between what is said of a set of teachers, from train images alone, and the mean over seeds of its " +
    "students on test images, with the 95 % interval of a bootstrap over sets. A lead is ours less the baseline's " +
    "on the same draws.",
    "",
    `\`${command}\`, ${processorText()}, ${today()}.`,
  ];
  await writeFileAtomic(`${results}/select.md`, lines.join("\n") + "\n");
  await refreshResultPages(results);
}
