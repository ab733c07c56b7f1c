/** Figures as pictures, without a browser: plotly in a document of jsdom's, its SVG rasterised by sharp. */
import sharp from "sharp";
import type { Figure } from "./figure.ts";
import { plotlyScript } from "./plotly_script.ts";

/** The part of the document's window that is used here. */
interface PlotlyWindow {
  eval(script: string): unknown;
  Plotly: { toImage(figure: unknown, options: unknown): Promise<string> };
}

/** The part of an element of the document that is used here. */
interface DrawnElement {
  readonly textContent: string | null;
}

/** The part of a canvas that is used here. */
interface DrawnCanvas {
  readonly width: number;
  readonly height: number;
}

/** Shared by all figures, since opening it takes two seconds. */
let opened: Promise<PlotlyWindow> | undefined;

/**
 * The figure as a PNG on white. The first takes about two seconds, further ones a tenth of that.
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
  { data, layout }: Figure,
  options: {
    readonly width?: number | undefined;
    readonly height?: number | undefined;
    readonly scale?: number | undefined;
  } = {},
): Promise<Uint8Array> {
  const layoutHeight = typeof layout.height === "number" ? layout.height : 340;
  const { width = 760, height = layoutHeight, scale = 2 } = options;
  const { Plotly } = await (opened ??= openPlotly());
  const white = { paper_bgcolor: "#ffffff", plot_bgcolor: "#ffffff" };
  const drawn = { ...withoutStandoff(layout), ...white, width, height };
  const svg = await Plotly.toImage(
    // A copy, because plotly writes its defaults into its arguments.
    structuredClone({ data, layout: drawn }),
    { format: "svg", imageDataOnly: true, width, height },
  );
  return await sharp(new TextEncoder().encode(svg), { density: 72 * scale }).png().toBuffer();
}

/**
 * The layout without the distance of axis titles from tick labels: plotly would have to measure labels, which
 * jsdom cannot; its default distance is from the axis.
 */
function withoutStandoff(layout: Figure["layout"]): Figure["layout"] {
  return Object.fromEntries(
    Object.entries(layout).map(([name, value]) => {
      if (!/^[xy]axis\d*$/.test(name) || typeof value !== "object" || value === null) {
        return [name, value];
      }
      const { title } = value as { readonly title?: { readonly standoff?: number } };
      if (typeof title !== "object") return [name, value];
      const { standoff: _, ...rest } = title;
      return [name, { ...value, title: rest }];
    }),
  );
}

/** A window with plotly in it, and estimates of the sizes that jsdom, which lays nothing out, cannot measure. */
async function openPlotly(): Promise<PlotlyWindow> {
  // Loaded here, because it takes as long to load as all else together.
  const { JSDOM, VirtualConsole } = await import("jsdom");
  const { window } = new JSDOM("<div></div>", {
    runScripts: "outside-only",
    pretendToBeVisual: true,
    virtualConsole: new VirtualConsole(), // silent: plotly remarks on estimated sizes
  });
  const widthOf = (text: string | null, size: number) => (text ?? "").length * size * 0.56;
  window.SVGElement.prototype.getBBox = function (this: DrawnElement) {
    const size = parseFloat(window.getComputedStyle(this).fontSize) || 12;
    return { x: 0, y: -size, width: widthOf(this.textContent, size), height: 1.2 * size };
  };
  window.SVGElement.prototype.getComputedTextLength = function (this: DrawnElement) {
    return widthOf(this.textContent, 12.5);
  };
  const boundingBox = function (this: { getBBox?(): Record<string, number> }) {
    const { x = 0, y = 0, width = 760, height = 340 } = this.getBBox?.() ?? {};
    return { x, y, width, height, left: x, top: y, right: x + width, bottom: y + height };
  };
  window.SVGElement.prototype.getBoundingClientRect = boundingBox;
  window.HTMLElement.prototype.getBoundingClientRect = boundingBox;
  // Plotly paints heat maps into a canvas, cell by cell; here the cells become rectangles of an SVG.
  const painted = new WeakMap<object, string[]>();
  window.HTMLCanvasElement.prototype.getContext = function (this: object) {
    const cells = painted.get(this) ?? [];
    painted.set(this, cells);
    return {
      fillStyle: "",
      fillRect(x: number, y: number, width: number, height: number) {
        cells.push(
          `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${this.fillStyle}"/>`,
        );
      },
      measureText: (text: string) => ({ width: widthOf(text, 12.5) }),
      getImageData: () => ({ data: [0, 0, 0, 0] }),
    };
  };
  window.HTMLCanvasElement.prototype.toDataURL = function (this: DrawnCanvas) {
    const { width, height } = this;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
      `${(painted.get(this) ?? []).join("")}</svg>`;
    return `data:image/svg+xml;base64,${btoa(svg)}`;
  };
  window.URL.createObjectURL = () => "blob:none";
  window.matchMedia = () => ({ matches: false, addListener() {}, addEventListener() {} });
  window.eval(await plotlyScript());
  return window;
}
