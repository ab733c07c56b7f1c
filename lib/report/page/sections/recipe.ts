/** Section of a report: the experiment in a few lines, and all its options. */
import { describeSource } from "../../../recipe/describe_source.ts";
import { describeStudent } from "../../../recipe/describe_student.ts";
import { grouped } from "../../format.ts";
import { html } from "../../html.ts";
import type { ReportInput } from "../report_input.ts";
import { framed, type Section } from "./section.ts";

/** The recipe of the run, in a list and in full. */
export function recipeSection({ recipe, reports }: ReportInput): Section {
  const { images, optimization, ladder } = recipe;
  const last = reports.at(-1);
  const lines: [string, string][] = [
    ["Teachers", recipe.teachers.map(({ name }) => name).join(", ")],
    [
      "Student",
      describeStudent(recipe),
    ],
    [
      "Images",
      images.sources.map(describeSource).join(", "),
    ],
    [
      "Ladder",
      ladder.blocks === "all" ? "every block" : `blocks ${ladder.blocks.join(", ")} (from 0)`,
    ],
    ["Balancing", describeBalancing(recipe.balancing)],
    [
      "Training",
      `batches of ${optimization.batchSize}` +
      (last ? `, ${grouped(last.step)} steps, ${last.epoch.toFixed(1)} epochs` : ""),
    ],
  ];
  const list = lines.map(([name, value]) =>
    html`
      <dt>${name}</dt>
      <dd>${value}</dd>
    `
  );
  return {
    markup: framed(
      "Recipe",
      html`
        <div class="card">
          <dl class="setting">${list}</dl>
        </div>
      `,
      html`
        <details>
          <summary>All options</summary>
          <pre>${JSON.stringify(recipe, null, 2)}</pre>
        </details>
      `,
    ),
  };
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
