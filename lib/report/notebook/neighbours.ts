/** Which images are alike in the eyes of a model: neighbours as pictures. */
import sharp from "sharp";
import { featureExtractor } from "../../evaluation/features/pooled.ts";
import type { ClassificationTask } from "../../evaluation/tasks/task.ts";
import { encodePng, pngDataUrl } from "../../images/codec/encode.ts";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import { nearestNeighbours } from "../../metrics/probes/nearest_neighbours.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { percent } from "../format.ts";
import { html, Markup } from "../html.ts";
import { lightTheme } from "../figures/theme.ts";
import { notebookPicture, type NotebookView } from "./view.ts";

/** A network and what it is called in the picture. */
export interface NamedBackbone {
  /** Stands above its neighbours. */
  readonly name: string;
  /** Stays the caller's. */
  readonly backbone: Backbone;
}

/** Neighbours as a picture, and how often they are right. */
export interface NeighbourBoard {
  /** Test images, each with its neighbours by every model; those of its class are framed. */
  readonly view: NotebookView;
  /** By model: the share of the neighbours of all test images that are of the image's class, 0 to 1. */
  readonly sameClass: { readonly [model: string]: number };
}

/**
 * Test images of a task beside the train images that models find most like them, by the cosine of their CLS
 * tokens. Neighbours of another class have a dashed frame.
 *
 * @param options queries: test images in the picture, default 6; neighbours: of each, default 5.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo";
 * import { openModel, openTask } from "@hashigo/hashigo/evaluation";
 * import { neighbourBoard } from "@hashigo/hashigo/notebook";
 * await startEngine();
 * const task = await openTask("digits", { canvas: 32, limit: 40 });
 * if (task.kind !== "classification") throw new Error("Digits have one class each");
 * const { backbone } = await openModel("pixels");
 * const { sameClass } = await neighbourBoard(task, [{ name: "pixels", backbone }]);
 * if (!(sameClass.pixels! > 0.1)) throw new Error("More than by chance");
 * task.close();
 * ```
 */
export async function neighbourBoard(
  task: ClassificationTask,
  models: readonly NamedBackbone[],
  options: { readonly queries?: number | undefined; readonly neighbours?: number | undefined } = {},
): Promise<NeighbourBoard> {
  const { queries = 6, neighbours: k = 5 } = options;
  const count = Math.min(queries, task.test.count);
  // From all over the test images, which stand class by class.
  const shown = Array.from(
    { length: count },
    (_, i) => Math.floor((i + 0.5) * task.test.count / count),
  );
  const found = [];
  for (const { name, backbone } of models) {
    found.push({ name, indices: await neighboursOf(task, backbone, k) });
  }
  const sameClass = Object.fromEntries(found.map(({ name, indices }) => {
    const right = indices.filter((row, i) => isSame(task, Math.floor(i / k), row));
    return [name, right.length / indices.length];
  }));
  const blocks = found.map(({ name, indices }) => ({
    title: `${name}: ${percent(sameClass[name]!)} of its class`,
    rows: shown.map((test) => [...indices.subarray(test * k, (test + 1) * k)]),
  }));
  const png = await drawBoard(task, shown, blocks);
  const words = Object.entries(sameClass).map(([name, share]) => `${name} ${percent(share)}`);
  const description = `Nearest neighbours of ${count} images of ${task.name}; of the same class: ` +
    words.join(", ");
  return { view: notebookPicture(png, description), sameClass };
}

function isSame({ train, test }: ClassificationTask, image: number, neighbour: number): boolean {
  return neighbour >= 0 && train.labels[neighbour] === test.labels[image];
}

/** `[test images, k]`, rows of the train images. */
async function neighboursOf(
  { train, test }: ClassificationTask,
  backbone: Backbone,
  k: number,
): Promise<Int32Array> {
  const extractor = featureExtractor(backbone);
  try {
    const [bank, asked] = [await extractor.extract(train), await extractor.extract(test)];
    const features = (pooled: typeof bank) => (pooled.cls ?? pooled.patch)!;
    const parts = nearestNeighbours(features(bank), features(asked), { k, normalize: true });
    const indices = new Int32Array(test.count * k);
    for await (const { nearest, from } of parts) indices.set(nearest.indices, from * k);
    return indices;
  } finally {
    extractor.dispose();
  }
}

/** Side of a picture, gap between two, gap between two blocks and height of a title, in px. */
const [side, gap, blockGap, titleHeight] = [44, 6, 24, 24];

/** Draws the images with their neighbours, a block for each model. */
async function drawBoard(
  task: ClassificationTask,
  shown: readonly number[],
  blocks: readonly { readonly title: string; readonly rows: readonly number[][] }[],
): Promise<Uint8Array> {
  const step = side + gap;
  const parts: Markup[] = [titleOf("image", 0)];
  for (const [row, test] of shown.entries()) {
    const y = titleHeight + row * step;
    parts.push(await picture(task.test, test, { x: 0, y }));
    for (const [block, { rows }] of blocks.entries()) {
      for (const [column, train] of rows[row]!.entries()) {
        if (train < 0) continue;
        const x = step + blockGap + block * (rows[row]!.length * step + blockGap) + column * step;
        parts.push(await picture(task.train, train, { x, y, same: isSame(task, test, train) }));
      }
    }
  }
  const columns = blocks[0]?.rows[0]?.length ?? 0;
  const blockWidth = columns * step + blockGap;
  blocks.forEach(({ title }, block) =>
    parts.push(titleOf(title, step + blockGap + block * blockWidth))
  );
  const width = step + blockGap + blocks.length * blockWidth;
  const height = titleHeight + shown.length * step;
  const svg = html`
    <svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"
      viewBox="-4 0 ${width} ${height}">
        <rect x="-4" width="100%" height="100%" fill="#ffffff"/>${parts}</svg>
  `;
  return await sharp(new TextEncoder().encode(svg.text), { density: 144 }).png().toBuffer();
}

function titleOf(text: string, x: number): Markup {
  return html`
    <text x="${x}" y="14" font-family="Inter, sans-serif" font-size="12"
      fill="${lightTheme.ink}">${text}</text>
  `;
}

/** One image; neighbours have a frame that says by colour and dash whether they are of the class. */
async function picture(
  pack: ImagePack,
  image: number,
  { x, y, same }: { readonly x: number; readonly y: number; readonly same?: boolean | undefined },
): Promise<Markup> {
  const size = pack.canvas;
  const png = await encodePng(pack.read([image]), { rows: size, columns: size, enlarge: 3 });
  const [right, wrong] = [lightTheme.teachers[0]!, lightTheme.teachers[4]!];
  const frame = same === undefined ? undefined : html`
    <rect x="${x - 1}" y="${y - 1}" width="${side + 2}" height="${side + 2}" fill="none"
      stroke="${same ? right : wrong}" stroke-width="2" stroke-dasharray="${same
        ? "none"
        : "4 3"}" />
  `;
  return html`
    <image x="${x}" y="${y}" width="${side}" height="${side}"
      href="${pngDataUrl(png)}" />${frame}
  `;
}
