/** Widths of letters, measured by drawing them with the library that draws the pictures. */
import sharp from "sharp";

/** How a text is written. */
export interface LetterStyle {
  /** As in a style sheet: "Inter, sans-serif". */
  readonly family: string;
  /** Whether it is bold. */
  readonly bold: boolean;
}

/** Letters that plotly writes of its own accord: numbers, powers, units, months. */
const always = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("") +
  "−–×µ…·±";

/** Size at which letters are drawn to be measured, in px, and how often each is repeated. */
const [drawnSize, repeats] = [32, 4];

/** Lines in one drawing: it must not be higher than 32,767 pixels. */
const linesAtOnce = 400;

/** Widths in em by family, weight and letter; `undefined` stands for no font on this machine. */
const known = new Map<string, number>();

/** Width of letters that were not measured, in em: a little more than most have. */
const assumed = 0.65;

const keyOf = (letter: string, { family, bold }: LetterStyle) => `${bold} ${family}\n${letter}`;

/**
 * Measures all letters of a text that have not been measured, so that {@linkcode textWidth} is right.
 *
 * @returns Whether this machine has a font at all.
 */
export async function measureLetters(text: string, families: Iterable<string>): Promise<boolean> {
  const letters = new Set(always + text.replaceAll(/\p{Cc}/gu, ""));
  const styles = [...families].flatMap((
    family,
  ) => [{ family, bold: false }, { family, bold: true }]);
  const wanted = styles.flatMap((style) => [...letters].map((letter) => ({ letter, style })))
    .filter(({ letter, style }) => !known.has(keyOf(letter, style)));
  for (let i = 0; i < wanted.length; i += linesAtOnce) {
    const batch = wanted.slice(i, i + linesAtOnce);
    const frames = styles.map((style) => ({ letter: "", style }));
    const edges = await rightEdges([...frames, ...batch]);
    const frameOf = new Map(frames.map(({ style }, k) => [keyOf("", style), edges[k]!]));
    batch.forEach(({ letter, style }, k) => {
      const width = edges[frames.length + k]! - frameOf.get(keyOf("", style))!;
      known.set(keyOf(letter, style), Math.max(0, width / repeats / drawnSize));
    });
  }
  return [...styles].every((style) => (known.get(keyOf("0", style)) ?? 0) > 0);
}

/** Width of a line of text of that size, in px. */
export function textWidth(text: string, size: number, style: LetterStyle): number {
  let width = 0;
  for (const letter of text) width += known.get(keyOf(letter, style)) ?? assumed;
  return width * size;
}

/**
 * Where the ink of each line ends, in px. Each letter stands between two strokes: the difference to the strokes
 * alone is its width with the white around it.
 */
async function rightEdges(
  lines: readonly { readonly letter: string; readonly style: LetterStyle }[],
): Promise<number[]> {
  const [rowHeight, width] = [48, 64 + 2 * drawnSize * (repeats + 1)];
  const text = ({ letter, style }: typeof lines[number], i: number) =>
    `<text xml:space="preserve" x="2" y="${rowHeight * i + 36}" font-size="${drawnSize}" ` +
    `font-family="${escaped(style.family)}" font-weight="${style.bold ? "bold" : "normal"}">` +
    `|${escaped(letter).repeat(repeats)}|</text>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" ` +
    `height="${rowHeight * lines.length}">${lines.map(text).join("")}</svg>`;
  const { data, info } = await sharp(new TextEncoder().encode(svg)).extractChannel("alpha").raw()
    .toBuffer({ resolveWithObject: true });
  return lines.map((_, i) => {
    const rows = data.subarray(info.width * rowHeight * i, info.width * rowHeight * (i + 1));
    let edge = 0;
    for (let at = 0; at < rows.length; at++) {
      if (rows[at]! > 127) edge = Math.max(edge, at % info.width + 1);
    }
    return edge;
  });
}

/** Text as the content or an attribute of an element. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
