/** What all figures share. */
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
  readonly theme?: Theme;
  /** Models in order, with their roles: they set the colours. Default: every name is a teacher. */
  readonly models?: readonly (readonly [name: string, role: ModelRole])[];
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

/** A quiet axis. */
export function axis(theme: Theme, title: string): { readonly [attribute: string]: unknown } {
  return {
    ...(title === ""
      ? {}
      : { title: { text: title, font: { size: 12, color: theme.muted }, standoff: 10 } }),
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

/** plotly reads a little HTML in labels, and names come from outside. */
export function escapeLabel(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
