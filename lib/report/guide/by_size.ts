/** What pays off for which size of student. */
import { z } from "zod";
import { markdownTable } from "../tables/markdown_table.ts";
import { bestFirst, type Finding, finding, valueText } from "./effect.ts";
import { experimentLink, type GuideInput, jsonRecord } from "./guide_input.ts";

/** Smaller and larger students, and what makes them smaller. */
export function bySize(input: GuideInput): (string | Finding)[] {
  const experiment = "world_student_and_teachers";
  const value = (row: string) => valueText(input, { experiment, row, column: "factors" });
  const [best] = bestFirst(input, experiment, ["shape", "palette", "background", "parts"]);
  const pruned = (row: string, factor: string) =>
    valueText(input, {
      ...{ experiment: "world_capacity", row, column: `world_${factor}, 50 % pruned` },
    });
  return [
    "## By size of the student",
    "",
    `- **Width 32, 64 and 128** know ${value("small")}, ${value("student")} and ${
      value("large")
    } % in the mean, the best teacher ${value(best!)}, all side by side ${value("side_by_side")} (${
      experimentLink(experiment)
    }).`,
    finding(input, "Twice the width", [
      { experiment, from: "small", to: "student", when: "32 to 64" },
      { experiment, from: "student", to: "large", when: "64 to 128" },
    ]),
    finding(input, "A wide proxy between teachers and student, for equal processor time", [
      { experiment: "world_proxy", from: "direct", to: "proxy" },
    ]),
    finding(input, "Half the channels of a trained network instead of random ones", [
      { experiment: "warm_start", from: "half_channels_random", to: "half_channels_selected" },
    ]),
    `- **Without the smaller half of its weights** the student keeps, of its own k-NN accuracy, ${
      ["palette", "background"].map((factor) =>
        `${pruned("student", factor)} % of ${factor} (its teacher ${pruned(factor, factor)} %)`
      ).join(" and ")
    } (${experimentLink("world_capacity")}).`,
    "",
    ...compressionLines(input),
  ];
}

const compressionSchema = z.object({
  student: z.string(),
  points: z.array(z.object({
    name: z.string(),
    bits: z.number(),
    bytes: z.number(),
    milliseconds: z.number(),
    accuracy: z.number(),
  })),
});

/** The curve of compression, where it was recorded. */
function compressionLines(input: GuideInput): string[] {
  const record = jsonRecord(input, "compress.json", compressionSchema);
  if (record === undefined || record.points.length === 0) return [];
  const [full] = record.points;
  const rows = record.points.filter(({ bits }) => bits !== 16).map((point) => [
    `${point.name}, ${point.bits} bits`,
    (point.bytes / 1e6).toFixed(1),
    point.milliseconds.toFixed(2),
    point.accuracy.toFixed(1),
    (point.accuracy - full!.accuracy).toFixed(1).replace("-", "−"),
  ]);
  const picture = "compress_milliseconds.png";
  return [
    "## Compression",
    "",
    `\`deno task compress\` of ${record.student}, one image on one thread ([compression.md](compression.md)):`,
    "",
    markdownTable(["file", "MB", "ms", "k-NN mean, %", "change"], rows),
    "",
    ...input.records.has(picture)
      ? [`![Accuracy over time of the files](../data/results/${picture})`, ""]
      : [],
  ];
}
