/** Keeps the comparison at equal minutes in `data/results`: its numbers, a table, and pictures beside it. */
import type { QualitySet } from "../../../recipes/quality.ts";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { experimentFigure } from "../../report/experiments/experiment_figure.ts";
import { figurePng } from "../../report/pictures/figure_picture.ts";
import { processorText, today } from "../../cli/recording.ts";
import { type QualityResult, qualityResultsPath } from "./bench_quality.ts";
import { qualityTable } from "./quality_table.ts";

/** What a record says of how it was made. */
export interface QualityRecord {
  /** Folder of records. */
  readonly results: string;
  /** Folder of the files of results. */
  readonly runs: string;
  /** Command that makes it. */
  readonly command: string;
}

/** Writes the numbers (also those by which the best combination was chosen), the table and the pictures. */
export async function recordQuality(
  set: QualitySet,
  { plan, outcome }: QualityResult,
  { results, runs, command }: QualityRecord,
): Promise<void> {
  await Deno.mkdir(results, { recursive: true });
  for (const validation of [true, false]) {
    const path = qualityResultsPath(runs, validation), name = path.slice(path.lastIndexOf("/") + 1);
    const text = await Deno.readTextFile(path).catch(() => undefined);
    if (text !== undefined) await writeFileAtomic(`${results}/${name}`, text);
  }
  const pictures: string[] = [];
  for (const [i, figure] of (outcome.experiment.figures ?? []).entries()) {
    const name = `bench_quality_${i + 1}.png`;
    const drawn = experimentFigure(outcome, figure);
    await writeFileAtomic(`${results}/${name}`, await figurePng(drawn));
    pictures.push(`![${figure.title}](${name})`, "");
  }
  const { seeds } = outcome.experiment;
  const lines = [
    ...qualityTable(set, outcome, plan),
    ...pictures,
    `Means over ${
      set.tasks.join(", ")
    } and ${seeds.length} seeds ± standard deviation over seeds; a gain is that of ` +
    "the mean of k-NN and logistic regression, as features are, seed by seed.",
    "",
    `\`${command}\`, ${processorText()}, ${today()}.`,
  ];
  await writeFileAtomic(`${results}/bench_quality.md`, lines.join("\n") + "\n");
}
