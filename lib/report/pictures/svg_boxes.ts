/** Boxes around elements of an SVG, for documents that lay nothing out. */
import type { LetterStyle } from "./text_widths.ts";

/** Edges of a box, in px. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The part of an element that is looked at. */
export interface SvgElement {
  readonly tagName: string;
  readonly textContent: string | null;
  readonly childNodes: ArrayLike<SvgElement>;
  readonly parentNode: SvgElement | null;
  readonly style?: { getPropertyValue(name: string): string } | undefined;
  getAttribute?(name: string): string | null;
}

/** Width of a line of text. */
export type MeasureText = (text: string, size: number, style: LetterStyle) => number;

/** `[a, b, c, d, e, f]` of a transform, as SVG writes them. */
type Matrix = readonly [number, number, number, number, number, number];

const identity: Matrix = [1, 0, 0, 1, 0, 0];

/** Heights of letters above and below the line, in em: those of most fonts without serifs. */
const [ascent, descent] = [0.93, 0.24];

/** The box of an element in its own coordinates, without its own transform; `undefined` around nothing. */
export function boxOf(element: SvgElement, measure: MeasureText): Box | undefined {
  const number = (name: string) => parseFloat(element.getAttribute?.(name) ?? "") || 0;
  switch (element.tagName) {
    case "text":
      return textBox(element, measure);
    case "rect":
    case "image": {
      const [left, top] = [number("x"), number("y")];
      return { left, top, right: left + number("width"), bottom: top + number("height") };
    }
    case "path":
      return around(pathPoints(element.getAttribute?.("d") ?? ""));
    case "circle": {
      const [x, y, r] = [number("cx"), number("cy"), number("r")];
      return { left: x - r, top: y - r, right: x + r, bottom: y + r };
    }
    case "line":
      return around([[number("x1"), number("y1")], [number("x2"), number("y2")]]);
    case "g":
    case "a":
    case "svg":
      return childrenBox(element, measure);
    default:
      return undefined;
  }
}

/** The box of an element on its page: all transforms around it applied. */
export function boxOnPage(element: SvgElement, measure: MeasureText): Box | undefined {
  let box = boxOf(element, measure);
  for (let at: SvgElement | null = element; at?.getAttribute && box; at = at.parentNode) {
    box = transformed(box, matrixOf(at));
  }
  return box;
}

function childrenBox(element: SvgElement, measure: MeasureText): Box | undefined {
  const boxes = Array.from(element.childNodes).flatMap((child) => {
    if (styleOf(child, "display") === "none") return [];
    const box = boxOf(child, measure);
    return box === undefined ? [] : [transformed(box, matrixOf(child))];
  });
  return union(boxes);
}

/** A text with its lines, each of which may have parts of other weights and sizes. */
function textBox(element: SvgElement, measure: MeasureText): Box | undefined {
  const lines = Array.from(element.childNodes).filter((child) =>
    child.getAttribute?.("class")?.split(" ").includes("line")
  );
  const boxes = (lines.length > 0 ? lines : [element]).map((line) => {
    const place = (name: string) =>
      parseFloat(line.getAttribute?.(name) ?? element.getAttribute?.(name) ?? "") || 0;
    const size = fontSize(line);
    const width = runWidth(line, measure);
    const left = place("x") - width * anchorShare(element);
    const y = place("y") + (line === element ? 0 : lengthOf(line.getAttribute?.("dy") ?? "", size));
    return { left, right: left + width, top: y - ascent * size, bottom: y + descent * size };
  });
  return union(boxes.filter(({ left, right }) => right > left));
}

/** Width of a text with all its parts. */
function runWidth(element: SvgElement, measure: MeasureText): number {
  let width = 0;
  for (const child of Array.from(element.childNodes)) {
    if (child.getAttribute) width += runWidth(child, measure);
    else {
      const weight = inherited(element, "font-weight");
      const bold = weight === "bold" || Number(weight) >= 600;
      const family = inherited(element, "font-family") ?? "sans-serif";
      width += measure(child.textContent ?? "", fontSize(element), { family, bold });
    }
  }
  return width;
}

function anchorShare(element: SvgElement): number {
  const anchor = inherited(element, "text-anchor");
  return anchor === "middle" ? 0.5 : anchor === "end" ? 1 : 0;
}

