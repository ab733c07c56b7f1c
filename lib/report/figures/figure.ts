/** The type of figures, their options, and the layout that they share. */
import { legendHeight } from "./labels.ts";
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

/**
 * Layout without a frame, legend above, on the page's own background. So high that names leave more than half of it
 * to the plot.
 *
 * @param entries Names in the legend.
 * @param below Height of names below the axis, beyond that of one line, in px.
 */
export function baseLayout(
  theme: Theme,
  entries: readonly string[] = [],
  below = 0,
): { readonly [attribute: string]: unknown } {
  return {
    height: Math.max(340, Math.round(2.8 * (68 + legendHeight(entries) + below))),
    margin: { l: 56, r: 12, t: 44, b: 44 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: {
      family: 'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", sans-serif',
      size: 13,
      color: theme.ink,
    },
    legend: {
      orientation: "h",
      x: 0,
      xanchor: "left",
      y: 1.06,
      yanchor: "bottom",
      tracegroupgap: 0,
    },
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

/** An axis of names below a figure, turned by an angle in degrees. */
export function nameAxis(
  theme: Theme,
  tickangle: number,
): { readonly [attribute: string]: unknown } {
  return {
    ...axis(theme, ""),
    type: "category",
    tickangle,
    tickfont: { size: 13, color: theme.ink },
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

/**
 * How many of the names before each have its colour: there are fewer colours than models may come, and dashes or
 * hatching then tell them apart.
 */
export function repeatsOf(colours: ReadonlyMap<string, string>): Map<string, number> {
  const counts = new Map<string, number>();
  return new Map([...colours].map(([name, colour]) => {
    const before = counts.get(colour) ?? 0;
    counts.set(colour, before + 1);
    return [name, before];
  }));
}

/** The hatching of bars whose colour was there `repeat` times before. */
export function barPattern(repeat: number): string {
  return cycle(["", "/", "x", "."], repeat);
}

/** A line through its points; one point alone would not be seen as a line. */
export function lineMode(points: readonly unknown[]): string {
  return points.length > 1 ? "lines" : "markers";
}

/** The figure, with words where nothing was measured: bare axes look like a fault. */
export function notedWhereEmpty(figure: Figure, theme: Theme): Figure {
  const values = figure.data.flatMap(({ y, z }) => [y, z].flat(2));
  if (values.some((value) => typeof value === "number" && Number.isFinite(value))) return figure;
  return {
    data: figure.data,
    layout: {
      ...figure.layout,
      ...Object.fromEntries(
        Object.entries(figure.layout).filter(([name]) => /^[xy]axis/.test(name)).map((
          [name, axis],
        ) => [name, axis && { ...axis, visible: false }]),
      ),
      annotations: [{
        text: "nothing was measured yet",
        showarrow: false,
        ...{ xref: "paper", yref: "paper", x: 0.5, y: 0.5 },
        font: { size: 13, color: theme.muted },
      }],
    },
  };
}

function cycle(list: readonly string[], place: number): string {
  return list[place % list.length]!;
}
