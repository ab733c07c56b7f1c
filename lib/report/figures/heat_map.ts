/** A matrix of numbers as colours, with the numbers in the cells. */
import { baseLayout, type Figure, notedWhereEmpty } from "./figure.ts";
import { escapeLabel, labelsOf } from "./labels.ts";
import type { Theme } from "./theme.ts";

/** A matrix with names and colours. */
export interface HeatMapInput {
  /** Names of the rows, from the top. */
  readonly rows: readonly string[];
  /** Names of the columns, from the left. */
  readonly columns: readonly string[];
  /** `[rows][columns]`; null, or what is no number, leaves a cell empty. */
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
 * eyes and in grey; cells have the number written in them. Names of rows and columns are never cut off.
 */
export function heatMap(input: HeatMapInput, theme: Theme): Figure {
  const { rows, columns, scale, digits } = input;
  const values = input.values.map((row) =>
    row.map((value) => Number.isFinite(value) ? value : null)
  );
  const largest = Math.max(...values.flat().map((value) => Math.abs(value ?? 0)), 0);
  const highest = input.highest ?? (largest > 0 ? largest : 1);
  const { tickangle, top, size } = columnLabels(columns);
  return notedWhereEmpty({
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
      colorbar: colourBar(input.title, theme),
    }],
    layout: {
      ...baseLayout(theme),
      height: Math.round(top + barHeight + cellsHeight(rows, top)),
      margin: { l: 12, r: 12, t: 12, b: 12 },
      xaxis: { ...nameAxis(columns, theme, size), side: "top", tickangle },
      yaxis: { ...nameAxis(rows, theme, 12), autorange: "reversed" },
    },
  }, theme);
}

/** An axis of names, placed by number, since two models may have the same name. */
function nameAxis(names: readonly string[], theme: Theme, size: number) {
  return {
    tickvals: names.map((_, i) => i),
    ticktext: labelsOf(names),
    tickfont: { size, color: theme.ink },
    ...{ showgrid: false, zeroline: false, automargin: true, ticks: "" },
  };
}

/** How the names of the columns stand above them, and about how high: upright where they are many. */
function columnLabels(columns: readonly string[]) {
  const longest = Math.max(1, ...labelsOf(columns).map((label) => label.length));
  // About 500 px are left for the columns.
  const room = 500 / Math.max(1, columns.length);
  if (7 * longest + 8 <= room) return { tickangle: 0, top: 24, size: 12 };
  const size = Math.max(6, Math.min(12, 0.7 * room));
  const upright = room < 24;
  const length = 0.58 * size * longest;
  return { tickangle: upright ? -90 : -45, top: (upright ? length : 0.71 * length) + 24, size };
}

/** Height of the colours' bar with its numbers and its title, in px. */
const barHeight = 80;

/** Height of all cells: at least 30 px for each, and as much as makes them half of a picture of 760 px. */
function cellsHeight(rows: readonly string[], top: number): number {
  const width = 720 - 7 * Math.max(0, ...labelsOf(rows).map((label) => label.length));
  const share = Math.min(0.8, 0.54 / (width / 760));
  return Math.max(30 * rows.length, share / (1 - share) * (top + barHeight));
}

/** Below the cells: beside them it would take width from them, which long names take already. */
function colourBar(title: string, theme: Theme) {
  return {
    title: { text: escapeLabel(title), side: "bottom", font: { size: 12, color: theme.muted } },
    tickfont: { size: 12, color: theme.muted },
    ...{ orientation: "h", yref: "container", y: 0, yanchor: "bottom", ypad: 6 },
    thickness: 10,
    outlinewidth: 0,
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
