import { randomStream } from "../tensors/random.ts";
import { UserError } from "../errors/user_error.ts";
import type { WorldFactors } from "./factors.ts";
import { addGrain, paintBackground, paintObject, type WorldCanvas } from "./paint.ts";
import { drawWorldScene, type WorldObject } from "./scene.ts";

export type { WorldObject } from "./scene.ts";

/**
 * Side of a world image in pixels, where no other is asked for.
 *
 * @example
 * ```ts
 * import { drawWorldImage, worldSize } from "@hashigo/hashigo";
 * if (drawWorldImage(0, 0).parts.length !== worldSize ** 2) throw new Error("64 px");
 * ```
 */
export const worldSize = 64;

/**
 * Names of the parts of a world image, by the numbers in its mask. An object is a body in its shape
 * with a round head on one side and a tail on the other.
 *
 * @example
 * ```ts
 * import { worldParts } from "@hashigo/hashigo";
 * if (worldParts[0] !== "background") throw new Error("0 is what no object covers");
 * ```
 */
export const worldParts = ["background", "body", "head", "tail"] as const;

/** An image whose truth is known. */
export interface WorldImage {
  /** `[size, size, 3]`, 0 to 255. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** What each pixel shows, `[size, size]`, positions in {@linkcode worldParts}. */
  readonly parts: Uint8Array<ArrayBuffer>;
  /** Distance from the eye in metres, `[size, size]`: 1 to 7 for objects, 7 to 10 for the background. */
  readonly depth: Float32Array<ArrayBuffer>;
  /** What the image is; positions in {@linkcode worldFactors}. */
  readonly factors: WorldFactors;
  /** From the farthest to the nearest; lengths are shares of the image's side. */
  readonly objects: readonly WorldObject[];
}

/** Options of {@linkcode drawWorldImage}. */
export interface WorldImageOptions {
  /** Side in pixels. Default 64. */
  readonly size?: number;
  /** Factors that are given instead of drawn; nothing else of the image changes with them. */
  readonly fixed?: Partial<WorldFactors>;
}

/**
 * Draws one image of a world whose truth is known: one to four toys, each a body with head and tail,
 * before a background. Shape, texture, palette, count and background are drawn uniformly and
 * independently; places, sizes, angles, depths, light and tones are drawn besides. The same seed and
 * index give the same image, always.
 *
 * @param seed a whole number: another one, another endless set of images
 * @param index a whole number: which image of the set
 * @throws {UserError} where the size or a fixed factor is out of range
 *
 * @example
 * ```ts
 * import { drawWorldImage, worldParts } from "@hashigo/hashigo";
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
  if (!(Number.isInteger(size) && size >= 8 && size <= 1024)) {
    throw new UserError(
      `Cannot draw a world image of ${size} px: expected a whole number from 8 to 1024`,
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
