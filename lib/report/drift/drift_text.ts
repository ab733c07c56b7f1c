/** What a test for drift has found, in words for people. */
import type { Harm } from "../../inference/drift/harm.ts";
import type { Rise } from "../../metrics/drift/rise.ts";
import { count, percent, significant } from "../format.ts";
import { textTable } from "../tables/text_table.ts";
import type { DriftRecord } from "./drift_record.ts";

/** What each test looks at, and what its number is. */
export const testWords: Readonly<
  Record<DriftRecord["tests"][number]["test"], { readonly title: string; readonly number: string }>
> = {
  axes: {
    title: "Kolmogorov-Smirnov along principal axes",
    number: "largest distance of distributions",
  },
  discrepancy: { title: "maximum mean discrepancy", number: "MMD²" },
  classifier: { title: "classifier of both", number: "area under the curve" },
};

/** A p-value with two digits; those of exchanges have a least. */
export function pText(p: number): string {
  return p < 0.0001 ? "<0.0001" : p.toPrecision(2);
}

/** The verdict in one sentence. */
export function verdictText({ drift, p, level }: DriftRecord): string {
  return drift
    ? `drift: p ${pText(p)} over all three tests, at or below the level of ${level}`
    : `no drift: p ${pText(p)} over all three tests, above the level of ${level}`;
}

/** Whether the student is harmed, and by what it is told, in a sentence or two. */
export function harmText({ harm, whyNoHarm }: DriftRecord): string {
  if (harm === null) return `harm: not measured: ${whyNoHarm}`;
  return `harm: ${harmVerdicts[harm.verdict]}`;
}

const harmVerdicts: Readonly<Record<Harm["verdict"], string>> = {
  harmed:
    "the student is further from its teachers than on the reference, and these still tell of one another: they " +
    "know what they see and it no longer follows; distil again on such images (deno task update)",
  unusual:
    "the student is further from its teachers than on the reference, and so are these from one another: the " +
    "images are strange to all of them, so ask first whether they belong here",
  rising:
    "the student is further from its teacher than on the reference; with one teacher alone it cannot be told " +
    "whether the images are strange to that one too",
  none: "none seen: the student is no further from its teachers than on the reference",
};

/** Rows of disagreement: who, on the reference, on the images, how many times as much. */
export function harmRows({ student, teachers, each }: Harm): string[][] {
  const row = (name: string, { reference, current, times, low, high }: Rise) => [
    ...[name, significant(reference), significant(current), times.toFixed(2)],
    `${low.toFixed(2)} to ${high.toFixed(2)}`,
  ];
  return [
    row("student from its teachers (loss)", student),
    ...teachers === undefined ? [] : [row("teachers from one another (1 − R²)", teachers)],
    ...each.length < 2 ? [] : each.flatMap(({ name, student, teachers }) => [
      row(`student from ${name}`, student),
      ...teachers === undefined ? [] : [row(`${name} from the others`, teachers)],
    ]),
  ];
}

/** Titles of {@linkcode harmRows}. */
export const harmHeader = ["disagreement", "reference", "images", "times", "95 % interval"];

/** Everything, as lines for a terminal. */
export function driftText(record: DriftRecord): string {
  const { tests, axes, tested, unreadable, newest, harm } = record;
  const changed = axes.filter(({ adjusted }) => adjusted <= record.level);
  const lost = unreadable.reference + unreadable.images;
  return [
    textTable(
      ["test", "statistic", "", "p"],
      tests.map(({ test, statistic, p }) => [
        ...[testWords[test].title, significant(statistic), testWords[test].number, pText(p)],
      ]),
      [0, 2],
    ),
    "",
    `${count(tested.images, "image")} against ${tested.reference} of the reference` +
    (lost === 0 ? "" : `; ${count(lost, "unreadable image")} left out`) +
    (changed.length === 0
      ? ""
      : `; ${changed.length} of ${axes.length} axes differ, with ${
        percent(changed.reduce((sum, { share }) => sum + share, 0))
      } of the variance`),
    `most unlike the reference: ${newest.slice(0, 5).map(({ image }) => image).join(", ")}`,
    ...harm === null ? [] : ["", textTable(harmHeader, harmRows(harm)), ""],
    harmText(record),
    verdictText(record),
  ].join("\n");
}
