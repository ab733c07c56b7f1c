/** What the runs on record cost: minutes, processor seconds, energy. */
import { currentResults } from "../../experiments/outcome.ts";
import type { ExperimentResult } from "../../experiments/results.ts";
import { accountOf, defaultWattsPerCore, noUse } from "../../metrics/costs/account.ts";
import { markdownTable } from "../tables/markdown_table.ts";
import { experimentLink, type GuideInput } from "./guide_input.ts";

/** A kind of run on record. */
interface RecordedRuns {
  readonly name: string;
  readonly runs: number;
  /** Seconds of training of one of them, in the mean. */
  readonly seconds: number;
  /** Processor seconds of one of them, in the mean, where they were measured. */
  readonly processorSeconds?: number | undefined;
  /** Cores that it could use at most. */
  readonly cores: number;
}

/** A table of the runs on record. */
export function whatItCosts(input: GuideInput): string[] {
  const recorded = [...experimentRuns(input), ...singleRuns(input)];
  const rows = recorded.map((one) => {
    const { processorSeconds = one.seconds * one.cores } = one;
    const isMeasured = one.processorSeconds !== undefined, most = isMeasured ? "" : "≤ ";
    const use = { ...noUse, processorSeconds };
    const { kilowattHours } = accountOf(use, { wattsPerCore: defaultWattsPerCore });
    return [
      one.name,
      String(one.runs),
      (one.seconds / 60).toFixed(1),
      `${most}${processorSeconds.toFixed(0)}`,
      `${most}${kilowattHours.toPrecision(2)}`,
    ];
  });
  return [
    "## What it costs",
    "",
    `A run in the mean, on the processors that the pages of the experiments name. Energy is processor seconds × ` +
    `${defaultWattsPerCore} W a busy core, which Green Algorithms takes for a processor that it does not know ` +
    "([low_compute.md](low_compute.md#what-a-run-took)): no run on record was metered. Where only minutes were kept, " +
    "≤ means all cores busy throughout. Minutes hold the waiting for other programs. Times your grid's g CO2e/kWh it " +
    "is the carbon; a run reckons its own with `--grid-intensity`.",
    "",
    markdownTable(["runs of", "runs", "minutes", "processor s", "kWh"], rows),
    "",
  ];
}

function experimentRuns({ outcomes }: GuideInput): RecordedRuns[] {
  return outcomes.flatMap((outcome) => {
    const results = currentResults(outcome);
    const seconds = results.filter(({ measure }) => measure === "seconds");
    if (seconds.length === 0) return [];
    const measured = results.filter(({ measure }) => measure === "processor seconds");
    // A mean of some runs beside the minutes of all would compare unlike ones.
    const isWhole = measured.length === seconds.length;
    return [{
      name: experimentLink(outcome.experiment.name),
      runs: seconds.length,
      seconds: meanOf(seconds),
      processorSeconds: isWhole ? meanOf(measured) : undefined,
      cores: Math.max(...seconds.map(({ machine }) => coresOf(machine))),
    }];
  });
}

/** The runs whose records are pages of their own. */
function singleRuns({ records }: GuideInput): RecordedRuns[] {
  return ["demo", "tiny_imagenet", "tiny_imagenet_from_scratch"].flatMap((name) => {
    const record = records.get(`${name}.md`) ?? "";
    const [, hours = "0", minutes, seconds = "0"] =
      / in (?:(\d+) h )?(\d+) min(?: (\d+) s)? of training/.exec(record) ?? [];
    if (minutes === undefined) return [];
    return [{
      name: `[${name}](results.md)`,
      runs: 1,
      seconds: 3600 * Number(hours) + 60 * Number(minutes) + Number(seconds),
      cores: coresOf(record),
    }];
  });
}

function coresOf(machine: string): number {
  return Number(/(\d+) cores/.exec(machine)?.[1] ?? NaN);
}

function meanOf(results: readonly ExperimentResult[]): number {
  return results.reduce((sum, { value }) => sum + value, 0) / results.length;
}
