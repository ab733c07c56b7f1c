/** What pays off with how many images. */
import { markdownTable } from "../tables/markdown_table.ts";
import { valueText } from "./effect.ts";
import { experimentLink, type GuideInput, outcomeOf } from "./guide_input.ts";
import { bullet, effect, type Pair } from "./pair_effect.ts";

/** Fewer and fewer images, in equally many steps. */
export function byImages(input: GuideInput): string[] {
  const experiment = "world_scarce_data";
  const value = (row: string, title: string) =>
    valueText(input, { experiment, row, columns: [title] });
  const rows = [100, 30, 10, 3, 1].map((percent) => [
    imagesOf(input, experiment, `four_${percent}`),
    value(`four_${percent}`, "factors"),
    value(`one_${percent}`, "factors"),
    value(`four_${percent}`, "palette"),
    value(`one_${percent}`, "palette"),
    value(`labels_${percent}`, "palette"),
  ]);
  const three = (from: string, to: string): Pair => ["real_scarce_data", from, to];
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
    `- **Four teachers instead of one**, with all images: ${
      effect(input, [experiment, "one_100", "four_100"])
    }; with a tenth: ${effect(input, [experiment, "one_10", "four_10"])}; with a hundredth: ${
      effect(input, [experiment, "one_1", "four_1"])
    }.`,
    `- **One teacher instead of labels**, for its own factor, with all images: ${
      effect(input, [experiment, "labels_100", "one_100"], "palette")
    }; with a tenth: ${
      effect(input, [experiment, "labels_10", "one_10"], "palette")
    }; with a hundredth: ${effect(input, [experiment, "labels_1", "one_1"], "palette")}.`,
    bullet(input, "4,096 photographs instead of 410, three teachers", [
      three("three_410", "three_4096"),
    ]),
    bullet(input, "Three teachers instead of one, 410 photographs", [
      three("one_410", "three_410"),
    ]),
    bullet(input, "Own unlabelled images beside general ones", [
      ["main_job_settings", "base", "own"],
      ["main_job", "general", "own"],
    ]),
    "",
  ];
}

/** Number of images of a row, as its title says. */
function imagesOf(input: GuideInput, name: string, row: string): string {
  const { rows } = outcomeOf(input, name).experiment;
  return /(\d+) images/.exec(rows.find((one) => one.name === row)?.title ?? "")?.[1] ?? "?";
}
