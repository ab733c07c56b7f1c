/** How well ways to judge teachers foretell students, for people. */
import { markdownTable } from "../../report/tables/markdown_table.ts";
import type { RankCorrelation } from "../../metrics/comparison/rank_correlation.ts";
import { meanOf } from "../../metrics/mean_of.ts";
import { type ProofResult } from "./bench_select.ts";

/** A table for each experiment, as Markdown, with what is missing. */
export function selectTable(results: readonly ProofResult[]): string[] {
  return results.flatMap(({ experiment, sets, missing, predictions, why }) => [
    `${experiment}: ${sets.length} of ${
      sets.length + unbegun(missing, sets)
    } sets of teachers were distilled.`,
    "",
    ...predictions.length === 0 ? [`No correlation: ${why}.`, ""] : [
      ...tableOf(predictions).split("\n"),
      "",
      `The best set's students reach ${
        Math.max(...sets.map(({ mean }) => mean)).toFixed(1)
      } %, the mean ` +
      `of all sets ${meanOf(sets.map(({ mean }) => mean)).toFixed(1)} %.`,
      "",
    ],
    ...missing.length === 0 ? [] : [`Not distilled yet: ${missing.join("; ")}.`, ""],
  ]);
}

/** Rows without any seed. */
function unbegun(missing: readonly string[], sets: ProofResult["sets"]): number {
  return missing.filter((line) => !sets.some(({ row }) => line.startsWith(`${row},`))).length;
}

function tableOf(predictions: ProofResult["predictions"]): string {
  const leads = [...new Set(predictions.flatMap((one) => Object.keys(one.leads)))];
  return markdownTable(
    [
      "judged by",
      "Spearman's ρ",
      "its set's students, %",
      ...leads.map((name) => `lead of: ${name}`),
    ],
    predictions.map(({ name, isBaseline, leads: own, itsBest, ...correlation }) => [
      isBaseline ? `${name} (baseline)` : name,
      interval(correlation),
      itsBest.toFixed(1),
      ...leads.map((lead) => own[lead] === undefined ? "" : interval(own[lead])),
    ]),
  );
}

function interval({ rho, low, high }: RankCorrelation): string {
  return `${rho.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}
