/** Section of a report: what the models know, and how alike they are. */
import type { Analysis } from "../../../evaluation/analysis/analysis.ts";
import { analysisFigures } from "../../figures/analysis_figures.ts";
import { decimals } from "../../format.ts";
import { html, type Markup } from "../../html.ts";
import { namedTheme } from "../../figures/named_theme.ts";
import type { ReportInput } from "../report_input.ts";
import { dot, figurePlace, framed, type Section, table } from "./section.ts";

/** Heat maps and curves of the run's analysis, and the student in the place of its teachers. */
export function analysisSection(input: ReportInput): Section | undefined {
  const { analysis } = input;
  if (analysis === undefined) return undefined;
  const figures = analysisFigures(analysis, { theme: namedTheme });
  const cards = figures.map(({ title, note }, i) =>
    html`
      <div class="card">
        <h3>${title}</h3>
        ${figurePlace(`analysis${i}`, title)}
        <p class="note">${note}</p>
      </div>
    `
  );
  const { task, images, k } = analysis;
  return {
    markup: framed(
      "What the models know",
      html`
        <p
          class="note">On ${task}: ${images.test} test images, ${images
            .train} that vote, k-NN with ${k}
        neighbours.</p>
      `,
      cards,
      plugCard(input, analysis),
    ),
    figures: Object.fromEntries(figures.map(({ figure }, i) => [`analysis${i}`, figure])),
  };
}

/** The student's predictions of each teacher's features, before that teacher's own classifier. */
function plugCard(input: ReportInput, { plugAndPlay }: Analysis): Markup | undefined {
  if (plugAndPlay.length === 0) return undefined;
  const percent = (value: number | null | undefined) => decimals(value, 1, "–");
  const rows = plugAndPlay.map(({ teacher, classes, agreement, accuracy }) =>
    html`
      <tr>
        <th scope="row">${dot(input, teacher)}${teacher}</th>
        <td>${classes}</td>
        <td>${percent(agreement)}</td>
        <td>${percent(accuracy?.student)}</td>
        <td>${percent(accuracy?.teacher)}</td>
      </tr>
    `
  );
  return html`
    <div class="card scroll">
      <h3>The student before a teacher's own classifier</h3>
      ${table([
        "classifier of",
        "classes",
        "same answer, %",
        "student right, %",
        "teacher right, %",
      ], rows)}
    </div>
  `;
}
