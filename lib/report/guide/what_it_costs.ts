/** What the runs on record cost: minutes, processor seconds, energy. */
import { currentResults } from "../../experiments/outcome.ts";
import type { ExperimentResult } from "../../experiments/results.ts";
import { accountOf, defaultWattsPerCore, noUse } from "../../metrics/costs/account.ts";
import { markdownTable } from "../tables/markdown_table.ts";
import { experimentLink, type GuideInput } from "./guide_input.ts";
import { meanOf } from "../../metrics/mean_of.ts";

/** A kind of run on record. */
interface RecordedRuns {
  readonly name: string;
  readonly runs: number;
  /** Seconds of training of one of them, in the mean. */
  readonly seconds: number;
  /** Processor seconds of one of them, in the mean: of a run that kept only minutes all that its cores have. */
  readonly processorSeconds: number;
  /** Whether every run measured them; they are a bound otherwise. */
  readonly isMeasured: boolean;
}

/** A table of the runs on record. */
export function whatItCosts(input: GuideInput): string[] {
  const recorded = [...experimentRuns(input), ...singleRuns(input)];
  const rows = recorded.map(({ name, runs, seconds, processorSeconds, isMeasured }) => {
    const use = { ...noUse, processorSeconds }, most = isMeasured ? "" : "≤ ";
    const { kilowattHours } = accountOf(use, { wattsPerCore: defaultWattsPerCore });
    return [
      name,
      String(runs),
      (seconds / 60).toFixed(1),
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
    const measured = new Map(
      results.filter(({ measure }) => measure === "processor seconds")
        .map((result) => [runOf(result), result.value]),
    );
    return [{
      name: experimentLink(outcome.experiment.name),
      runs: seconds.length,
      seconds: meanOf(seconds.map(({ value }) => value)),
      processorSeconds: meanOf(
        seconds.map((result) =>
          measured.get(runOf(result)) ?? result.value * coresOf(result.machine)
        ),
      ),
      isMeasured: measured.size === seconds.length,
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
    const total = 3600 * Number(hours) + 60 * Number(minutes) + Number(seconds);
    return [{
      name: `[${name}](results.md)`,
      runs: 1,
      seconds: total,
      processorSeconds: total * coresOf(record),
      isMeasured: false,
    }];
  });
}

function runOf({ row, seed }: ExperimentResult): string {
  return `${row}, seed ${seed}`;
}

/** Cores of a machine as records name it: "2 cores (x86_64 linux)". */
function coresOf(machine: string): number {
  return Number(/(\d+) cores?\b/.exec(machine)?.[1] ?? NaN);
}
