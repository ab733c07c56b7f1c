/** What is to be seen in the picture of a figure: how much of it is plot, and whether its labels can be read. */
import { JSDOM } from "jsdom";
import sharp from "sharp";
import type { Figure } from "../../../lib/report/figures/figure.ts";
import { figureSvg } from "../../../lib/report/pictures/figure_picture.ts";

/** Found in the pixels. */
export interface Examination {
  /** Share of the picture between the axes. */
  readonly plotShare: number;
  /** Pixels of labels that are cut, and of anything that would be drawn outside the picture. */
  readonly cutPixels: number;
  /** Pixels that belong to the letters of more than one label. */
  readonly overlappingPixels: number;
  /** Pixels of letters. */
  readonly letterPixels: number;
}

/** A colour that no figure has, of the ground between the axes. */
const ground = [255, 0, 254] as const;
const border = 150;

/** Draws the figure and looks. */
export async function examine({ data, layout }: Figure): Promise<Examination> {
  const svg = await figureSvg({ data, layout: { ...layout, plot_bgcolor: `rgb(${ground})` } });
  // A legend without room cuts its entries itself.
  const { letterPixels } = await letters(svg);
  const { letterPixels: unclipped, overlappingPixels } = await letters(withoutClips(svg));
  return {
    plotShare: await plotShare(svg),
    cutPixels: await cutPixels(withoutClips(svg)) + Math.max(0, unclipped - letterPixels),
    ...{ letterPixels, overlappingPixels },
  };
}

/** The same, with labels that nothing cuts. */
function withoutClips(svg: string): string {
  const { window } = new JSDOM(svg, { contentType: "image/svg+xml" });
  for (const group of window.document.querySelectorAll("[clip-path]")) {
    if (group.querySelector("text") !== null) group.removeAttribute("clip-path");
  }
  return window.document.documentElement.outerHTML;
}

async function raster(svg: string) {
  const { data, info } = await sharp(new TextEncoder().encode(svg)).flatten({ background: "#fff" })
    .removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

async function plotShare(svg: string): Promise<number> {
  const { data, width, height } = await raster(svg);
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let i = 0; i < width * height; i++) {
    if (!ground.every((value, k) => Math.abs(data[3 * i + k]! - value) < 12)) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
  }
  return Math.max(0, right - left) * Math.max(0, bottom - top) / (width * height);
}

/** Draws the picture with room around it: whatever is seen there is missing in the picture. */
async function cutPixels(svg: string): Promise<number> {
  const { window } = new JSDOM(svg, { contentType: "image/svg+xml" });
  const root = window.document.documentElement;
  const [width, height] = ["width", "height"].map((name) => Number(root.getAttribute(name)));
  root.setAttribute(
    "viewBox",
    `${-border} ${-border} ${width! + 2 * border} ${height! + 2 * border}`,
  );
  root.setAttribute("width", String(width! + 2 * border));
  root.setAttribute("height", String(height! + 2 * border));
  const { data, ...size } = await raster(root.outerHTML);
  let cut = 0;
  for (let i = 0; i < size.width * size.height; i++) {
    const [x, y] = [i % size.width - border, Math.floor(i / size.width) - border];
    const inside = x >= 0 && y >= 0 && x < width! && y < height!;
    if (!inside && data[3 * i]! + data[3 * i + 1]! + data[3 * i + 2]! < 3 * 200) cut++;
  }
  return cut;
}

/** Draws labels alone, each half transparent: where two lie upon one another it is darker. */
async function letters(svg: string) {
  const { window } = new JSDOM(svg, { contentType: "image/svg+xml" });
  const { document } = window;
  const root = document.documentElement;
  for (const element of document.querySelectorAll("path, rect, image, line, circle")) {
    if (element.closest("clipPath") === null) element.remove();
  }
  for (const text of document.querySelectorAll("text")) {
    for (const part of [text, ...text.querySelectorAll("tspan")]) {
      part.setAttribute(
        "style",
        `${part.getAttribute("style") ?? ""}; fill: #000; fill-opacity: 1`,
      );
    }
    text.setAttribute("opacity", "0.5");
    // Of a group too, so that letters of one label count once.
    text.setAttribute("style", `${text.getAttribute("style")}; opacity: 0.5`);
  }
  root.setAttribute("style", "background: #fff");
  const { data, width, height } = await raster(root.outerHTML);
  let [letterPixels, overlappingPixels] = [0, 0];
  for (let i = 0; i < width * height; i++) {
    if (data[3 * i]! < 180) letterPixels++;
    if (data[3 * i]! < 100) overlappingPixels++;
  }
  return { letterPixels, overlappingPixels };
}
