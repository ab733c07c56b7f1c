/**
 * The patterns of the world, on bodies and behind them, as shares of a second colour.
 *
 * @module
 */

/** Random numbers for the corners of cells, `[16, 16]`, repeated over the plane. */
export type CellNoise = Float32Array;

/** Side of a {@linkcode CellNoise}, a power of two. */
export const cells = 16;

function noiseAt(noise: CellNoise, column: number, row: number): number {
  return noise[(row & (cells - 1)) * cells + (column & (cells - 1))]!;
}

/**
 * Share of the second colour at a point of a body, 0 or 1.
 *
 * @param texture Position in `worldFactors.texture`.
 * @param u Across the pattern, in its periods from the object's centre.
 * @param v Along the pattern, likewise.
 */
export function textureAt(texture: number, u: number, v: number, noise: CellNoise): number {
  const [fractionU, fractionV] = [u - Math.floor(u), v - Math.floor(v)];
  switch (texture) {
    case 0: // plain
      return 0;
    case 1: // stripes
      return fractionU < 0.5 ? 1 : 0;
    case 2: // checks
      return (fractionU < 0.5) === (fractionV < 0.5) ? 1 : 0;
    case 3: { // dots
      const [du, dv] = [fractionU - 0.5, fractionV - 0.5];
      return du * du + dv * dv < 0.125 ? 1 : 0;
    }
    case 4: { // rings around the centre
      const radius = Math.sqrt(u * u + v * v);
      return radius - Math.floor(radius) < 0.5 ? 1 : 0;
    }
    default: // speckles
      return noiseAt(noise, Math.floor(2.2 * u), Math.floor(2.2 * v)) < 0.5 ? 1 : 0;
  }
}

/**
 * Share of the second colour at a point of the background, 0 to 1.
 *
 * @param background Position in `worldFactors.background`.
 * @param point x and y: from the left and from the top, as shares of the image's side; u and v:
 *   across and along the pattern, in its periods.
 * @param level Height of a horizon, 0 to 1.
 */
export function backgroundAt(
  background: number,
  point: { readonly x: number; readonly y: number; readonly u: number; readonly v: number },
  level: number,
  noise: CellNoise,
): number {
  const { x, y, u, v } = point;
  switch (background) {
    case 0: // slope: from one colour to the other
      return Math.min(1, Math.max(0, 0.5 + 0.35 * u));
    case 1: // waves
      return 0.5 + 0.5 * Math.sin(2 * Math.PI * (u + 0.25 * Math.sin(2 * Math.PI * 0.7 * v)));
    case 2: // tiles with joints
      if (u - Math.floor(u) < 0.12 || v - Math.floor(v) < 0.12) return 1;
      return 0.45 * noiseAt(noise, Math.floor(u), Math.floor(v));
    case 3: // clouds
      return 0.65 * smoothNoise(noise, u, v) + 0.35 * smoothNoise(noise, 2.3 * u + 5, 2.3 * v + 9);
    case 4: { // horizon: even above, rows that narrow with distance below
      const horizon = 0.3 + 0.4 * level;
      if (y < horizon) return 0.15 * (horizon - y);
      const row = 0.7 / (y - horizon + 0.06) + 3 * noise[0]!;
      return row - Math.floor(row) < 0.5 ? 1 : 0.65;
    }
    default: { // pebbles
      const [column, row] = [Math.floor(u), Math.floor(v)];
      const radius = 0.24 + 0.22 * noiseAt(noise, column, row);
      const [du, dv] = [u - column - 0.5, v - row - 0.5];
      return du * du + dv * dv < radius * radius ? 1 : 0.1 * x;
    }
  }
}

/** Noise interpolated smoothly between the corners of a cell. */
function smoothNoise(noise: CellNoise, u: number, v: number): number {
  const [column, row] = [Math.floor(u), Math.floor(v)];
  const [du, dv] = [u - column, v - row];
  const [su, sv] = [du * du * (3 - 2 * du), dv * dv * (3 - 2 * dv)];
  const above = noiseAt(noise, column, row) * (1 - su) + noiseAt(noise, column + 1, row) * su;
  const below = noiseAt(noise, column, row + 1) * (1 - su) +
    noiseAt(noise, column + 1, row + 1) * su;
  return above * (1 - sv) + below * sv;
}
