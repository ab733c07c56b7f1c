import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import type { Figure } from "../../../lib/report/figures/figure.ts";
import { comparisonFigure } from "../../../lib/report/figures/comparison_figure.ts";
import { html, jsonScript, Markup } from "../../../lib/report/html.ts";
import { plotlyScript } from "../../../lib/report/figures/plotly_script.ts";
import { adviceOn } from "../../../lib/report/page/sections/advice.ts";
import { renderReport } from "../../../lib/report/page/report.ts";
import { smooth } from "../../../lib/report/figures/series.ts";
import { darkTheme, lightTheme, modelColours } from "../../../lib/report/figures/theme.ts";
import { lossFigure } from "../../../lib/report/figures/loss_figure.ts";
import { shareFigure } from "../../../lib/report/figures/share_figure.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import { madeUpRun } from "../run_fixture.ts";

const hostile = `</script><img src=x onerror="alert('1')">`;

Deno.test("html escapes what is inserted, and keeps what was made by it", () => {
  const list = [1, 2].map((i) => html`<li>${i}</li>`);
  assertEquals(
    html`<ul title="${'"'}">${list}${undefined}${new Markup("<hr>")}</ul>`.text,
    '<ul title="&quot;"><li>1</li><li>2</li><hr></ul>',
  );
  assertEquals(html`${"<&'>"}`.text, "&lt;&amp;&#39;&gt;");
});

Deno.test("JSON in a page can neither end its element nor change", () => {
  const { text } = jsonScript("a", { hostile });
  const inner = text.replace(/^<script[^>]*>/, "").replace(/<\/script>$/, "");
  assert(!inner.includes("<"));
  assertEquals(JSON.parse(inner), { hostile });
});

