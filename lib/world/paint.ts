import { backgroundAt, textureAt } from "./patterns.ts";
import type { Colour, Placement, WorldObject, WorldScene } from "./scene.ts";
import { objectReach, partAt } from "./shapes.ts";

/** An image that is being painted. */
export interface WorldCanvas {
  /** Side in pixels. */
  readonly size: number;
  /** Colours, `[size, size, 3]`, 0 to 255. */
  readonly pixels: Uint8ClampedArray;
  /** Parts, `[size, size]`, positions in `worldParts`. */
  readonly parts: Uint8Array<ArrayBuffer>;
  /** Distances from the eye in metres, `[size, size]`. */
  readonly depth: Float32Array<ArrayBuffer>;
}

/** The background leans back: 7 metres away at the lower edge, 10 at the upper one. */
const [nearestGround, farthestGround] = [7, 10];

/** Paints the background over the whole canvas. */
export function paintBackground({ size, pixels, depth }: WorldCanvas, scene: WorldScene): void {
  const { factors: { background }, ground: [first, second], level, noise } = scene;
  const turn = turnOf(scene.placements.ground);
  const point = { x: 0, y: 0, u: 0, v: 0 };
  for (let row = 0, at = 0; row < size; row++) {
    point.y = (row + 0.5) / size;
    for (let column = 0; column < size; column++, at++) {
      point.x = (column + 0.5) / size;
      point.u = turn.cos * (point.x - 0.5) + turn.sin * (point.y - 0.5) + turn.u;
      point.v = turn.cos * (point.y - 0.5) - turn.sin * (point.x - 0.5) + turn.v;
      const share = backgroundAt(background, point, level, noise);
      for (let c = 0; c < 3; c++) pixels[3 * at + c] = first[c]! + (second[c]! - first[c]!) * share;
      depth[at] = farthestGround + (nearestGround - farthestGround) * point.y;
    }
  }
}

/** Haze dims what is far: the share of air in a colour at 10 metres, and the colour of air. */
const haze = 0.5, air: Colour = [175, 180, 190];
/** How far a body bulges towards the eye, in metres, and how much light and shadow differ. */
const bulge = 0.2, relief = 0.3;

/** Paints one object over the canvas. */
export function paintObject(
  { size, pixels, parts, depth }: WorldCanvas,
  object: WorldObject,
  scene: WorldScene,
) {
  const { x, y, radius, angle } = object;
  const { factors: { shape, texture }, inks: [main, other], noise } = scene;
  const axis = { cos: Math.cos(angle) / radius, sin: Math.sin(angle) / radius };
  const light = { x: Math.cos(scene.light) / radius, y: Math.sin(scene.light) / radius };
  const turn = turnOf(scene.placements.texture);
  const first = (centre: number) => Math.max(0, Math.floor((centre - objectReach * radius) * size));
  const end = (centre: number) => Math.min(size, Math.ceil((centre + objectReach * radius) * size));
  for (let row = first(y); row < end(y); row++) {
    const dy = (row + 0.5) / size - y;
    for (let column = first(x); column < end(x); column++) {
      const dx = (column + 0.5) / size - x;
      const [u, v] = [axis.cos * dx + axis.sin * dy, axis.cos * dy - axis.sin * dx];
      const part = partAt(shape, u, v);
      if (part === 0) continue;
      const at = row * size + column;
      const ink = part === 1
        ? textureAt(texture, turn.cos * dx + turn.sin * dy, turn.cos * dy - turn.sin * dx, noise)
        : part === 2
        ? 1
        : 0;
      parts[at] = part;
      depth[at] = object.depth - bulge * Math.sqrt(Math.max(0, 1 - u * u - v * v));
      const lit = 0.8 + relief * (light.x * dx + light.y * dy);
      const dim = haze * object.depth / farthestGround;
      for (let c = 0; c < 3; c++) {
        const colour = lit * (main[c]! + (other[c]! - main[c]!) * ink);
        pixels[3 * at + c] = colour + (air[c]! - colour) * dim;
      }
    }
  }
}

function turnOf({ angle, period, shift: [u, v] }: Placement) {
  return { cos: Math.cos(angle) / period, sin: Math.sin(angle) / period, u, v };
}

/**
 * Makes each pixel a little lighter or darker, as a camera would.
 *
 * @param words Random numbers of 32 bits, one for every four pixels.
 */
export function addGrain({ pixels }: WorldCanvas, words: Uint32Array): void {
  for (let at = 0; 3 * at < pixels.length; at++) {
    const byte = words[at >> 2]! >>> (8 * (at & 3)) & 0xFF;
    const grain = (byte - 127.5) / 16;
    for (let c = 0; c < 3; c++) pixels[3 * at + c]! += grain;
  }
}
