import { type RandomStream, randomStream } from "../tensors/random.ts";
import { drawWorldFactors, type WorldFactors } from "./factors.ts";
import { type CellNoise, cells } from "./patterns.ts";

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** One object of a world image. Lengths are shares of the image's side. */
export interface WorldObject {
  /** Of its centre, from the left. */
  readonly x: number;
  /** Of its centre, from the top. */
  readonly y: number;
  /** Of its body. */
  readonly radius: number;
  /** Of its axis, in radians. */
  readonly angle: number;
  /** Of its centre from the eye, 1.5 to 6.5 metres. */
  readonly depth: number;
}

/** A pattern's place: turned, scaled and moved. */
export interface Placement {
  /** In radians. */
  readonly angle: number;
  /** Share of the image's side. */
  readonly period: number;
  /** In periods. */
  readonly shift: readonly [u: number, v: number];
}

/** All that a world image is drawn from. */
export interface WorldScene {
  /** What the image is. */
  readonly factors: WorldFactors;
  /** From the farthest to the nearest. */
  readonly objects: readonly WorldObject[];
  /** Of the objects: the main colour and the other. */
  readonly inks: readonly [Colour, Colour];
  /** Of the background. */
  readonly ground: readonly [Colour, Colour];
  /** Of the texture on an object, and of the background's pattern. */
  readonly placements: { readonly texture: Placement; readonly ground: Placement };
  /** Height of a horizon, 0 to 1. */
  readonly level: number;
  /** Where light comes from, in radians. */
  readonly light: number;
  /** For patterns. */
  readonly noise: CellNoise;
}

/** Draws all that an image at this address is made of; see {@linkcode drawWorldImage}. */
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

/** Radius of a body where there is one object, where there are two, and so on. */
const radii = [0.21, 0.18, 0.16, 0.145];
/** Places that an object may take; it takes the first that is free. */
const candidates = 8;

/** From the farthest to the nearest; the near ones are larger, and take their places first. */
function drawObjects(count: number, stream: RandomStream): WorldObject[] {
  const objects: WorldObject[] = [];
  for (let i = 0; i < count; i++) {
    const draws = stream.at(i).uniform(3 + 2 * candidates);
    // Each object has a slice of the depth to itself, so two are at least half a metre apart.
    const depth = 1.5 + 5 * (i + 0.2 + 0.6 * draws[0]!) / count;
    const nearness = 1 - (depth - 1.5) / 5;
    const radius = radii[count - 1]! * (0.85 + 0.35 * nearness) * (0.9 + 0.2 * draws[1]!);
    const angle = 2 * Math.PI * draws[2]!;
    objects.push({ ...freePlace(objects, radius, draws.subarray(3)), radius, angle, depth });
  }
  return objects.reverse();
}

/** The first place where the object hides little of others, or else the one where it hides least. */
function freePlace(
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

/** Both hues of the palette in random order, a little off. */
function drawInks(palette: number, stream: RandomStream): [Colour, Colour] {
  const draws = stream.uniform(7);
  const [one, two] = palettes[palette]!;
  const ink = (hue: number, at: number) =>
    colourOf(
      hue + between(-0.03, 0.03, draws[at]!),
      between(0.6, 1, draws[at + 1]!),
      between(0.6, 1, draws[at + 2]!),
    );
  return draws[0]! < 0.5 ? [ink(one!, 1), ink(two!, 4)] : [ink(two!, 1), ink(one!, 4)];
}

/** Any two hues, so that the colours of the background say nothing of the palette. */
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

/** Hue in turns; saturation and brightness 0 to 1. */
function colourOf(hue: number, saturation: number, brightness: number): Colour {
  const channel = (offset: number) => {
    const place = ((hue + offset) % 1 + 1) % 1 * 6;
    const lack = Math.min(1, Math.max(0, Math.min(place, 4 - place)));
    return 255 * brightness * (1 - saturation * lack);
  };
  return [channel(5 / 6), channel(3 / 6), channel(1 / 6)];
}
