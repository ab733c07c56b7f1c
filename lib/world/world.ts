import { randomStream } from "../tensors/random.ts";
import { UserError } from "../errors/user_error.ts";
import type { WorldFactors } from "./factors.ts";
import { addGrain, paintBackground, paintObject, type WorldCanvas } from "./paint.ts";
import { drawWorldScene, type WorldObject } from "./scene.ts";

export type { WorldObject } from "./scene.ts";

/**
 * Side of a world image in pixels by default.
 *
 * @example
 * ```ts
 * import { drawWorldImage, worldSize } from "@hashigo/hashigo/world";
 * if (drawWorldImage(0, 0).parts.length !== worldSize ** 2) throw new Error("64 px");
 * ```
 */
export const worldSize = 64;

/**
 * Names of the parts of a world image, by the numbers in its mask. An object is a body of some
 * shape with a round head on one side and a tail on the other.
 *
 * @example
 * ```ts
 * import { worldParts } from "@hashigo/hashigo/world";
 * if (worldParts[0] !== "background") throw new Error("0 is the background");
 * ```
 */
export const worldParts = ["background", "body", "head", "tail"] as const;

/** A generated image with its exact labels. */
export interface WorldImage {
  /** Colours, `[size, size, 3]`, 0 to 255. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** The part that each pixel shows, `[size, size]`, positions in {@linkcode worldParts}. */
  readonly parts: Uint8Array<ArrayBuffer>;
  /**
   * Distance from the eye in metres, `[size, size]`: 1 to 7 for objects, 7 to 10 for the
   * background.
   */
  readonly depth: Float32Array<ArrayBuffer>;
  /** Factors of the image, positions in {@linkcode worldFactors}. */
  readonly factors: WorldFactors;
  /** Objects, from the farthest to the nearest; lengths are shares of the image's side. */
  readonly objects: readonly WorldObject[];
}

/** Options of {@linkcode drawWorldImage}. */
export interface WorldImageOptions {
  /** Side in pixels. Default 64. */
  readonly size?: number | undefined;
  /** Factors that are set instead of drawn; nothing else of the image changes. */
  readonly fixed?: Partial<WorldFactors> | undefined;
}

/** Sides in pixels that images of the world may have. */
export const worldImageSizes = { smallest: 8, largest: 1024 } as const;

/**
 * Draws one image of a synthetic world with its exact labels: one to four toys, each a body with
 * head and tail, before a background. Shape, texture, palette, count and background are drawn
 * uniformly and independently, and so are positions, sizes, angles, depths, light and tones. The
 * image is a function of seed and index alone.
 *
 * @param seed A whole number that selects one of endlessly many sequences of images.
 * @param index A whole number, the position of the image in the sequence.
 * @throws {UserError} Where the size or a fixed factor is out of range.
 *
 * @example
 * ```ts
 * import { drawWorldImage, worldParts } from "@hashigo/hashigo/world";
 * const { pixels, parts, depth } = drawWorldImage(0, 7);
 * if (pixels.length !== 64 * 64 * 3 || depth.length !== 64 * 64) throw new Error("64 px");
 * if (!parts.includes(worldParts.indexOf("body"))) throw new Error("An object has a body");
 * ```
 */
export function drawWorldImage(
  seed: number,
  index: number,
  options: WorldImageOptions = {},
): WorldImage {
  const { size = worldSize, fixed } = options;
  const { smallest, largest } = worldImageSizes;
  if (!(Number.isInteger(size) && size >= smallest && size <= largest)) {
    throw new UserError(
      `Cannot draw a world image of ${size} px: expected a whole number from ${smallest} to ` +
        `${largest}`,
    );
  }
  const scene = drawWorldScene(seed, index, fixed);
  const pixels = new Uint8Array(size * size * 3);
  const canvas: WorldCanvas = {
    size,
    pixels: new Uint8ClampedArray(pixels.buffer),
    parts: new Uint8Array(size * size),
    depth: new Float32Array(size * size),
  };
  paintBackground(canvas, scene);
  for (const object of scene.objects) paintObject(canvas, object, scene);
  addGrain(canvas, randomStream(seed).at("world grain", index).bits(size * size / 4));
  const { parts, depth } = canvas;
  return { pixels, parts, depth, factors: scene.factors, objects: scene.objects };
}
