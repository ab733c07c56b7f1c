/** Frozen patch tokens of many images. */
import * as tf from "@tensorflow/tfjs";
import type { PatchTokens } from "../../metrics/dense/patch_tokens.ts";
import type { Grid } from "../../nn/token_grid.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { UserError } from "../../errors/user_error.ts";
import { compileLazily } from "../../engine/compile_lazily.ts";
import type { DenseImages, DenseTask } from "../tasks/dense_task.ts";

/** Squares that a network sees at once. */
const batchSize = 36;

/** A network that is compiled for the squares of a dense task. */
export interface PatchExtractor {
  /** Grid of a whole image, all its squares together. */
  readonly grid: Grid;
  /** Tokens of all images, `[images, rows * columns, width]`. */
  extract(images: DenseImages, onProgress?: (done: number) => void): Promise<PatchTokens>;
  /** Frees what was compiled; the network stays. */
  dispose(): void;
}

/**
 * Compiles a network for the squares of a task's images. Each square is seen by itself, at the network's
 * own input size, so that every network works at the size that it was trained at.
 *
 * @throws {UserError} from `extract`, where there are no patch tokens, or one is not finite.
 */
export function patchExtractor(
  backbone: Backbone,
  { canvas, tiles }: Pick<DenseTask, "canvas" | "tiles">,
): PatchExtractor {
  const [rows, columns] = backbone.tokens.includes("patch") ? backbone.grid() : [1, 1];
  const side = Math.floor(canvas / tiles);
  const compiled = compileLazily((pixels: tf.Tensor4D) => {
    const { patch, cls } = backbone.features(tf.div(pixels, 255));
    if (patch !== undefined) return patch;
    return tf.expandDims<tf.Tensor3D>(cls!, 1); // of pixels: one token for each square
  }, { mode: backbone.mode ?? "graph", name: `patches of ${backbone.name}` });

  /** Tokens `[squares, rows * columns, width]` of a batch that is filled up with its last square. */
  async function tokensOf(squares: readonly Uint8Array[]): Promise<[Float32Array, number]> {
    const pixels = new Float32Array(batchSize * side * side * 3);
    for (let i = 0; i < batchSize; i++) {
      pixels.set(squares[Math.min(i, squares.length - 1)]!, i * side * side * 3);
    }
    const input = tf.tensor4d(pixels, [batchSize, side, side, 3]);
    const output = await compiled(input);
    const [, count, width] = output.shape;
    const values = await output.data<"float32">();
    tf.dispose([input, output]);
    if (count !== rows * columns || !values.every(Number.isFinite)) {
      throw new UserError(
        `Cannot measure "${backbone.name}" pixel by pixel: found ${count} tokens of a square, ` +
          `${values.every(Number.isFinite) ? "all" : "not all"} finite, expected ${rows} x ` +
          `${columns} finite ones. Its weights may be damaged: train or fetch it again.`,
      );
    }
    return [values, width];
  }

  return {
    grid: [rows * tiles, columns * tiles],
    async extract(images, onProgress) {
      const squares = images.count * tiles * tiles;
      let [tokens, width] = [new Float32Array(), 0];
      for (let from = 0; from < squares; from += batchSize) {
        const places = Array.from(
          { length: Math.min(batchSize, squares - from) },
          (_, i) => from + i,
        );
        const [values, own] = await tokensOf(tilesAt(images, places, { canvas, tiles, side }));
        if (from === 0) {
          width = own;
          tokens = new Float32Array(squares * rows * columns * width);
        }
        places.forEach((square, i) => {
          const part = values.subarray(
            i * rows * columns * width,
            (i + 1) * rows * columns * width,
          );
          placeTokens(tokens, part, { square, tiles, rows, columns, width });
        });
        onProgress?.(Math.floor((from + places.length) / (tiles * tiles)));
      }
      return { tokens, grid: [rows * tiles, columns * tiles], width };
    },
    dispose: compiled.dispose,
  };
}

/** Pixels `[side, side, 3]` of squares, which are counted image by image, row by row. */
function tilesAt(
  images: DenseImages,
  places: readonly number[],
  { canvas, tiles, side }: {
    readonly canvas: number;
    readonly tiles: number;
    readonly side: number;
  },
): Uint8Array[] {
  const whole = [...new Set(places.map((place) => Math.floor(place / (tiles * tiles))))];
  const pixels = images.pixels(whole);
  return places.map((place) => {
    const image = whole.indexOf(Math.floor(place / (tiles * tiles)));
    const [top, left] = [Math.floor(place % (tiles * tiles) / tiles), place % tiles];
    const square = new Uint8Array(side * side * 3);
    for (let row = 0; row < side; row++) {
      const from = ((image * canvas + top * side + row) * canvas + left * side) * 3;
      square.set(pixels.subarray(from, from + side * 3), row * side * 3);
    }
    return square;
  });
}

/** Puts the tokens of one square where they belong in the grid of their image. */
function placeTokens(tokens: Float32Array, part: Float32Array, at: {
  readonly square: number;
  readonly tiles: number;
  readonly rows: number;
  readonly columns: number;
  readonly width: number;
}): void {
  const { square, tiles, rows, columns, width } = at;
  const image = Math.floor(square / (tiles * tiles));
  const [top, left] = [Math.floor(square % (tiles * tiles) / tiles), square % tiles];
  for (let row = 0; row < rows; row++) {
    const line = (image * tiles * rows + top * rows + row) * tiles * columns + left * columns;
    const own = part.subarray(row * columns * width, (row + 1) * columns * width);
    tokens.set(own, line * width);
  }
}
