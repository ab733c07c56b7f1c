/** Parts, as positions in `worldParts`. */
const [BODY, HEAD, TAIL] = [1, 2, 3];
/** The head: a disc on the object's axis, in radii of the object. */
const headAt = 0.98, headRadius = 0.36;
/** The tail: from its root to its tip along the axis, and its half-width there. */
const tailRoot = -0.5, tailTip = -1.5, tailWidth = 0.2, tipWidth = 0.08;

/** Greatest distance of any part of an object from its centre, in radii. */
export const objectReach = 1.51;

/**
 * The part of an object that covers a point, as a position in `worldParts`; 0 where none
 * does. The head lies over the body, the body over the tail.
 *
 * @param shape Position in `worldFactors.shape`.
 * @param u Along the object's axis towards its head, in radii from its centre.
 * @param v Across the axis, likewise.
 */
export function partAt(shape: number, u: number, v: number): number {
  const [du, dv] = [u - headAt, v];
  if (du * du + dv * dv < headRadius * headRadius) return HEAD;
  if (isInside(shape, u, v)) return BODY;
  if (u > tailRoot || u < tailTip) return 0;
  const along = (tailRoot - u) / (tailRoot - tailTip);
  return Math.abs(v) < tailWidth + (tipWidth - tailWidth) * along ? TAIL : 0;
}

/** Whether a body covers a point; all bodies have about the same area. */
function isInside(shape: number, u: number, v: number): boolean {
  const square = u * u + v * v;
  switch (shape) {
    case 0: // disc
      return square < 0.72;
    case 1: // square
      return Math.max(Math.abs(u), Math.abs(v)) < 0.75;
    case 2: // triangle, its tip towards the head
      return u > -0.6 && Math.abs(v) < (1 - u) * 0.62;
    case 3: // star
      return square < 1 && isInsideStar(u, v, square);
    case 4: // cross
      return Math.min(Math.abs(u), Math.abs(v)) < 0.33 && Math.max(Math.abs(u), Math.abs(v)) < 0.98;
    case 5: // ring
      return square < 0.95 && square > 0.25;
    case 6: // crescent, open to one side
      return square < 0.98 && u * u + (v - 0.5) * (v - 0.5) > 0.42;
    default: // bar, across the axis
      return Math.abs(u) < 0.42 && Math.abs(v) < 1.15;
  }
}

/** Five points: a straight edge from each tip to the notch beside it. */
function isInsideStar(u: number, v: number, square: number): boolean {
  const fifth = 2 * Math.PI / 5;
  const turn = Math.atan2(v, u) / fifth;
  const folded = Math.abs(turn - Math.round(turn)) * fifth;
  const [x, y] = [Math.sqrt(square) * Math.cos(folded), Math.sqrt(square) * Math.sin(folded)];
  const notch = 0.5;
  const [notchX, notchY] = [notch * Math.cos(fifth / 2), notch * Math.sin(fifth / 2)];
  return (x - 1) * notchY - y * (notchX - 1) < 0;
}
