/** What pays off with how many images. */
import { markdownTable } from "../tables/markdown_table.ts";
import { type Finding, finding, type Pair, valueText } from "./effect.ts";
import { experimentLink, type GuideInput, outcomeOf } from "./guide_input.ts";

/** Fewer and fewer images, in equally many steps. */
export function byImages(input: GuideInput): (string | Finding)[] {
  const experiment = "world_scarce_data", columns = ["palette"];
  const value = (row: string, column: string) => valueText(input, { experiment, row, column });
  const rows = [100, 30, 10, 3, 1].map((percent) => [
    imagesOf(input, experiment, `four_${percent}`),
    value(`four_${percent}`, "factors"),
    value(`one_${percent}`, "factors"),
    value(`four_${percent}`, "palette"),
    value(`one_${percent}`, "palette"),
    value(`labels_${percent}`, "palette"),
  ]);
  const parts = [[100, "of all images"], [10, "of a tenth"], [1, "of a hundredth"]] as const;
  const real = (from: string, to: string): Pair => ({ experiment: "real_scarce_data", from, to });
  return [
    "## By number of images",
    "",
    `Equally many steps over fewer images (${
      experimentLink(experiment)
    }): the mean over five factors, and the one ` +
    "factor that the single teacher and the labels are of:",
    "",
    markdownTable([
      ...["images", "four teachers, mean", "one teacher, mean"],
      ...["four, its factor", "one, its factor", "labels, its factor"],
    ], rows),
    "",
    finding(
      input,
      "Four teachers instead of one, for the mean",
      parts.map(([percent, when]) => ({
        ...{ experiment, from: `one_${percent}`, to: `four_${percent}`, when },
      })),
    ),
    finding(
      input,
      "Four teachers instead of labels, for one factor",
      parts.map(([percent, when]) => ({
        ...{ experiment, from: `labels_${percent}`, to: `four_${percent}`, columns, when },
      })),
    ),
    finding(
      input,
      "One teacher instead of labels, for its factor",
      parts.map(([percent, when]) => ({
        ...{ experiment, from: `labels_${percent}`, to: `one_${percent}`, columns, when },
      })),
    ),
    finding(input, "4,096 photographs instead of 410", [real("four_410", "four_4096")]),
    finding(input, "Four teachers instead of one, for photographs", [
      { ...real("one_4096", "four_4096"), when: "of 4,096" },
      { ...real("one_410", "four_410"), when: "of 410" },
    ]),
    finding(input, "Own unlabelled images beside general ones", [
      { experiment: "main_job_settings", from: "base", to: "own", when: "in six minutes" },
      { experiment: "main_job", from: "general", to: "own", when: "in the whole job" },
    ]),
    "",
  ];
}

/** Number of images of a row, as its title says. */
function imagesOf(input: GuideInput, name: string, row: string): string {
  const { rows } = outcomeOf(input, name).experiment;
  return /(\d+) images/.exec(rows.find((one) => one.name === row)?.title ?? "")?.[1] ?? "?";
}
