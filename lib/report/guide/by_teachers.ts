/** What more teachers are worth, and which. */
import { z } from "zod";
import { bestFirst, type Finding, finding, type Pair } from "./effect.ts";
import { experimentLink, type GuideInput, jsonRecord, outcomeOf } from "./guide_input.ts";

const selectionSchema = z.array(z.object({
  experiment: z.string(),
  predictions: z.array(
    z.object({ name: z.string(), rho: z.number(), low: z.number(), high: z.number() }),
  ),
}));

/** Several teachers instead of one. */
export function byTeachers(input: GuideInput): (string | Finding)[] {
  const world = "world_combinations", four = "shape_palette_background_parts";
  const alone = (row: string, when?: string): Pair & { when?: string | undefined } => ({
    ...{ experiment: world, from: row, to: four, when },
  });
  const real = (row: string, when?: string): Pair & { when?: string | undefined } => ({
    ...{ experiment: "real_combinations", from: row, to: "all_four", when },
  });
  const [best, ...others] = bestFirst(input, world, ["shape", "palette", "background", "parts"]);
  const sets = outcomeOf(input, world).experiment.rows.map(({ name }) => name)
    .filter((name) => name.includes("_") && ![four, "all_six"].includes(name));
  const [bestSet] = bestFirst(input, world, sets);
  const [bestReal, ...othersReal] = bestFirst(input, "real_combinations", [
    ...["source", "mobilenet", "deeplab", "resnet"],
  ]);
  return [
    "## By teachers",
    "",
    finding(input, "Four teachers instead of the best single one", [
      alone(best!, `that of ${best}`),
    ]),
    finding(input, "Four teachers instead of a single other one", [
      ...others.map((row) => alone(row, `that of ${row}`)),
    ]),
    finding(input, "Four teachers instead of the best smaller set, which was found afterwards", [
      alone(bestSet!, bestSet!.replaceAll("_", ", ")),
    ]),
    finding(input, "Four teachers instead of the dense one, for dense prediction", [
      { ...alone("parts"), columns: ["parts"] },
    ]),
    finding(input, "Six teachers instead of four", [
      { experiment: world, from: four, to: "all_six" },
    ]),
    finding(input, "Four networks made by others instead of the best single one", [
      real(bestReal!, bestReal),
    ]),
    finding(input, "Four networks made by others instead of a single other one", [
      ...othersReal.map((row) => real(row, row)),
    ]),
    finding(input, "Four networks instead of the source alone, from the weights of that source", [
      { experiment: "main_job", from: "source_alone", to: "short" },
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
  const sorted = found.predictions.toSorted((a, b) => b.rho - a.rho).slice(0, 2);
  const figure = ({ name, rho, low, high }: typeof sorted[number]) =>
    `${name.replace(/^the same,/, "the probe with")} ${rho.toFixed(2)} [${low.toFixed(2)}, ${
      high.toFixed(2)
    }]`;
  return [
    `- **Which set**, before any training: Spearman's ρ with the students is highest for ${
      sorted.map(figure).join(", ")
    } (${experimentLink(found.experiment)}, [selection.md](selection.md)).`,
  ];
}
