/** The type of figures, their options, and the layout that they share. */
import { lightTheme, modelColours, type ModelRole, type Theme } from "./theme.ts";

/** A figure as plotly takes it. */
export interface Figure {
  /** Traces. */
  readonly data: readonly { readonly [attribute: string]: unknown }[];
  /** Axes, legend, size. */
  readonly layout: { readonly [attribute: string]: unknown };
}

/** Options of every figure. */
export interface FigureOptions {
  /** Default {@linkcode lightTheme}. */
  readonly theme?: Theme | undefined;
  /** Models in order, with their roles: they set the colours. Default: every name is a teacher. */
  readonly models?: readonly (readonly [name: string, role: ModelRole])[] | undefined;
}

/** Colours of the named models under the options of a figure. */
export function coloursOf(names: readonly string[], options: FigureOptions): Map<string, string> {
  const models = options.models ?? names.map((name) => [name, "teacher"] as const);
  return modelColours(models, options.theme ?? lightTheme);
}

/** Layout without a frame, legend above, on the page's own background. */
export function baseLayout(theme: Theme): { readonly [attribute: string]: unknown } {
  return {
    height: 340,
    margin: { l: 56, r: 12, t: 44, b: 44 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: {
      family: 'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", sans-serif',
      size: 13,
      color: theme.ink,
    },
    legend: { orientation: "h", x: 0, xanchor: "left", y: 1.06, yanchor: "bottom" },
    hovermode: "closest",
  };
}

/** A quiet axis; an empty title takes no room. */
export function axis(theme: Theme, title: string): { readonly [attribute: string]: unknown } {
  return {
    title: title === ""
      ? undefined
      : { text: title, font: { size: 12, color: theme.muted }, standoff: 10 },
    // Ticks that are not seen keep the labels off the axis.
    ticks: "outside",
    ticklen: 5,
    tickcolor: "rgba(0,0,0,0)",
    tickfont: { size: 12, color: theme.muted },
    gridcolor: theme.faint,
    zerolinecolor: theme.faint,
    automargin: true,
  };
}

/** An axis of percentages from zero on. */
export function percentAxis(
  theme: Theme,
  title: string,
): { readonly [attribute: string]: unknown } {
  return { ...axis(theme, title), rangemode: "tozero", ticksuffix: " %" };
}

/** The symbol of the `place`-th line of a figure, so that lines stay apart without colours. */
export function lineSymbol(place: number): string {
  return cycle(
    ["circle", "square", "diamond", "triangle-up", "x", "cross", "star", "pentagon"],
    place,
  );
}

/** The dash of the `place`-th line of a figure, so that lines stay apart without colours. */
export function lineDash(place: number): string {
  return cycle(["solid", "dash", "dot", "dashdot"], place);
}

function cycle(list: readonly string[], place: number): string {
  return list[place % list.length]!;
}

/** Text of a label: plotly reads a little HTML there, and names come from outside. */
export function escapeLabel(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
