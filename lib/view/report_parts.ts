/** Parts of a report that are words and tables. */
import { duration } from "../distill/progress.ts";
import { scorecard } from "../metrics/scorecard.ts";
import { html, Markup } from "./html.ts";
import { sumOfCosts } from "../metrics/cost.ts";
import type { ReportInput } from "./report.ts";
import { costCells, costHeader, millions } from "./tables.ts";
import { darkTheme, lightTheme, modelColours, type ModelRole } from "./theme.ts";

/** The outcome in one sentence, where there is one. */
export function headline(input: ReportInput): Markup | undefined {
  const scores = meanScores(input);
  if (!scores) return undefined;
  const { student, teacher, teachers, tasks } = scores;
  const better = student.mean - teacher.mean;
  const compared = better >= 0
    ? html`${better.toFixed(1)} points above`
    : html`${(-better).toFixed(1)} points below`;
  return html`
    <p
      class="lede">One student of ${teachers} ${teachers === 1
        ? "teacher"
        : "teachers"} scores ${student.mean.toFixed(1)} % on average over ${tasks} ${tasks === 1
        ? "task"
        : "tasks"}, ${compared} ${teachers === 1
        ? "the teacher"
        : html`the best single teacher, ${teacher.model}`}.</p>
  `;
}

/** The four numbers that are looked for first. */
export function facts(input: ReportInput): Markup {
  const { reports, costs, models } = input;
  const last = reports.at(-1);
  const scores = meanScores(input);
  const roles = new Map(models);
  const student = costs.find(({ model }) => roles.get(model) === "student");
  const teachers = costs.filter(({ model }) => roles.get(model) === "teacher");
  const total = teachers.reduce((sum, { parameters }) => sum + parameters, 0);
  const items: [string, Markup][] = [];
  if (scores) {
    const over = html`<small class="below">${count(scores.tasks, "task")}</small>`;
    items.push(["Student, mean", html`${scores.student.mean.toFixed(1)} <small>%</small>${over}`]);
    const below = html`<small class="below">${scores.teacher.model}</small>`;
    items.push([
      "Best teacher, mean",
      html`${scores.teacher.mean.toFixed(1)} <small>%</small>${below}`,
    ]);
  }
  if (student) {
    const instead = total > 0
      ? html`
        <small class="below">instead of ${millions(total)}</small>
      `
      : undefined;
    items.push(["Parameters", html`${millions(student.parameters)}${instead}`]);
  }
  if (last) {
    const images = html`<small class="below">${last.images.toLocaleString("en")} images</small>`;
    items.push(["Training", html`${duration(last.seconds)} ${images}`]);
  }
  return items.length === 0 ? html`` : html`<dl class="facts">${
    items.map(([name, value]) =>
      html`
        <div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>
      `
    )
  }</dl>`;
}

/** Models by tasks, with half-widths of the intervals. */
export function comparisonTable(input: ReportInput): Markup {
  const { tasks, lines, best, bestMean } = scorecard(input.rows);
  const withMean = tasks.length > 1;
  const value = (number: number, highest: number | undefined) =>
    number === highest
      ? html`<span class="best">${number.toFixed(1)}</span>`
      : html`${number.toFixed(1)}`;
  const rows = lines.map(({ model, cells, mean }) =>
    html`<tr class="${roleOf(input, model)}"><td>${dot(input, model)}${model}</td>${
      cells.map((cell, i) =>
        cell
          ? html`<td>${value(cell.value, best[i])} <small>±${
            ((cell.high - cell.low) / 2).toFixed(1)
          }</small></td>`
          : html`<td>–</td>`
      )
    }${
      withMean
        ? mean === undefined ? html`<td>–</td>` : html`<td>${value(mean, bestMean)}</td>`
        : undefined
    }</tr>`
  );
  const titles = ["", ...tasks, ...(withMean ? ["mean"] : [])];
  return html`
    <table>
      <thead>
        <tr>${titles.map((title) => html`<th scope="col">${title}</th>`)}</tr>
      </thead>
      <tbody>${rows}</tbody>
    </table>
  `;
}

