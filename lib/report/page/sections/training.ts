/** Section of a report: losses, kept shares, statistics and pace of the run. */
import type { StepReport } from "../../../runs/step_report.ts";
import { curveTitles, trainingCurve } from "../../figures/training_curve.ts";
import { html, type Markup } from "../../html.ts";
import { namedTheme } from "../../figures/named_theme.ts";
import type { ReportInput } from "../report_input.ts";
import { lossFigure } from "../../figures/loss_figure.ts";
import { shareFigure } from "../../figures/share_figure.ts";
import { teachersOf } from "../../figures/teacher_lines.ts";
import { dot, figurePlace, framed, type Section, table } from "./section.ts";
import { meanOf } from "../../../metrics/mean_of.ts";

/** Curves from the log of the run, and statistics of the teachers' features from its last checkpoint. */
export function trainingSection(input: ReportInput): Section | undefined {
  const { reports, models } = input;
  if (reports.length === 0) return undefined;
  const options = { theme: namedTheme, models };
  const curves = curveTitles.map(([name, title]) =>
    html`
      <div class="card">
        <h3>${title}</h3>
        ${figurePlace(name, `${title} over the run`)}
      </div>
    `
  );
  return {
    markup: framed(
      "Training",
      html`
        <div class="card">
          <h3>Loss by teacher and token type</h3>
          ${figurePlace("losses", "Losses of every teacher over the run")}
        </div>
        <div class="card">
          <h3>Share of the loss that each teacher kept</h3>
          ${figurePlace("shares", "Kept shares of every teacher over the run")}
        </div>
        <div class="card scroll">
          <h3>At the end of the run</h3>
          ${endTable(input)}
        </div>
        <p
          class="note">Means over the last twentieth of the run. An equal share of the loss is ${(100 /
            Math.max(1, Object.keys(reports[0]?.losses ?? {}).length)).toFixed(1)} %.</p>
      `,
      html`<div class="grid">${curves}</div>`,
      statisticsCard(input),
    ),
    figures: {
      losses: lossFigure(reports, options),
      shares: shareFigure(reports, options),
      ...Object.fromEntries(
        curveTitles.map(([name]) => [name, trainingCurve(name, reports, options)]),
      ),
    },
  };
}

/** Losses and kept shares, without the noise of single updates. */
function endTable(input: ReportInput): Markup {
  const { reports } = input;
  const last = reports.slice(-Math.ceil(reports.length / 20));
  const mean = (read: (report: StepReport) => number | undefined): string => {
    const values = last.map(read).map((value) => value ?? NaN).filter(Number.isFinite);
    if (values.length === 0) return "–";
    return meanOf(values).toFixed(3);
  };
  const rows = teachersOf(reports, input).map((name) =>
    html`
      <tr>
        <td>${dot(input, name)}${name}</td>
        <td>${mean((report) => report.losses[name]?.cls)}</td>
        <td>${mean((report) => report.losses[name]?.patch)}</td>
        <td>${mean((report) => report.losses[name]?.total)}</td>
        <td>${mean((report) => report.shares[name])}</td>
      </tr>
    `
  );
  return table(["", "CLS token", "patch tokens", "loss", "kept share"], rows);
}

/** Mean and deviations by which each teacher's features were standardised. */
function statisticsCard(input: ReportInput): Markup | undefined {
  const { statistics = [], recipe } = input;
  if (statistics.length === 0) return undefined;
  const places = new Map(recipe.teachers.map(({ name }, i) => [name, i]));
  const inOrder = statistics.toSorted((a, b) =>
    (places.get(a.teacher) ?? 0) - (places.get(b.teacher) ?? 0)
  );
  const rows = inOrder.map(({ teacher, token, width, axes, meanNorm, deviation }) =>
    html`
      <tr>
        <td>${dot(input, teacher)}${teacher}</td>
        <td>${token === "cls" ? "CLS token" : "patch tokens"}</td>
        <td>${axes ? learntAxes(width, axes) : width}</td>
        ${[meanNorm, ...deviation].map((value) => html`<td>${value.toPrecision(3)}</td>`)}
      </tr>
    `
  );
  const narrow = inOrder.some(({ axes }) => axes);
  const titles = ["", "tokens", "width", "norm of mean", "smallest", "median", "largest deviation"];
  return html`
    <div class="card scroll">
      <h3>Statistics of the teachers' features</h3>
      ${table(titles, rows)}
    </div>
    <p
      class="note">As they stood at the last checkpoint, on each teacher's own scale (standardiser: ${recipe
        .standardizer.kind.replaceAll(
          "_",
          " ",
        )}). Without them, teachers with large features would dominate the loss.${narrow
        ? " Of a width, the principal axes that the student learns are said, with their share of the " +
          "variance; the deviations hold the one number that brings these axes to a mean variance of 1."
        : ""}</p>
  `;
}

function learntAxes(width: number, { count, kept }: { count: number; kept: number }): string {
  return `${count} axes of ${width} (${(100 * kept).toFixed(1)} %)`;
}
