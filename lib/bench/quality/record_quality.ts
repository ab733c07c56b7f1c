/** Keeps the comparison at equal minutes: its numbers and plans, a table, and a picture beside it. */
import type { QualitySet } from "../../../recipes/quality.ts";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { readTextIfThere } from "../../io/text_file.ts";
import { nextCells } from "../../experiments/next_cells.ts";
import { plansPath } from "../../experiments/row_plans.ts";
import { figurePng } from "../../report/pictures/figure_picture.ts";
import { processorText, today } from "../../cli/recording.ts";
import { type QualityResult, qualityResultsPath, resultsName } from "./bench_quality.ts";
import { qualityFigure } from "./quality_figure.ts";
import { qualityTable } from "./quality_table.ts";

/** What a record says of how it was made. */
export interface QualityRecord {
  /** Folder of the record. */
  readonly folder: string;
  /** Folder of the files of results. */
  readonly runs: string;
  /** Command that makes it. */
  readonly command: string;
}

/**
 * Takes over numbers and plans of a record into a folder of runs that has none of its own, so that a comparison is
 * continued on any machine: all seeds of a row take the steps that were planned for the first.
 *
 * @returns whether something was taken over
 */
export async function continueQuality(
  { folder, runs }: Pick<QualityRecord, "folder" | "runs">,
): Promise<boolean> {
  const begun = await Promise.all(keptFiles(runs).map((path) => readTextIfThere(path)));
  if (begun.some((text) => text !== undefined)) return false;
  return await copyFiles(folder, runs);
}

/** Writes the numbers (also those by which the best combination was chosen), the plans, the table and the picture. */
export async function recordQuality(
  set: QualitySet,
  { plan, outcome }: QualityResult,
  { folder, runs, command }: QualityRecord,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await copyFiles(runs, folder);
  const name = resultsName(plan.validation);
  const figure = qualityFigure(set, outcome, plan);
  await writeFileAtomic(`${folder}/${name}.png`, await figurePng(figure));
  const { rows, seeds } = outcome.experiment, runsInAll = rows.length * seeds.length;
  const missing = nextCells(outcome.experiment, outcome.results).length;
  const lines = [
    ...qualityTable(set, outcome, plan),
    `![Accuracy of each option](${name}.png)`,
    "",
    `Means over ${set.tasks.join(", ")}${
      plan.validation ? ", a third of each train part," : ""
    } and ${
      missing === 0 ? seeds.length : "the measured"
    } seeds ± standard deviation over seeds; a gain is that of ` +
    "the mean of k-NN and logistic regression, as features are, seed by seed.",
    ...missing === 0 ? [] : [
      "",
      `So far ${
        runsInAll - missing
      } of ${runsInAll} runs are measured; rows without any are left out.`,
    ],
    "",
    `\`${command}\`, ${processorText()}, ${today()}.`,
  ];
  await writeFileAtomic(`${folder}/${name}.md`, lines.join("\n") + "\n");
}

/** Copies numbers and plans, as far as they are there; says whether any was. */
async function copyFiles(from: string, to: string): Promise<boolean> {
  const targets = keptFiles(to);
  let copied = false;
  for (const [i, path] of keptFiles(from).entries()) {
    const text = await readTextIfThere(path);
    if (text === undefined) continue;
    await Deno.mkdir(to, { recursive: true });
    await writeFileAtomic(targets[i]!, text);
    copied = true;
  }
  return copied;
}

/** Paths of numbers and plans in a folder. */
function keptFiles(folder: string): string[] {
  return [
    ...[true, false].map((validation) => qualityResultsPath(folder, validation)),
    plansPath(folder),
  ];
}
