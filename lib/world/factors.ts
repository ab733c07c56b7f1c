import type { RandomStream } from "../tensors/random.ts";
import { UserError } from "../errors/user_error.ts";

/**
 * The factors of variation of the world and the names of their values. All objects of an image
 * share shape, texture and palette.
 *
 * @example
 * ```ts
 * import { drawWorldImage, worldFactors } from "@hashigo/hashigo/world";
 * const { factors } = drawWorldImage(0, 7);
 * const shape = worldFactors.shape[factors.shape];
 * if (shape === undefined) throw new Error("A factor is a position in its list of names");
 * ```
 */
export const worldFactors = {
  /** Shape of the objects' bodies. */
  shape: ["disc", "square", "triangle", "star", "cross", "ring", "crescent", "bar"],
  /** Texture on the objects' bodies. */
  texture: ["plain", "stripes", "checks", "dots", "rings", "speckles"],
  /**
   * The two hues of the objects; either may be the main one, so one hue does not reveal the
   * palette.
   */
  palette: [
    "red_yellow",
    "red_green",
    "red_blue",
    "yellow_green",
    "yellow_blue",
    "green_blue",
  ],
  /** Number of objects. */
  count: ["one", "two", "three", "four"],
  /** Pattern behind the objects, in colours that are drawn independently of the palette. */
  background: ["slope", "waves", "tiles", "clouds", "horizon", "pebbles"],
} as const;

/** Name of a factor. */
export type WorldFactor = keyof typeof worldFactors;

/** The value of each factor in an image: a position in its list of {@linkcode worldFactors}. */
export type WorldFactors = { readonly [Factor in WorldFactor]: number };

/**
 * Names of the factors, in the order of {@linkcode worldFactors}.
 *
 * @example
 * ```ts
 * import { worldFactorNames } from "@hashigo/hashigo/world";
 * if (worldFactorNames.length !== 5) throw new Error("Five factors");
 * ```
 */
export const worldFactorNames: readonly WorldFactor[] = [
  "shape",
  "texture",
  "palette",
  "count",
  "background",
];

/**
 * Draws every factor uniformly and independently of the others.
 *
 * @param stream Stream of one image: `randomStream(seed).at("world", index)` has the factors of
 *   `drawWorldImage(seed, index)`.
 * @param fixed Factors that are set instead of drawn; the others do not change.
 * @throws {UserError} Where a fixed factor is no position in its list of names.
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { drawWorldFactors } from "@hashigo/hashigo/world";
 * const { count } = drawWorldFactors(randomStream(0).at("world", 7), { count: 2 });
 * if (count !== 2) throw new Error("Expected the fixed factor");
 * ```
 */
export function drawWorldFactors(
  stream: RandomStream,
  fixed: Partial<WorldFactors> = {},
): WorldFactors {
  const draws = stream.at("factors").uniform(worldFactorNames.length);
  const at = (factor: WorldFactor): number => {
    const names = worldFactors[factor];
    const value = fixed[factor];
    if (value === undefined) {
      return Math.floor(draws[worldFactorNames.indexOf(factor)]! * names.length);
    }
    if (Number.isInteger(value) && value >= 0 && value < names.length) return value;
    throw new UserError(
      `Cannot draw a world image with the ${factor} ${value}: expected a whole number from 0 to ` +
        `${names.length - 1}, a position in worldFactors.${factor} (${names.join(", ")})`,
    );
  };
  return {
    shape: at("shape"),
    texture: at("texture"),
    palette: at("palette"),
    count: at("count"),
    background: at("background"),
  };
}
