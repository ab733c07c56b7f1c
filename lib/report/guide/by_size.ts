/** What pays off for which size of student. */
import { z } from "zod";
import { markdownTable } from "../tables/markdown_table.ts";
import { valueText } from "./effect.ts";
import { experimentLink, type GuideInput, jsonRecord } from "./guide_input.ts";
import { bullet, type Pair } from "./pair_effect.ts";

/** Smaller and larger students, and what makes them smaller. */
export function bySize(input: GuideInput): string[] {
  const against = "world_student_and_teachers";
  const pair = (from: string, to: string): Pair => [against, from, to];
  const value = (row: string) =>
    valueText(input, { experiment: against, row, columns: ["factors"] });
  return [
    "## By size of the student",
    "",
    `- **Width 32, 64 and 128**: ${value("small")}, ${value("student")} and ${
      value("large")
    } % in the mean, beside ${value("parts")} of the best teacher and ${
      value("side_by_side")
    } of all side by side (${experimentLink(against)}).`,
    bullet(input, "Twice the width", [pair("small", "student"), pair("student", "large")]),
    bullet(input, "A wide proxy between teachers and student, equal processor time", [
      ["world_proxy", "direct", "proxy"],
    ]),
    `- **Pruning half of the weights** leaves of its own k-NN accuracy (${
      experimentLink("world_capacity")
    }): ${
      ["palette", "background", "count"].map((factor) => {
        const title = `world_${factor}, 50 % pruned`;
        const left = valueText(input, {
          experiment: "world_capacity",
          row: "student",
          columns: [title],
        });
        return `${left} % of ${factor}`;
      }).join(", ")
    }.`,
    bullet(input, "Half the channels of a trained network instead of random ones", [
      ["warm_start", "half_channels_random", "half_channels_selected"],
    ]),
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
