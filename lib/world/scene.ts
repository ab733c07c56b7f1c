import { type RandomStream, randomStream } from "../tensors/random.ts";
import { drawWorldFactors, type WorldFactors } from "./factors.ts";
import { type CellNoise, cells } from "./patterns.ts";

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** One object of a world image. Lengths are shares of the image's side. */
export interface WorldObject {
  /** Position of its centre from the left. */
  readonly x: number;
  /** Position of its centre from the top. */
  readonly y: number;
  /** Radius of its body. */
  readonly radius: number;
  /** Angle of its axis, in radians. */
  readonly angle: number;
  /** Distance of its centre from the eye, 1.5 to 6.5 metres. */
  readonly depth: number;
}

/** How a pattern is rotated, scaled and moved. */
export interface Placement {
  /** Rotation in radians. */
  readonly angle: number;
  /** Length of a period, as a share of the image's side. */
  readonly period: number;
  /** Offset in periods. */
  readonly shift: readonly [u: number, v: number];
}

/** The complete description from which a world image is painted. */
export interface WorldScene {
  /** Factors of the image. */
  readonly factors: WorldFactors;
  /** Objects, from the farthest to the nearest. */
  readonly objects: readonly WorldObject[];
  /** Colours of the objects: the main one and the other. */
  readonly inks: readonly [Colour, Colour];
  /** Colours of the background. */
  readonly ground: readonly [Colour, Colour];
  /** Placements of the texture on an object and of the background's pattern. */
  readonly placements: { readonly texture: Placement; readonly ground: Placement };
  /** Height of a horizon, 0 to 1. */
  readonly level: number;
  /** Direction of the light, in radians. */
  readonly light: number;
  /** Noise of the patterns. */
  readonly noise: CellNoise;
}

/** Draws the scene of {@linkcode drawWorldImage}. */
export function drawWorldScene(
  seed: number,
  index: number,
  fixed: Partial<WorldFactors> = {},
): WorldScene {
  const stream = randomStream(seed).at("world", index);
  const factors = drawWorldFactors(stream, fixed);
  const [level, light] = stream.at("light").uniform(2);
  return {
    factors,
    objects: drawObjects(factors.count + 1, stream.at("objects")),
    inks: drawInks(factors.palette, stream.at("inks")),
    ground: drawGround(stream.at("ground")),
    placements: {
      texture: drawPlacement([0.075, 0.11], stream.at("texture place")),
      ground: drawPlacement([0.16, 0.26], stream.at("ground place")),
    },
    level: level!,
    light: 2 * Math.PI * light!,
    noise: stream.at("noise").uniform(cells * cells),
  };
}

/** Radius of a body in images of one object, of two, and so on. */
const radii = [0.21, 0.18, 0.16, 0.145];
/** Number of positions that are tried for an object. */
const candidates = 8;

/** Draws objects, from the farthest to the nearest; near ones are larger, and placed first. */
function drawObjects(count: number, stream: RandomStream): WorldObject[] {
  const objects: WorldObject[] = [];
  for (let i = 0; i < count; i++) {
    const draws = stream.at(i).uniform(3 + 2 * candidates);
    // Each object has a slice of the depth to itself, so two are at least half a metre apart.
    const depth = 1.5 + 5 * (i + 0.2 + 0.6 * draws[0]!) / count;
    const nearness = 1 - (depth - 1.5) / 5;
    const radius = radii[count - 1]! * (0.85 + 0.35 * nearness) * (0.9 + 0.2 * draws[1]!);
    const angle = 2 * Math.PI * draws[2]!;
    objects.push({ ...freePosition(objects, radius, draws.subarray(3)), radius, angle, depth });
  }
  return objects.reverse();
}

/**
 * The first position at which the object hides little of others, or else the one at which it hides
 * least.
 */
function freePosition(
  others: readonly WorldObject[],
  radius: number,
  draws: Float32Array,
): { x: number; y: number } {
  let best = { x: 0.5, y: 0.5, clearance: -Infinity };
  for (let i = 0; i < draws.length && best.clearance < 0.8; i += 2) {
    const [x, y] = [
      between(radius, 1 - radius, draws[i]!),
      between(radius, 1 - radius, draws[i + 1]!),
    ];
    let clearance = Infinity;
    for (const other of others) {
      const distance = Math.hypot(x - other.x, y - other.y);
      clearance = Math.min(clearance, distance / (radius + other.radius));
    }
    if (clearance > best.clearance) best = { x, y, clearance };
  }
  return { x: best.x, y: best.y };
}

/** Hues of the palettes in turns, in the order of `worldFactors.palette`. */
const palettes = [[0, 0.14], [0, 0.36], [0, 0.62], [0.14, 0.36], [0.14, 0.62], [0.36, 0.62]];

/** Draws colours near the two hues of the palette, in random order. */
function drawInks(palette: number, stream: RandomStream): [Colour, Colour] {
  const draws = stream.uniform(7);
  const [first, second] = palettes[palette]!;
  const ink = (hue: number, at: number) =>
    colourOf(
      hue + between(-0.03, 0.03, draws[at]!),
      between(0.6, 1, draws[at + 1]!),
      between(0.6, 1, draws[at + 2]!),
    );
  return draws[0]! < 0.5 ? [ink(first!, 1), ink(second!, 4)] : [ink(second!, 1), ink(first!, 4)];
}

/** Draws two colours of any hue, so that the background does not reveal the palette. */
function drawGround(stream: RandomStream): [Colour, Colour] {
  const draws = stream.uniform(6);
  const brightness = between(0.3, 0.95, draws[4]!);
  const contrast = between(0.2, 0.45, draws[5]!);
  const other = brightness > 0.6 ? brightness - contrast : brightness + contrast;
  return [
    colourOf(draws[0]!, between(0.1, 0.7, draws[1]!), brightness),
    colourOf(draws[2]!, between(0.1, 0.7, draws[3]!), other),
  ];
}

function drawPlacement(
  [shortest, longest]: readonly [number, number],
  stream: RandomStream,
): Placement {
  const draws = stream.uniform(4);
  return {
    angle: 2 * Math.PI * draws[0]!,
    period: between(shortest, longest, draws[1]!),
    shift: [cells * draws[2]!, cells * draws[3]!],
  };
}

function between(low: number, high: number, share: number): number {
  return low + (high - low) * share;
}

/** The colour of a hue in turns, and of saturation and brightness from 0 to 1 (HSV). */
function colourOf(hue: number, saturation: number, brightness: number): Colour {
  const channel = (offset: number) => {
    const place = ((hue + offset) % 1 + 1) % 1 * 6;
    const lack = Math.min(1, Math.max(0, Math.min(place, 4 - place)));
    return 255 * brightness * (1 - saturation * lack);
  };
  return [channel(5 / 6), channel(3 / 6), channel(1 / 6)];
}
