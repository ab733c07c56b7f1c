/** Section of a page: which teachers to take, what each adds and costs, and what each has of its own. */
import type { Selection } from "../../../evaluation/selection/selection.ts";
import { complementFigure } from "../../figures/complement_figure.ts";
import { namedTheme } from "../../figures/named_theme.ts";
import { count } from "../../format.ts";
import { html } from "../../html.ts";
import {
  ruleCells,
  ruleHeader,
  selectionSentences,
  stepCells,
  stepHeader,
} from "../../tables/selection_table.ts";
import { figurePlace, framed, type Section, table } from "./section.ts";

/** The order, the complements, and the rules beside it. */
export function selectionSection(selection: Selection): Section {
  const rows = (cells: readonly (readonly string[])[]) =>
    cells.map(([first = "", ...rest]) =>
      html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`
    );
  const described = "Part of each teacher's features that another's do not predict";
  return {
    markup: framed(
      "Which teachers",
      selectionSentences(selection).map((sentence) => html`<p>${sentence}</p>`),
      html`
        <div class="card scroll">
          ${table(stepHeader(selection), rows(stepCells(selection)))}
          <p class="note">${methodOf(selection)}</p>
        </div>
        <div class="card">
          <h3>What each has of its own</h3>
          ${figurePlace("complements", described)}
          <p class="note">1 - R² of ridge regression on ${count(
            selection.images.heldOut,
            "held-out image",
          )} of
          ${selection.images.name}, fitted on ${selection.images
            .learnt} others; no labels are used.</p>
        </div>
        <div class="card scroll">
          <h3>Beside simple rules</h3>
          ${table(ruleHeader(selection), rows(ruleCells(selection)))}
        </div>
      `,
    ),
    figures: { complements: complementFigure(selection, { theme: namedTheme }) },
  };
}

/** How it was measured, in words. */
function methodOf({ by, probe, tasks, costWeight, unit, budget, canvas }: Selection): string {
  const probes = {
    knn: "votes of neighbours",
    linear: "ridge regression",
    both: "the mean of votes of neighbours and ridge regression",
  };
  const worth = by === "labels"
    ? `A set is worth what ${
      probes[probe ?? "both"]
    } on its joined features gets right, by cross-validation on ` +
      `${tasks.map(({ name, images }) => `${count(images, "train image")} of ${name}`).join(", ")}`
    : "A set is worth the mean R² of all teachers' features from its own, on held-out images";
  return `${worth}, at ${canvas} px` +
    (costWeight === 0 ? "" : `, less ${costWeight} points for each ${unit}`) +
    (budget === null ? "" : `, within ${budget} ${unit}`) +
    ". Intervals are over images; they do not know that the best of several gains was taken.";
}