/** What student and teachers cost; the last line sums the teachers. */
export function costTable(input: ReportInput): Markup {
  const roles = new Map(input.models);
  const teachers = input.costs.filter(({ model }) => roles.get(model) === "teacher");
  const all = sumOfCosts(`all ${teachers.length} teachers`, teachers);
  const line = (cells: readonly string[], role: string, mark: Markup) =>
    html`<tr class="${role}">${
      cells.map((cell, i) => html`<td>${i === 0 ? mark : undefined}${cell}</td>`)
    }</tr>`;
  const rows = input.costs.filter(({ model }) => roleOf(input, model) !== "baseline").map((row) =>
    line(costCells(row), roleOf(input, row.model), dot(input, row.model))
  );
  if (teachers.length > 1) rows.push(line(costCells(all), "baseline", html``));
  return html`
    <table>
      <thead>
        <tr>${costHeader.map((title, i) => html`<th scope="col">${i === 0 ? "" : title}</th>`)}</tr>
      </thead>
      <tbody>${rows}</tbody>
    </table>
  `;
}

function describeBalancing(
  { kind, probability, level }: ReportInput["recipe"]["balancing"],
): string {
  const name = kind.replaceAll("_", " ");
  if (!kind.endsWith("drop")) return name;
  const rate = typeof probability === "number"
    ? `probability ${probability}`
    : `probability ${probability.start} to ${probability.end}`;
  return `${name}, ${rate}${level === "patch" ? ", by patch" : ""}`;
}

/** The experiment in a few lines. */
export function setting({ recipe, reports }: ReportInput): Markup {
  const { student, images, optimization, balancing, ladder } = recipe;
  const last = reports.at(-1);
  const lines: [string, string][] = [
    ["Teachers", recipe.teachers.map(({ name }) => name).join(", ")],
    [
      "Student",
      `vision transformer, width ${student.width}, depth ${student.depth}, ${student.heads} heads, ` +
      `patches of ${student.patchSize} px on ${images.size} px`,
    ],
    [
      "Images",
      images.sources.map(({ path, split }) => split ? `${path} (${split})` : path).join(", "),
    ],
    [
      "Ladder",
      ladder.blocks === "all" ? "every block" : `blocks ${ladder.blocks.join(", ")} (from 0)`,
    ],
    [
      "Balancing",
      describeBalancing(balancing),
    ],
    [
      "Training",
      `batches of ${optimization.batchSize}` +
      (last ? `, ${last.step.toLocaleString("en")} steps, ${last.epoch.toFixed(1)} epochs` : ""),
    ],
  ];
  return html`<dl class="setting">${
    lines.map(([name, value]) =>
      html`
        <dt>${name}</dt>
        <dd>${value}</dd>
      `
    )
  }</dl>`;
}

function meanScores({ rows, models }: ReportInput) {
  const { lines, tasks } = scorecard(rows);
  const roles = new Map(models);
  const of = (role: ModelRole) =>
    lines.flatMap(({ model, mean }) =>
      roles.get(model) === role && mean !== undefined ? [{ model, mean }] : []
    );
  const student = of("student")[0];
  const teachers = of("teacher");
  const teacher = teachers.toSorted((a, b) => b.mean - a.mean)[0];
  return student && teacher
    ? { student, teacher, teachers: teachers.length, tasks: tasks.length }
    : undefined;
}

function roleOf({ models }: ReportInput, model: string): string {
  return new Map(models).get(model) ?? "baseline";
}

/** A mark in the model's colour, the same as in the figures. */
function dot({ models }: ReportInput, model: string): Markup {
  const [light, dark] = [lightTheme, darkTheme].map((theme) =>
    modelColours(models, theme).get(model) ?? theme.muted
  );
  return html`<span class="dot" style="--light:${light};--dark:${dark}"></span>`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
