/** A matrix of numbers as colours, with the numbers in the cells. */
import { baseLayout, escapeLabel, type Figure } from "./figure.ts";
import type { Theme } from "./theme.ts";

/** A matrix with names and colours. */
export interface HeatMapInput {
  /** Names of the rows, from the top. */
  readonly rows: readonly string[];
  /** Names of the columns, from the left. */
  readonly columns: readonly string[];
  /** `[rows][columns]`; null leaves a cell empty. */
  readonly values: readonly (readonly (number | null)[])[];
  /** Colours that darken from zero on, or one colour above zero and one below. */
  readonly scale: "from zero" | "around zero";
  /** Value of the strongest colour. Default: the largest, without its sign. */
  readonly highest?: number | undefined;
  /** Decimals in the cells. */
  readonly digits: number;
  /** What the colours mean. */
  readonly title: string;
}

/**
 * A heat map as a plotly value. Colours differ in lightness, so that they stay apart for colour-blind
 * eyes and in grey; cells have the number written in them. Names of rows and columns are never cut.
 */
export function heatMap(input: HeatMapInput, theme: Theme): Figure {
  const { rows, columns, values, scale, digits, title } = input;
  const largest = Math.max(...values.flat().map((value) => Math.abs(value ?? 0)), 0);
  const highest = input.highest ?? (largest > 0 ? largest : 1);
  const tickfont = { size: 12, color: theme.ink };
  const labels = (names: readonly string[]) => ({
    // By number, since two models may have the same name.
    tickvals: names.map((_, i) => i),
    ticktext: names.map(escapeLabel),
    tickfont,
    showgrid: false,
    zeroline: false,
    automargin: true,
    ticks: "",
  });
  return {
    data: [{
      type: "heatmap",
      x: columns.map((_, i) => i),
      y: rows.map((_, i) => i),
      z: values,
      text: values.map((row) => row.map((value) => value === null ? "" : value.toFixed(digits))),
      texttemplate: "%{text}",
      customdata: rows.map((row) =>
        columns.map((column) => `${escapeLabel(row)}, ${escapeLabel(column)}`)
      ),
      hovertemplate: "%{customdata}: %{text}<extra></extra>",
      hoverongaps: false,
      colorscale: scale === "from zero" ? sequential(theme) : diverging(theme),
      zmin: scale === "from zero" ? 0 : -highest,
      zmax: highest,
      zmid: scale === "around zero" ? 0 : undefined,
      xgap: 2,
      ygap: 2,
      colorbar: {
        title: { text: title, side: "right", font: { size: 12, color: theme.muted } },
        tickfont: { size: 12, color: theme.muted },
        thickness: 12,
        outlinewidth: 0,
      },
    }],
    layout: {
      ...baseLayout(theme),
      height: 130 + 30 * rows.length,
      margin: { l: 12, r: 12, t: 12, b: 12 },
      xaxis: { ...labels(columns), side: "top", tickangle: columns.length > 4 ? -45 : 0 },
      yaxis: { ...labels(rows), autorange: "reversed" },
    },
  };
}

type Scale = readonly (readonly [number, string])[];

function sequential(theme: Theme): Scale {
  return [[0, theme.faint], [1, theme.teachers[0] ?? theme.ink]];
}

/** Orange below zero, blue above. */
function diverging(theme: Theme): Scale {
  const [above = theme.ink, below = theme.muted] = theme.teachers;
  return [[0, below], [0.5, theme.faint], [1, above]];
}
