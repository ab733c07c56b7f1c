/** Past runs as tables: where students ended, and what parts of the method added. */
import type { PastComponent, PastRun, PastRuns } from "../../advice/past/past_runs.ts";
import { nextValue } from "../../metrics/comparison/increment.ts";
import { decimals, grouped, signed } from "../format.ts";
import { markdownTable } from "./markdown_table.ts";

/** Runs and parts of the method, each with its spread, as Markdown. */
export function pastRunsMarkdown({ runs, components }: PastRuns): string {
  return [
    markdownTable(
      [
        "run",
        "images",
        "teachers",
        "starts from",
        "minutes",
        "images seen",
        "seeds",
        "over the best teacher, points",
        "place",
      ],
      runs.map(runCells),
      ["images", "teachers", "starts from"],
    ),
    "Means over seeds ± their standard deviation, of the mean over tasks of k-NN and logistic regression. Place: 0 is " +
    "the mean of the teachers, 1 the best of them; empty where only the network that the student starts from was " +
    "measured beside it.",
    markdownTable(
      [
        "part of the method",
        "images",
        "starts from",
        "pairs",
        "adds, points",
        "one more pair, 90 %",
      ],
      components.map(componentCells),
      ["images", "starts from"],
    ),
    "Pairs differ by one part alone and have the same seed. Read from the results on file by `deno task experiments`.",
  ].join("\n\n") + "\n";
}

function runCells(run: PastRun): string[] {
  const { source, images, imageCount, teacherKind, start, teachers, minutes, seen, leads, places } =
    run;
  return [
    source,
    imageCount === null ? images : `${images}, ${grouped(imageCount)}`,
    `${teachers} ${teacherKind}`,
    startWords[start],
    minutes.toFixed(1),
    seen === null ? "" : grouped(seen),
    String(leads.length),
    spread(leads, signed),
    spread(places, (value) => value.toFixed(2)),
  ];
}

function componentCells({ component, images, start, increments }: PastComponent): string[] {
  const { low, high } = nextValue(increments);
  return [
    component,
    images,
    startWords[start],
    String(increments.length),
    spread(increments, signed),
    Number.isNaN(low) ? "" : `${signed(low)} to ${signed(high)}`,
  ];
}

/** What a student starts from, in words. */
export const startWords: Readonly<Record<PastRun["start"], string>> = {
  network: "a teacher",
  scratch: "random weights",
};

function spread(values: readonly number[], text: (value: number) => string): string {
  if (values.length === 0) return "";
  const { mean, deviation } = nextValue(values);
  return text(mean) + (values.length === 1 ? "" : ` ± ${decimals(deviation, 2)}`);
}
