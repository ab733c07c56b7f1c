/** Section of a report: the experiment in a few lines, and all its options. */
import { describeSource } from "../../../recipe/describe_source.ts";
import { describeStudent } from "../../../recipe/describe_student.ts";
import { stepSecondsInWords } from "../../../runs/run_plan.ts";
import { grouped } from "../../format.ts";
import { html } from "../../html.ts";
import type { ReportInput } from "../report_input.ts";
import { framed, type Section } from "./section.ts";

/** The recipe of the run, in a list and in full. */
export function recipeSection({ recipe, reports, plan }: ReportInput): Section {
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
      images.sources.map(describeSource).join(", ") + describeSubset(images.subset),
    ],
    [
      "Ladder",
      ladder.blocks === "all" ? "every block" : `blocks ${ladder.blocks.join(", ")} (from 0)`,
    ],
    ["Balancing", describeBalancing(recipe.balancing)],
    ...recipe.balancing.stop === undefined
      ? []
      : [["Teachers that stopped", describeStops(reports)] as [string, string]],
    [
      "Training",
      `batches of ${optimization.batchSize}` +
      (last ? `, ${grouped(last.step)} steps, ${last.epoch.toFixed(1)} epochs` : ""),
    ],
    ...plan === undefined ? [] : [["Budget", describePlan(plan)] as [string, string]],
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

function describeSubset(subset: ReportInput["recipe"]["images"]["subset"]): string {
  if (subset === undefined) return "";
  const over = subset.choice === "balanced" ? ` over ${subset.clusters} clusters` : "";
  return `; a ${subset.choice} subset of ${grouped(subset.images)}${over}`;
}

/** Which teachers counted no more from when on, by the log. */
function describeStops(reports: ReportInput["reports"]): string {
  const stops = reports.flatMap(({ step, stopping = [] }) =>
    stopping.map((name) => `${name} after step ${grouped(step)}`)
  );
  return stops.length === 0 ? "none" : stops.join(", ");
}

function describePlan(plan: NonNullable<ReportInput["plan"]>): string {
  const { minutes, steps, views, stepSeconds, bySize, newViewSeconds } = plan;
  const short = (seconds: number) => `${Number(seconds.toPrecision(2))} s`;
  return `${minutes} minutes, planned as ${grouped(steps)} steps` +
    (views === undefined ? "" : ` and ${views} views of each image`) +
    (stepSeconds === undefined ? "" : ` from ${stepSecondsInWords({ stepSeconds, bySize })}`) +
    (newViewSeconds === undefined ? "" : ` and ${short(newViewSeconds)} of new views`);
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
