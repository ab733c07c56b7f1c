/** The picture of the comparison at equal minutes: what is measured and not far off has its dots. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { qualityFigure } from "../../../lib/bench/quality/quality_figure.ts";
import { qualityExperiment, rowName } from "../../../lib/bench/quality/quality_experiment.ts";
import { rowDigest } from "../../../lib/experiments/results.ts";
import { tinyQuality } from "./tiny_quality_fixture.ts";

const plan = {
  ...{ minutes: [1, 3], seeds: 2, names: ["base", "one_axis", "one_axis_more"], validation: true },
};
const set = {
  ...tinyQuality,
  options: [...tinyQuality.options, { ...tinyQuality.options[1]!, name: "one_axis_more" }],
};

/** Figure of accuracies by row, of one seed or two. */
function figureOf(accuracies: { readonly [row: string]: readonly number[] }) {
  const experiment = qualityExperiment(set, plan);
  const results = Object.entries(accuracies).flatMap(([name, values]) => {
    const row = experiment.rows.find((row) => row.name === name)!;
    return values.flatMap((value, seed) =>
      ["knn digits", "logistic digits"].map((measure, i) => ({
        ...{ row: name, seed, measure, value: value + 2 * i, date: "", machine: "" },
        recipe: rowDigest(experiment, row),
      }))
    );
  });
  return qualityFigure(set, { experiment, results }, plan);
}

Deno.test("dots are means over seeds and both metrics, and what is far off is named, not drawn", () => {
  const { data, layout } = figureOf({
    [rowName("base", 1)]: [69, 71],
    [rowName("one_axis", 1)]: [72, 72],
    [rowName("one_axis_more", 1)]: [40],
    [rowName("base", 3)]: [75],
  });
  assertEquals(data.map(({ name, x, y }) => ({ name, x, y })), [
    { name: "1 min", x: [71, 73], y: ["base", "one_axis"] },
    { name: "3 min", x: [76], y: ["base"] },
  ]);
  const text = JSON.stringify(layout);
  assertStringIncludes(text, "far off: one_axis_more");
  assertStringIncludes(text, '"categoryarray":["base","one_axis"]');
  assertStringIncludes(text, '"x0":71');
  assertStringIncludes(text, '"x0":76');
});

Deno.test("a comparison without results has words, and one without its base no line", () => {
  assertStringIncludes(JSON.stringify(figureOf({}).layout), "nothing was measured yet");
  const { data, layout } = figureOf({ [rowName("one_axis", 3)]: [40] });
  assertEquals(data[1]!.x, [41]);
  assertEquals(layout.shapes, []);
});
