/**
 * One self-contained page about a run: comparison, costs, training, recipe. It opens without a
 * network, on any machine, in light and dark.
 *
 * @module
 */
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { html } from "../html.ts";
import { plotlyScript } from "../figures/plotly_script.ts";
import type { ReportInput } from "./report_input.ts";
import { framedPage } from "./page_frame.ts";
import { accountSection } from "./sections/account.ts";
import { analysisSection } from "./sections/analysis.ts";
import { comparisonSection } from "./sections/comparison.ts";
import { costSection } from "./sections/costs.ts";
import { deploymentSection } from "./sections/deployment.ts";
import { picturesSection } from "./sections/pictures.ts";
import { recipeSection } from "./sections/recipe.ts";
import { selectionSection } from "./sections/selection.ts";
import type { Section } from "./sections/section.ts";
import { count } from "../format.ts";
import { stagesSection } from "./sections/stages.ts";
import { segmentationSection } from "./sections/segmentation.ts";
import { summary } from "./sections/summary.ts";
import { trainingSection } from "./sections/training.ts";

/** The sections of a page, in order. */
const sections: readonly ((input: ReportInput) => Section | undefined)[] = [
  comparisonSection,
  deploymentSection,
  costSection,
  accountSection,
  picturesSection,
  segmentationSection,
  analysisSection,
  ({ selection }) => selection && selectionSection(selection),
  stagesSection,
  trainingSection,
  recipeSection,
];

/**
 * The page as HTML.
 *
 * @param options plotly: source of the plotting library, as by {@linkcode plotlyScript}; it is part of the page.
 *
 * @example
 * ```ts
 * import { defineRecipe } from "@hashigo/hashigo";
 * import { renderReport } from "@hashigo/hashigo/report";
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
  const shown = sections.flatMap((section) => section(input) ?? []);
  return framedPage({
    title: input.recipe.name,
    head: summary(input),
    sections: shown,
    foot: [
      originLines(input).map((line) => html`<p>${line}</p>`),
      input.quarantined
        ? html`<p>${count(input.quarantined, "unreadable image")} replaced by a neighbour</p>`
        : undefined,
      input.excluded
        ? html`<p>${count(input.excluded, "unreadable image")} of the tasks left out</p>`
        : undefined,
      input.stateDigest ? html`<p>State ${input.stateDigest}</p>` : undefined,
      html`<p>Method: UNIC, Sariyildiz et al., ECCV 2024. Made with Hashigo.</p>`,
    ],
    plotly: options.plotly,
  });
}

/** Command, date, machine and versions of the run, as far as they were kept. */
function originLines({ origin }: ReportInput): string[] {
  if (origin === undefined) return ["By what command, when and where: not kept with this run."];
  const { command, date, machine, versions } = origin;
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `Command: ${command}`,
    `Begun ${date.slice(0, 16).replace("T", " ")} UTC on ${machine}; ${programs.join(", ")}`,
  ];
}

/**
 * Writes the page, whole or not at all.
 *
 * @throws {UserError} Where the file cannot be written.
 *
 * @example
 * ```ts ignore
 * await writeReport("runs/digits/report.html", input);
 * ```
 */
export async function writeReport(path: string, input: ReportInput): Promise<void> {
  await writeFileAtomic(path, renderReport(input, { plotly: await plotlyScript() }));
}
