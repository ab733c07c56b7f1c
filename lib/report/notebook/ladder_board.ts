/** The ladder of projectors as a drawing. */
import sharp from "sharp";
import { percent } from "../format.ts";
import { html, type Markup } from "../html.ts";
import { lightTheme } from "../figures/theme.ts";
import { jupyterDisplay, notebookPicture, type NotebookView } from "./view.ts";

/** What {@linkcode ladderBoard} draws, as `measureRungs` measures it. */
export interface LadderRungs {
  /** Blocks with a rung, counted from 1. */
  readonly blocks: readonly number[];
  /** By teacher: the share of each rung in its prediction. */
  readonly teachers: readonly { readonly teacher: string; readonly shares: readonly number[] }[];
}

/** Sizes in px: of boxes, of the gap between blocks, and where both columns begin. */
const [boxWidth, boxHeight, blockStep, teacherLeft, top] = [150, 30, 64, 560, 44];

/**
 * The blocks of a student below one another as they follow, its teachers beside them, and a rung from each block to
 * each teacher, as thick as its share in the prediction of that teacher.
 *
 * @example
 * ```ts
 * import { jupyterDisplay, ladderBoard } from "@hashigo/hashigo/notebook";
 * const board = ladderBoard({ blocks: [1, 2], teachers: [{ teacher: "a", shares: [0.25, 0.75] }] });
 * const shown = await board[jupyterDisplay]();
 * if (shown["text/plain"] !== "a: block 1 25 %, block 2 75 %") throw new Error("In words");
 * ```
 */
export function ladderBoard(rungs: LadderRungs): NotebookView {
  const words = rungs.teachers.map(({ teacher, shares }) =>
    `${teacher}: ${
      shares.map((share, i) => `block ${rungs.blocks[i]} ${percent(share)}`).join(", ")
    }`
  );
  return {
    // Drawn when it is shown, like every view.
    [jupyterDisplay]: async () => {
      const svg = new TextEncoder().encode(draw(rungs));
      const png = await sharp(svg, { density: 144 }).png().toBuffer();
      return await notebookPicture(png, words.join("; "))[jupyterDisplay]();
    },
  };
}

function draw({ blocks, teachers }: LadderRungs): string {
  const height = top + blockStep * Math.max(blocks.length, teachers.length) + 34;
  const offset = (count: number) =>
    top + (blockStep * (Math.max(blocks.length, teachers.length) - count)) / 2;
  const yOf = (place: number, count: number) => offset(count) + blockStep * place + boxHeight / 2;
  const colour = (i: number) => lightTheme.teachers[i % lightTheme.teachers.length]!;
  const lines = teachers.flatMap(({ shares }, t) =>
    shares.map((share, b) => {
      const [from, to] = [yOf(b, blocks.length), yOf(t, teachers.length)];
      // Rungs of a block leave it one below the other, so that none hides another.
      const start = from + (t - (teachers.length - 1) / 2) * 5;
      return html`
        <path
          d="M${10 + boxWidth},${start} C${300},${start} ${420},${to} ${teacherLeft},${to}"
          fill="none" stroke="${colour(t)}" stroke-opacity="0.7" stroke-width="${Math.max(
            0.5,
            18 * share,
          ).toFixed(2)}" />
      `;
    })
  );
  const arrows = blocks.slice(1).map((_, b) => {
    const x = 10 + boxWidth / 2;
    const from = yOf(b, blocks.length) + boxHeight / 2;
    return html`
      <path d="M${x},${from} V${from + blockStep - boxHeight}" stroke="${lightTheme
        .muted}" stroke-width="1.5" />
    `;
  });
  const boxes = [
    ...blocks.map((block, b) => box(`block ${block}`, 10, yOf(b, blocks.length), lightTheme.ink)),
    ...teachers.map(({ teacher }, t) =>
      box(teacher, teacherLeft, yOf(t, teachers.length), colour(t))
    ),
  ];
  const width = teacherLeft + boxWidth + 40;
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="100%" height="100%" fill="#ffffff"/>
    ${caption("the student, from the image on", 10, 20)}
    ${caption("predictions of the teachers", teacherLeft, 20)}
    ${caption("A rung is as thick as its share in a prediction.", 10, height - 10)}
    ${lines}${arrows}${boxes}</svg>`.text;
}

function box(text: string, x: number, middle: number, colour: string): Markup {
  const shown = text.length > 22 ? `${text.slice(0, 12)}…${text.slice(-9)}` : text;
  return html`
    <rect x="${x}" y="${middle - boxHeight / 2}" width="${boxWidth +
      (x > 100 ? 24 : 0)}" height="${boxHeight}" rx="6" fill="#ffffff"
      stroke="${colour}" stroke-width="1.5" />
    <text x="${x + 10}" y="${middle + 4}" font-family="Inter, sans-serif" font-size="12"
      fill="${lightTheme.ink}">${shown}</text>
  `;
}

function caption(text: string, x: number, y: number): Markup {
  return html`
    <text x="${x}" y="${y}" font-family="Inter, sans-serif" font-size="12"
      fill="${lightTheme.muted}">${text}</text>
  `;
}
