/** Figures as pictures, without a browser: plotly in a document of jsdom's, its SVG rasterised by sharp. */
import sharp from "sharp";
import type { Figure } from "../figures/figure.ts";
import { plotlyWindow } from "./plotly_window.ts";
import { measureLetters } from "./text_widths.ts";

/** Size of a picture. */
export interface PictureSize {
  /** In px. Default 760. */
  readonly width?: number | undefined;
  /** In px. Default the figure's own, or 340. */
  readonly height?: number | undefined;
}

/**
 * The figure as a PNG on white. The first takes about two seconds, further ones a tenth of that. Letters are as wide
 * as in the fonts of this machine; where it has none, a warning says that there will be no text.
 *
 * @param options width and height in pixels, default 760 and the figure's own; scale: pixels of the picture for each
 *   of them, default 2.
 *
 * @example
 * ```ts
 * import { figurePng } from "@hashigo/hashigo/report";
 * const png = await figurePng({ data: [{ x: [1, 2], y: [3, 4] }], layout: { height: 200 } });
 * if (png[1] !== 0x50 || png[2] !== 0x4e) throw new Error("PNG");
 * ```
 */
export async function figurePng(
  figure: Figure,
  options: PictureSize & { readonly scale?: number | undefined } = {},
): Promise<Uint8Array> {
  const { scale = 2 } = options;
  const svg = await figureSvg(figure, options);
  return await sharp(new TextEncoder().encode(svg), { density: 72 * scale }).png().toBuffer();
}

/** The figure as an SVG, on white unless its layout names other grounds. */
export async function figureSvg(
  { data, layout }: Figure,
  options: PictureSize = {},
): Promise<string> {
  const layoutHeight = typeof layout.height === "number" ? layout.height : 340;
  const { width = 760, height = layoutHeight } = options;
  const text = JSON.stringify([data, layout]);
  if (!await measureLetters(text, familiesIn(layout))) warnOfNoFont();
  const { Plotly } = await plotlyWindow();
  const drawn = { ...layout, ...onWhite(layout), width, height };
  return await Plotly.toImage(
    // A copy, because plotly writes its defaults into its arguments.
    structuredClone({ data, layout: drawn }),
    { format: "svg", imageDataOnly: true, width, height },
  );
}

const plotlyFamily = '"Open Sans", verdana, arial, sans-serif';

/** Every family of letters that is named anywhere in a layout, and plotly's own. */
function familiesIn(layout: Figure["layout"]): Set<string> {
  const families = new Set([plotlyFamily]);
  JSON.stringify(layout, (name, value) => {
    if (name === "family" && typeof value === "string") families.add(value);
    return value;
  });
  return families;
}

function onWhite(layout: Figure["layout"]) {
  const ground = (name: string) => {
    const colour = layout[name];
    return typeof colour === "string" && !colour.startsWith("rgba(0,0,0,0") ? colour : "#ffffff";
  };
  return { paper_bgcolor: ground("paper_bgcolor"), plot_bgcolor: ground("plot_bgcolor") };
}

let warned = false;

function warnOfNoFont(): void {
  if (warned) return;
  warned = true;
  console.warn(
    "warning: pictures of figures will have no text: found no font on this machine. Install one, such as by " +
      "apt-get install fontconfig fonts-dejavu-core.",
  );
}
