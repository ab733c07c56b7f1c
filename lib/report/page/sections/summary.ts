/** The head of a report: the outcome in one sentence, and the numbers that readers look for first. */
import { duration } from "../../../io/duration.ts";
import { lowerIsBetter } from "../../../metrics/comparison/evaluation_metric.ts";
import { byMetric, scorecard } from "../../../metrics/comparison/scorecard.ts";
import { html, type Markup } from "../../html.ts";
import type { ReportInput } from "../report_input.ts";
import { adviceOn } from "./advice.ts";
import { count, millions } from "../../format.ts";
import type { ModelRole } from "../../figures/theme.ts";

/** The head of the page; its means are those of the first metric of which higher is better. */
export function summary(input: ReportInput): Markup {
  const [, rows = []] = byMetric(input.rows).find(([metric]) => !lowerIsBetter(metric)) ?? [];
  const first = { ...input, rows };
  const { name, description } = input.recipe;
  return html`
    <header>
      <p class="kicker">Hashigo · report of a distillation</p>
      <h1>${name}</h1>
      ${headline(first)} ${advice(first)} ${description
        ? html`<p class="note">${description}</p>`
        : undefined} ${facts(
          first,
        )}
    </header>
  `;
}

function advice(input: ReportInput): Markup[] {
  return adviceOn(input).map((sentence) => html`<p class="note advice">${sentence}</p>`);
}

/** The outcome in one sentence, where there is one. */
function headline(input: ReportInput): Markup | undefined {
  const scores = meanScores(input);
  if (!scores) return undefined;
  const { student, teacher, teachers, tasks } = scores;
  const better = student.mean - teacher.mean;
  const compared = `${Math.abs(better).toFixed(1)} points ${better >= 0 ? "above" : "below"}`;
  const best = teachers === 1 ? "the teacher" : `the best single teacher, ${teacher.model}`;
  return html`
    <p class="lede">One student of ${count(teachers, "teacher")} scores ${student.mean.toFixed(
      1,
    )} % on
    average over ${count(tasks, "task")}, ${compared} ${best}.${standing(input)}</p>
  `;
}

/** Wins, ties and losses against the best teacher of each task. */
function standing({ rows }: ReportInput): string {
  const outcomes = rows.flatMap(({ verdict }) => verdict ? [verdict.outcome] : []);
  if (outcomes.length < 2) return "";
  const times = (outcome: string) => outcomes.filter((other) => other === outcome).length;
  return ` Against the best teacher of each task it wins ${times("win")}, ties ${
    times("tie")
  } and ` +
    `loses ${times("loss")}.`;
}

/** The four numbers that readers look for first. */
function facts(input: ReportInput): Markup {
  const { reports, costs, models } = input;
  const last = reports.at(-1);
  const scores = meanScores(input);
  const roles = new Map(models);
  const student = costs.find(({ model }) => roles.get(model) === "student");
  // Networks that the student did not learn from may have been measured too.
  const teacherNames = new Set(input.recipe.teachers.map(({ name }) => name));
  const teachers = costs.filter(({ model }) => teacherNames.has(model));
  const total = teachers.reduce((sum, { parameters }) => sum + parameters, 0);
  const items: [title: string, value: string, unit: string, below: string][] = [];
  if (scores) {
    const { student, teacher, tasks } = scores;
    items.push(["Student, mean", student.mean.toFixed(1), "%", count(tasks, "task")]);
    items.push(["Best teacher, mean", teacher.mean.toFixed(1), "%", teacher.model]);
  }
  if (student) {
    const instead = total > 0 ? `instead of ${millions(total)}` : "";
    items.push(["Parameters", millions(student.parameters), "", instead]);
  }
  if (last) items.push(["Training", duration(last.seconds), "", count(last.images, "image")]);
  if (items.length === 0) return html``;
  return html`<dl class="facts">${
    items.map(([title, value, unit, below]) =>
      html`
        <div>
          <dt>${title}</dt>
          <dd>${value} <small>${unit}</small><small class="below">${below}</small></dd>
        </div>
      `
    )
  }</dl>`;
}

function meanScores({ rows, models, recipe }: ReportInput) {
  const { lines, tasks } = scorecard(rows);
  const roles = new Map(models);
  const meansOf = (role: ModelRole) =>
    lines.flatMap(({ model, mean }) =>
      roles.get(model) === role && mean !== undefined ? [{ model, mean }] : []
    );
  const student = meansOf("student")[0];
  const teacher = meansOf("teacher").toSorted((a, b) => b.mean - a.mean)[0];
  return student && teacher
    ? { student, teacher, teachers: recipe.teachers.length, tasks: tasks.length }
    : undefined;
}