/** Size of the letters in px, through sizes in em and percent. */
function fontSize(element: SvgElement): number {
  const own = styleOf(element, "font-size");
  const around = () => element.parentNode?.getAttribute ? fontSize(element.parentNode) : 12;
  return own ? lengthOf(own, /em|%/.test(own) ? around() : 1) : around();
}

/** A length such as "12px", "1.3em" or "70%". */
function lengthOf(text: string, em: number): number {
  const value = parseFloat(text) || 0;
  return text.endsWith("em") ? value * em : text.endsWith("%") ? value / 100 * em : value;
}

function styleOf(element: SvgElement, name: string): string | undefined {
  return element.style?.getPropertyValue(name) || element.getAttribute?.(name) || undefined;
}

function inherited(element: SvgElement, name: string): string | undefined {
  return styleOf(element, name) ??
    (element.parentNode?.getAttribute ? inherited(element.parentNode, name) : undefined);
}

/** Places that a path goes through, or bends towards. */
function pathPoints(path: string): [number, number][] {
  const points: [number, number][] = [];
  let [x, y] = [0, 0];
  for (const [, command = "", rest = ""] of path.matchAll(/([a-zA-Z])([^a-zA-Z]*)/g)) {
    const numbers = (rest.match(/-?(?:\d*\.)?\d+\.?(?:e-?\d+)?/g) ?? []).map(Number);
    const [kind, relative] = [command.toUpperCase(), command !== command.toUpperCase()];
    const size = { H: 1, V: 1, Q: 4, S: 4, C: 6, A: 7 }[kind] ?? 2;
    for (let i = 0; i + size <= numbers.length; i += size) {
      const [fromX, fromY] = relative ? [x, y] : [0, 0];
      if (kind === "H") x = fromX + numbers[i]!;
      else if (kind === "V") y = fromY + numbers[i]!;
      else {
        // Of an arc only its end counts, of a curve also the places that it bends towards.
        for (let k = kind === "A" ? size - 2 : 0; k < size; k += 2) {
          [x, y] = [fromX + numbers[i + k]!, fromY + numbers[i + k + 1]!];
          points.push([x, y]);
        }
      }
      points.push([x, y]);
    }
  }
  return points;
}

/** The matrix of an element's `transform`, and of the place of an SVG within another. */
function matrixOf(element: SvgElement): Matrix {
  let matrix: Matrix = identity;
  const text = element.getAttribute?.("transform") ?? "";
  for (const [, name = "", list = ""] of text.matchAll(/(\w+)\s*\(([^)]*)\)/g)) {
    const [a = 0, b, c, ...more] = list.split(/[\s,]+/).filter(Boolean).map(Number);
    if (name === "translate") matrix = product(matrix, [1, 0, 0, 1, a, b ?? 0]);
    else if (name === "scale") matrix = product(matrix, [a, 0, 0, b ?? a, 0, 0]);
    else if (name === "rotate") matrix = product(matrix, rotation(a, b ?? 0, c ?? 0));
    else if (name === "matrix") {
      const [d = 1, e = 0, f = 0] = more;
      matrix = product(matrix, [a, b ?? 0, c ?? 0, d, e, f]);
    }
  }
  return matrix;
}

function rotation(degrees: number, x: number, y: number): Matrix {
  const [cos, sin] = [Math.cos(degrees * Math.PI / 180), Math.sin(degrees * Math.PI / 180)];
  return [cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y];
}

function product(p: Matrix, q: Matrix): Matrix {
  return [
    p[0] * q[0] + p[2] * q[1],
    p[1] * q[0] + p[3] * q[1],
    p[0] * q[2] + p[2] * q[3],
    p[1] * q[2] + p[3] * q[3],
    p[0] * q[4] + p[2] * q[5] + p[4],
    p[1] * q[4] + p[3] * q[5] + p[5],
  ];
}

function transformed({ left, top, right, bottom }: Box, [a, b, c, d, e, f]: Matrix): Box {
  const corners = [[left, top], [right, top], [left, bottom], [right, bottom]] as const;
  return around(corners.map(([x, y]) => [a * x + c * y + e, b * x + d * y + f]))!;
}

function around(points: readonly (readonly [number, number])[]): Box | undefined {
  if (points.length === 0) return undefined;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return { left, top, right, bottom };
}

function union(boxes: readonly Box[]): Box | undefined {
  return around(
    boxes.flatMap(({ left, top, right, bottom }) => [[left, top], [right, bottom]] as const),
  );
}
