/** What more teachers are worth, and which. */
import { z } from "zod";
import { experimentLink, type GuideInput, jsonRecord } from "./guide_input.ts";
import { bullet, effect, type Pair } from "./pair_effect.ts";

const selectionSchema = z.array(z.object({
  experiment: z.string(),
  predictions: z.array(
    z.object({ name: z.string(), rho: z.number(), low: z.number(), high: z.number() }),
  ),
}));

/** Several teachers instead of one. */
export function byTeachers(input: GuideInput): string[] {
  const world = "world_combinations", four = "shape_palette_background_parts";
  const real = (row: string): Pair => ["real_combinations", row, "all_three"];
  return [
    "## By teachers",
    "",
    bullet(input, "Four teachers instead of the best single one", [[world, "parts", four]]),
    bullet(input, "Four instead of the others alone", [
      ...["palette", "background", "shape"].map((row): Pair => [world, row, four]),
    ]),
    bullet(input, "Six instead of four", [[world, four, "all_six"]]),
    `- **Four instead of the dense teacher, for parts**: ${
      effect(input, [world, "parts", four], "parts")
    }.`,
    bullet(input, "Three networks instead of the best of them", [real("resnet")]),
    bullet(input, "Three instead of the others", [real("deeplab"), real("mobilenet")]),
    bullet(input, "Four networks instead of the source alone, from its weights", [
      ["main_job", "source_alone", "general"],
    ]),
    ...selectionLine(input),
    "",
  ];
}

/** Which rule foretells the students of a set of teachers. */
function selectionLine(input: GuideInput): string[] {
  const record = jsonRecord(input, "select.json", selectionSchema);
  const found = record?.find(({ predictions }) => predictions.length > 0);
  if (found === undefined) return [];
  const sorted = found.predictions.toSorted((a, b) => b.rho - a.rho).slice(0, 3);
  const figure = ({ name, rho, low, high }: typeof sorted[number]) =>
    `${name} ${rho.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
  return [
    `- **Which set**, before any training: Spearman's ρ with the students is highest for ${
      sorted.map(figure).join(", ")
    } (${
      experimentLink(found.experiment)
    }, [selection.md](selection.md)): measure each teacher alone first.`,
  ];
}
