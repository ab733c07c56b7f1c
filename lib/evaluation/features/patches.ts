/** Frozen patch tokens of many images. */
import * as tf from "@tensorflow/tfjs";
import type { PatchTokens } from "../../metrics/dense/patch_tokens.ts";
import type { Grid } from "../../nn/token_grid.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { UserError } from "../../errors/user_error.ts";
import { compileLazily } from "../../engine/compile_lazily.ts";
import type { DenseImages, DenseTask } from "../tasks/task.ts";

/** Tiles that a network sees at once. */
const batchSize = 36;

/** Tokens of both parts of a dense task. */
export interface TaskTokens {
  /** Of the images that heads learn from. */
  readonly train: PatchTokens;
  /** Of the images that are measured. */
  readonly test: PatchTokens;
}

/** Extracts the tokens of all images of a dense task, train images first. */
export async function extractTaskTokens(
  backbone: Backbone,
  task: DenseTask,
  onProgress?: (done: number, total: number) => void,
): Promise<TaskTokens> {
  const extractor = patchExtractor(backbone, task);
  const { train, test } = task, total = train.count + test.count;
  try {
    return {
      train: await extractor.extract(train, (done) => onProgress?.(done, total)),
      test: await extractor.extract(test, (done) => onProgress?.(train.count + done, total)),
    };
  } finally {
    extractor.dispose();
  }
}

/** A network that is compiled for the tiles of a dense task. */
export interface PatchExtractor {
  /** Grid of a whole image, all its tiles together. */
  readonly grid: Grid;
  /** Tokens of all images, `[images, rows * columns, width]`. */
  extract(images: DenseImages, onProgress?: (done: number) => void): Promise<PatchTokens>;
  /** Frees what was compiled; the network stays. */
  dispose(): void;
}

/**
 * Compiles a network for the tiles of a task's images. Each tile is seen by itself, at the network's
 * own input size, so that every network works at the size that it was trained at. A network without
 * patch tokens has one token for each tile.
 *
 * @throws {UserError} where tiles do not divide the canvas; from `extract`, where tokens are not finite, or not as many as the grid has.
 */
export function patchExtractor(
  backbone: Backbone,
  { canvas, tiles }: Pick<DenseTask, "canvas" | "tiles">,
): PatchExtractor {
  const tiling: Tiling = { canvas, tiles, side: canvas / tiles };
  if (!Number.isInteger(tiling.side)) {
    throw new UserError(
      `Cannot cut images of ${canvas} pixels into ${tiles} x ${tiles} equal tiles: expected a canvas ` +
        `that is a multiple of ${tiles}. Change canvas or tiles of the task`,
    );
  }
  const [rows, columns] = backbone.tokens.includes("patch") ? backbone.grid() : [1, 1];
  const compiled = compileLazily((pixels: tf.Tensor4D) => {
    const { patch, cls } = backbone.features(tf.div(pixels, 255));
    return patch ?? tf.expandDims<tf.Tensor3D>(cls!, 1);
  }, { mode: backbone.mode ?? "graph", name: `patches of ${backbone.name}` });
  const grid: Grid = [rows * tiles, columns * tiles];
  return {
    grid,
    async extract(images, onProgress) {
      const count = images.count * tiles * tiles;
      let [tokens, width] = [new Float32Array(), 0];
      for (let from = 0; from < count; from += batchSize) {
        const places = Array.from(
          { length: Math.min(batchSize, count - from) },
          (_, i) => from + i,
        );
        const output = await tokensOf(compiled, tilesAt(images, places, tiling), tiling.side);
        assertTokens(output, { network: backbone.name, rows, columns });
        if (from === 0) {
          width = output.width;
          tokens = new Float32Array(count * rows * columns * width);
        }
        places.forEach((tile, i) => {
          const size = rows * columns * width;
          const part = output.values.subarray(i * size, (i + 1) * size);
          placeTokens(tokens, part, { tile, tiles, rows, columns, width });
        });
        onProgress?.(Math.floor((from + places.length) / (tiles * tiles)));
      }
      return { tokens, grid, width };
    },
    dispose: compiled.dispose,
  };
}

/** How an image of `canvas` pixels is cut into tiles of `side` pixels. */
interface Tiling {
  readonly canvas: number;
  readonly tiles: number;
  readonly side: number;
}

interface BatchTokens {
  /** `[batchSize, count, width]`; those of the tiles that fill the batch up stand last. */
  readonly values: Float32Array;
  readonly count: number;
  readonly width: number;
}

/** Tokens of a batch of tiles `[side, side, 3]`, which is filled up with its last one. */
async function tokensOf(
  compute: (pixels: tf.Tensor4D) => Promise<tf.Tensor3D>,
  tiles: readonly Uint8Array[],
  side: number,
): Promise<BatchTokens> {
  const size = side * side * 3;
  const pixels = new Float32Array(batchSize * size);
  for (let i = 0; i < batchSize; i++) {
    pixels.set(tiles[Math.min(i, tiles.length - 1)]!, i * size);
  }
  const input = tf.tensor4d(pixels, [batchSize, side, side, 3]);
  const output = await compute(input);
  const [, count, width] = output.shape;
  const values = await output.data<"float32">();
  tf.dispose([input, output]);
  return { values, count, width };
}

function assertTokens(
  { values, count }: BatchTokens,
  { network, rows, columns }: {
    readonly network: string;
    readonly rows: number;
    readonly columns: number;
  },
): void {
  const finite = values.every(Number.isFinite);
  if (count === rows * columns && finite) return;
  throw new UserError(
    `Cannot measure "${network}" pixel by pixel: found ${count} tokens of a tile, ` +
      `${
        finite ? "all" : "not all"
      } finite, expected ${rows} x ${columns} finite ones. Its weights ` +
      "may be damaged: train or fetch it again.",
  );
}

/** Pixels `[side, side, 3]` of tiles, which are counted image by image, row by row. */
function tilesAt(
  images: DenseImages,
  places: readonly number[],
  { canvas, tiles, side }: Tiling,
): Uint8Array[] {
  const whole = [...new Set(places.map((place) => Math.floor(place / (tiles * tiles))))];
  const pixels = images.pixels(whole);
  return places.map((place) => {
    const image = whole.indexOf(Math.floor(place / (tiles * tiles)));
    const [top, left] = [Math.floor(place % (tiles * tiles) / tiles), place % tiles];
    const tile = new Uint8Array(side * side * 3);
    for (let row = 0; row < side; row++) {
      const from = ((image * canvas + top * side + row) * canvas + left * side) * 3;
      tile.set(pixels.subarray(from, from + side * 3), row * side * 3);
    }
    return tile;
  });
}

/** Puts the tokens of one tile where they belong in the grid of their image. */
function placeTokens(tokens: Float32Array, part: Float32Array, at: {
  readonly tile: number;
  readonly tiles: number;
  readonly rows: number;
  readonly columns: number;
  readonly width: number;
}): void {
  const { tile, tiles, rows, columns, width } = at;
  const image = Math.floor(tile / (tiles * tiles));
  const [top, left] = [Math.floor(tile % (tiles * tiles) / tiles), tile % tiles];
  for (let row = 0; row < rows; row++) {
    const line = (image * tiles * rows + top * rows + row) * tiles * columns + left * columns;
    tokens.set(part.subarray(row * columns * width, (row + 1) * columns * width), line * width);
  }
}
