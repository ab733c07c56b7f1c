/** A document without a browser in which plotly draws: jsdom, told how large everything is. */
import { plotlyScript } from "../figures/plotly_script.ts";
import { type Box, boxOf, boxOnPage, type SvgElement } from "./svg_boxes.ts";
import { textWidth } from "./text_widths.ts";

/** The part of the document's window that is used here. */
export interface PlotlyWindow {
  readonly Plotly: { toImage(figure: unknown, options: unknown): Promise<string> };
}

/** The part of a canvas that is used here. */
interface DrawnCanvas {
  readonly width: number;
  readonly height: number;
}

/** Shared by all figures, since opening it takes two seconds. */
let opened: Promise<PlotlyWindow> | undefined;

/** The window, opened once. */
export function plotlyWindow(): Promise<PlotlyWindow> {
  return opened ??= openPlotly();
}

async function openPlotly(): Promise<PlotlyWindow> {
  // Loaded here, because it takes as long to load as all else together.
  const { JSDOM, VirtualConsole } = await import("jsdom");
  const { window } = new JSDOM("<div></div>", {
    runScripts: "outside-only",
    pretendToBeVisual: true,
    virtualConsole: new VirtualConsole(), // silent: plotly remarks on what jsdom lacks
  });
  window.SVGElement.prototype.getBBox = function (this: SvgElement) {
    return sides(boxOf(this, textWidth));
  };
  window.SVGElement.prototype.getBoundingClientRect = function (this: SvgElement) {
    return sides(boxOnPage(this, textWidth));
  };
  window.SVGElement.prototype.getComputedTextLength = function (this: SvgElement) {
    return sides(boxOf(this, textWidth)).width;
  };
  paintCanvasesAsSvg(window.HTMLCanvasElement.prototype);
  window.URL.createObjectURL = () => "blob:none";
  window.matchMedia = () => ({ matches: false, addListener() {}, addEventListener() {} });
  window.eval(await plotlyScript());
  return window;
}

/** A box in every form in which it is asked for. */
function sides({ left, top, right, bottom }: Box = { left: 0, top: 0, right: 0, bottom: 0 }) {
  return {
    ...{ left, top, right, bottom },
    ...{ x: left, y: top, width: right - left, height: bottom - top },
  };
}

/** Plotly paints heat maps into a canvas, cell by cell; here the cells become rectangles of an SVG. */
function paintCanvasesAsSvg(canvas: { getContext: unknown; toDataURL: unknown }): void {
  const painted = new WeakMap<object, string[]>();
  canvas.getContext = function (this: object) {
    const cells = painted.get(this) ?? [];
    painted.set(this, cells);
    return {
      fillStyle: "",
      fillRect(x: number, y: number, width: number, height: number) {
        cells.push(
          `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${this.fillStyle}"/>`,
        );
      },
      measureText: (text: string) => ({
        width: textWidth(text, 12, { family: "sans-serif", bold: false }),
      }),
      getImageData: () => ({ data: [0, 0, 0, 0] }),
    };
  };
  canvas.toDataURL = function (this: DrawnCanvas) {
    const { width, height } = this;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
      `${(painted.get(this) ?? []).join("")}</svg>`;
    return `data:image/svg+xml;base64,${btoa(svg)}`;
  };
}
