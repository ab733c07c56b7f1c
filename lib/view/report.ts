/**
 * One self-contained page about a run: comparison, costs, training, recipe. It opens without a
 * network, on any machine, in light and dark.
 *
 * @module
 */
import { writeFileAtomic } from "../atomic_file.ts";
import type { Recipe } from "../distill/recipe_types.ts";
import type { StepReport } from "../distill/step_report.ts";
import type { CostRow } from "../metrics/cost.ts";
import { byMetric, type EvaluationRow } from "../metrics/scorecard.ts";
import { comparisonFigure } from "./comparison_figure.ts";
import type { Figure } from "./figure.ts";
import { html, jsonScript, Markup } from "./html.ts";
import { plotlyScript } from "./plotly_script.ts";
import { lowerIsBetter } from "../metrics/evaluation_metric.ts";
import { comparisonTable, costTable, facts, headline, setting } from "./report_parts.ts";
import { reportScript, reportStyle } from "./report_style.ts";
import { darkTheme, lightTheme, type ModelRole, type Theme } from "./theme.ts";
import { learningRateFigure, lossFigure, shareFigure } from "./training_figures.ts";

/** What a report is made of. */
export interface ReportInput {
  /** As it was run. */
  readonly recipe: Recipe;
  /** Every update of the run, from its log. */
  readonly reports: readonly StepReport[];
  /** What was measured; may be empty. */
  readonly rows: readonly EvaluationRow[];
  /** May be empty. */
  readonly costs: readonly CostRow[];
  /** Models in the order of the tables, with their roles. */
  readonly models: readonly (readonly [name: string, role: ModelRole])[];
  /** Digest of the final state. */
  readonly stateDigest?: string;
  /** Machine, engine and versions, in words. */
  readonly environment?: string;
}

/**
 * Makes the page.
 *
 * @param options plotly: source of the plotting library, see {@linkcode plotlyScript}.
 *
 * @example
 * ```ts
 * import { defineRecipe, renderReport } from "@hashigo/hashigo";
 * const recipe = defineRecipe({
 *   name: "digits",
 *   description: "1 < 2",
 *   images: { sources: [{ path: "digits.zip" }], size: 32 },
 *   teachers: ["digits"],
 *   student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
 *   optimization: { batchSize: 64, steps: 1000 },
 * });
 * const page = renderReport({ recipe, reports: [], rows: [], costs: [], models: [] }, { plotly: "" });
 * if (!page.includes("1 &lt; 2")) throw new Error("Not escaped");
 * ```
 */
export function renderReport(input: ReportInput, options: { readonly plotly: string }): string {
  const { recipe, costs, reports } = input;
  const parts = byMetric(input.rows).map(([metric, rows]) => ({ metric, ...input, rows }));
  // What stands above all else is a mean of scores, not of errors.
  const first = parts.find(({ metric }) => !lowerIsBetter(metric)) ?? { ...input, rows: [] };
  const figures = figuresOf(input);
  const themes = { light: namedColours(lightTheme), dark: namedColours(darkTheme) };
  const figure = (id: string) => id in figures ? html`<div class="figure" id="${id}"></div>` : "";
  const page = html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${recipe.name} · Hashigo</title>
        <style>${new Markup(reportStyle)}</style>
      </head>
      <body>
    <main>
    <header>
    <p class="kicker">Hashigo · report of a distillation</p>
    <h1>${recipe.name}</h1>
    ${headline(first)}
    ${recipe.description ? html`<p class="note">${recipe.description}</p>` : undefined}
    ${facts(first)}
    </header>
    ${parts.length === 0 ? undefined : html`
      <section>
        <h2>Comparison</h2>
        ${parts.map((part, i) =>
          html`
            ${parts.length > 1 ? html`<h3>${part.metric}</h3>` : undefined}
            <div class="card">${figure(`comparison${i}`)}</div>
            <div class="card scroll">${comparisonTable(part)}</div>
          `
        )}
        <p class="note">Frozen features; 95 % intervals over test images. The best of each column is
      underlined.</p>
      </section>
    `}
    ${costs.length === 0 ? undefined : html`
      <section>
        <h2>Cost</h2>
        <div class="card scroll">${costTable(input)}</div>
      </section>
    `}
    ${reports.length === 0 ? undefined : html`
      <section>
        <h2>Training</h2>
        <div class="card"><h3>Loss by teacher</h3>${figure("losses")}</div>
        <div class="card"><h3>Share of the loss that each teacher kept</h3>${figure("shares")}</div>
        <div class="card"><h3>Learning rate</h3>${figure("rate")}</div>
      </section>
    `}
    <section>
    <h2>Recipe</h2>
    <div class="card">${setting(input)}</div>
    <details><summary>All options</summary><pre>${JSON.stringify(recipe, null, 2)}</pre></details>
    </section>
    <footer>
    ${input.environment ? html`<p>${input.environment}</p>` : undefined}
    ${input.stateDigest ? html`<p>State ${input.stateDigest}</p>` : undefined}
    <p>Method: UNIC, Sariyildiz et al., ECCV 2024. Made with Hashigo.</p>
    </footer>
    </main>
    <noscript><p class="note">The figures need JavaScript; the tables do not.</p></noscript>
    ${jsonScript("figures", figures)}
    ${jsonScript("themes", themes)}
    <script>${new Markup(options.plotly)}</script>
    <script>${new Markup(reportScript)}</script>
      </body>
    </html>
  `;
  return page.text;
}

/**
 * Makes the page and writes it, whole or not at all.
 *
 * @throws {UserError} where the file cannot be written.
 *
 * @example
 * ```ts ignore
 * await writeReport("runs/digits/report.html", input);
 * ```
 */
export async function writeReport(path: string, input: ReportInput): Promise<void> {
  await writeFileAtomic(path, renderReport(input, { plotly: await plotlyScript() }));
}

function figuresOf({ rows, reports, models }: ReportInput): Record<string, Figure> {
  const options = { theme: nameTheme, models };
  return {
    ...Object.fromEntries(
      byMetric(rows).map(([, own], i) => [`comparison${i}`, comparisonFigure(own, options)]),
    ),
    ...(reports.length > 0
      ? {
        losses: lossFigure(reports, options),
        shares: shareFigure(reports, options),
        rate: learningRateFigure(reports, options),
      }
      : {}),
  };
}

/** Names instead of colours: the page puts in those of the reader's theme. */
const nameTheme: Theme = {
  ink: "@ink",
  muted: "@muted",
  faint: "@faint",
  teachers: lightTheme.teachers.map((_, i) => `@teacher${i}`),
  baselines: lightTheme.baselines.map((_, i) => `@baseline${i}`),
};

function namedColours(theme: Theme): Record<string, string> {
  return Object.fromEntries([
    ["@ink", theme.ink],
    ["@muted", theme.muted],
    ["@faint", theme.faint],
    ...theme.teachers.map((colour, i) => [`@teacher${i}`, colour]),
    ...theme.baselines.map((colour, i) => [`@baseline${i}`, colour]),
  ]);
}