Deno.test("a report escapes every name from outside", () => {
  const run = madeUpRun();
  const rename = (name: string) => name === "digits" ? hostile : name;
  const page = renderReport({
    ...run,
    recipe: { ...run.recipe, description: hostile, teachers: [{ name: hostile }] },
    rows: run.rows.map((row) => ({ ...row, model: rename(row.model), task: rename(row.task) })),
    costs: run.costs.map((row) => ({ ...row, model: rename(row.model) })),
    models: run.models.map(([name, role]) => [rename(name), role] as const),
    origin: { ...run.origin!, command: hostile, machine: hostile },
  }, { plotly: "" });
  assert(!/<img(?! src="data:image\/png;base64,)/.test(page), "no element from outside");
  assertEquals(page.match(/<\/script>/g)?.length, 4);
});

Deno.test("a report holds everything that it shows, and asks for nothing", async () => {
  const page = renderReport(madeUpRun(), { plotly: await plotlyScript() });
  const own = renderReport(madeUpRun(), { plotly: "" });
  assert(!/(?:src|href)="(?!data:image\/png;base64,)/.test(own), "no link to another file");
  assert(!/@import|url\(/.test(own), "no style from elsewhere");
  assertLess(page.length, 1_900_000);
  for (
    const part of [
      "80.3",
      "14.5 points above",
      "digits",
      "1.21 M",
      "Learning rate",
      "tie",
      "61 %",
      "69.5",
      "CKA",
    ]
  ) {
    assertStringIncludes(own, part);
  }
  assertEquals(own.match(/<\/script>/g)?.length, 4);
});

Deno.test("a report of a run that was not evaluated, or not even begun, is still a page", () => {
  const { recipe, models } = madeUpRun();
  const page = renderReport({ recipe, models, reports: [], rows: [], costs: [] }, { plotly: "" });
  assertStringIncludes(page, "<h1>demo</h1>");
  for (const part of ["Comparison", "Cost", "<h2>Training"]) assert(!page.includes(part), part);
});

function colourOf(figure: Figure, name: string): unknown {
  const trace = figure.data.find((trace) => trace.name === name);
  const style = trace?.line ?? trace?.marker;
  return typeof style === "object" && style !== null && "color" in style ? style.color : undefined;
}

Deno.test("a teacher has one colour in every figure", () => {
  const { reports, rows, models } = madeUpRun();
  const colours = modelColours(models, darkTheme);
  for (const name of ["digits", "land_use", "chest_xrays", "characters"]) {
    const options = { models, theme: darkTheme };
    const figures = [
      lossFigure(reports, options),
      shareFigure(reports, options),
      comparisonFigure(rows, options),
    ];
    assertEquals(figures.map((figure) => colourOf(figure, name)), Array(3).fill(colours.get(name)));
  }
  assertEquals(colourOf(comparisonFigure(rows, { models }), "student"), lightTheme.ink);
});

Deno.test("every teacher stands in the legend of the losses once, also one without patches", () => {
  const { data } = lossFigure(madeUpRun().reports);
  assertEquals(data.length, 7);
  const shown = data.filter((trace) => trace.showlegend).map((trace) => trace.name);
  assertEquals(shown, ["digits", "land_use", "chest_xrays", "characters"]);
});

Deno.test("a spike of the first steps is cut off, an ordinary start is not", () => {
  const { reports } = madeUpRun();
  const rangeOf = (all: typeof reports) => {
    const axis = lossFigure(all).layout.yaxis;
    return typeof axis === "object" && axis !== null && "range" in axis ? axis.range : undefined;
  };
  assertEquals(rangeOf(reports), undefined);
  const spiked = reports.map((report) =>
    report.step < 20 ? { ...report, losses: { digits: { cls: 250, total: 250 } } } : report
  );
  assertEquals(rangeOf(spiked), [0, 1.2]);
});

Deno.test("bars carry values and intervals, and the mean none", () => {
  const { rows, models } = madeUpRun();
  const [student] = comparisonFigure(rows, { models }).data;
  const y = Array.isArray(student?.y) ? student.y : [];
  assertEquals(y.slice(0, 4), [92.4, 78.1, 88.9, 61.7]);
  assertLess(Math.abs(y[4] - 80.275), 1e-9);
  const error = student?.error_y;
  assert(typeof error === "object" && error !== null && "array" in error);
  assert(Array.isArray(error.array) && error.array.length === 4);
});

Deno.test("smoothing keeps constants, few points and both ends", () => {
  const x = Array.from({ length: 1000 }, (_, i) => i + 1);
  const flat = smooth(x, x.map(() => 3));
  assertEquals([flat.x.length, flat.x[0], flat.x.at(-1)], [240, 1, 1000]);
  assertEquals(new Set(flat.y), new Set([3]));
  // The window of 2 % reaches ten values to each side: the mean of 1 … 11 is 6.
  assertEquals(smooth(x, x).y[0], 6);
  assertEquals(smooth([], []), { x: [], y: [] });
  assertEquals(smooth([5], [7]), { x: [5], y: [7] });
});

Deno.test("a report counts the images that were replaced, where there were any", () => {
  const page = (quarantined: number) =>
    renderReport({ ...madeUpRun(), quarantined }, { plotly: "" });
  assertStringIncludes(page(3), "3 unreadable images replaced by a neighbour");
  assert(!page(0).includes("unreadable"));
  const left = renderReport({ ...madeUpRun(), excluded: 1 }, { plotly: "" });
  assertStringIncludes(left, "1 unreadable image of the tasks left out");
});

Deno.test("a report says by what command, when, where and with what versions", () => {
  const page = renderReport(madeUpRun(), { plotly: "" });
  for (
    const part of [
      "Command: deno task distill recipes/digits.ts --set optimization.steps=1500",
      "Begun 2026-11-29 01:02 UTC on Processor P, 2 cores (x86_64 linux); hashigo 0.1.0, tensorflow 2.21.0",
    ]
  ) assertStringIncludes(page, part);
  const old = renderReport({ ...madeUpRun(), origin: undefined }, { plotly: "" });
  assertStringIncludes(old, "By what command, when and where: not kept with this run.");
});

Deno.test("every chart of a report has a title in its card", () => {
  const page = renderReport(madeUpRun(), { plotly: "" });
  const cards = page.split('<div class="card').filter((card) => card.includes('class="figure"'));
  assert(cards.length >= 14, `${cards.length} charts`);
  for (const card of cards) assert(/^[^>]*>\s*<h3>[^<]{4,}<\/h3>/.test(card), card.slice(0, 200));
});

Deno.test("teachers stand in one order in every chart and table, whatever the order of the log", () => {
  const run = madeUpRun();
  const sorted = <Value>(values: Readonly<Record<string, Value>>) =>
    Object.fromEntries(Object.entries(values).sort(([a], [b]) => a < b ? -1 : 1));
  const reports = run.reports.map((report) => ({
    ...report,
    losses: sorted(report.losses),
    shares: sorted(report.shares),
  }));
  const inOrder = run.models.filter(([, role]) => role === "teacher").map(([name]) => name);
  const statistics = run.statistics?.toReversed();
  const page = renderReport({ ...run, reports, statistics }, { plotly: "" });
  const figures: Record<string, Figure> = JSON.parse(
    /<script[^>]*id="figures"[^>]*>(.*?)<\/script>/s.exec(page)![1]!,
  );
  let charts = 0;
  for (const [id, { data }] of Object.entries(figures)) {
    const names = [...new Set(data.map(({ name }) => String(name).replace(/ \(.*/, "")))]
      .filter((name) => inOrder.includes(name));
    if (names.length < 2) continue;
    assertEquals(names, inOrder, id);
    charts++;
  }
  assert(charts >= 7, `${charts} charts with teachers`);
  for (const title of ["At the end of the run", "Statistics of the teachers"]) {
    const table = page.slice(page.indexOf(title)).split("</table>")[0]!;
    const names = [...table.matchAll(/<\/span>(\w+)<\/td>/g)].map(([, name]) => name!);
    assertEquals(names, inOrder, title);
  }
});

Deno.test("under the outcome stands what to do next", () => {
  const run = madeUpRun();
  const falling = run.reports.map((report, i) => ({
    ...report,
    losses: { digits: { cls: 1 - i / 3000, total: 1 - i / 3000 } },
  }));
  assertEquals(adviceOn({ ...run, rows: [], reports: falling }), [
    "The loss is still falling after 12.0 passes (by 19 % over the last quarter of the run): a longer run, such as " +
    "--set optimization.steps=3000, brings the student closer to its teachers.",
  ]);
  // Flat, and below the best teacher somewhere.
  const [flat] = adviceOn(run);
  assertStringIncludes(
    flat!,
    "The loss has been flat for the last quarter of the run (12.0 passes)",
  );
  assertStringIncludes(flat!, "width 128, depth 6");
  const begun = adviceOn({ ...run, rows: [], reports: run.reports.slice(0, 300) });
  assertEquals(begun, ["The run stands at step 300 of 1,500 (2.4 passes): resume it."]);
  const tie = { outcome: "tie", against: "a", difference: 0, low: -4, high: 3, p: 0.5 } as const;
  const rows = [{ ...run.rows[0]!, images: 200, task: "birds", verdict: tie }];
  assertEquals(adviceOn({ ...run, reports: [], rows }), [
    "A tie within ±3.5 points, as on birds, says little: with more than 200 test images the interval is narrower.",
  ]);
  const page = renderReport(run, { plotly: "" });
  const lede = page.indexOf('class="lede"');
  assert(lede > 0 && page.indexOf("The loss has been flat") > lede);
});

Deno.test("a report tells a subset, a budget with its plan, and teachers that stopped", () => {
  const run = madeUpRun();
  const { steps: _, ...optimization } = run.recipe.optimization;
  const page = renderReport({
    ...run,
    recipe: defineRecipe({
      ...run.recipe,
      images: {
        ...run.recipe.images,
        sources: [{ path: "own.zip", repeat: 3 }],
        subset: { images: 8000, choice: "balanced" },
      },
      optimization,
      budget: { minutes: 12 },
      teachers: ["a", "b"],
      balancing: { stop: { heldOut: 200, every: 50 } },
    }),
    reports: run.reports.map((report, i) => i === 1 ? { ...report, stopping: ["b"] } : report),
    plan: {
      ...{ minutes: 12, steps: 4321, views: 3, expectedSeconds: 719, measuringSeconds: 20 },
      ...{ startSeconds: 9, stepSeconds: 0.1234, newViewSeconds: 0.2 },
    },
  }, { plotly: "" });
  for (
    const part of [
      "own.zip, each 3 times; a balanced subset of 8,000 over 50 clusters",
      "12 minutes, planned as 4,321 steps and 3 views of each image from 0.12 s a step and 0.2 s of new",
      `b after step ${run.reports[1]!.step}`,
    ]
  ) assertStringIncludes(page, part);
});
