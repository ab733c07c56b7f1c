/**
 * Hadamard matrices: entries of ±1, rows orthogonal to one another.
 *
 * @module
 */

/**
 * A Hadamard matrix, `[size, size]` row-major; undefined where the constructions of Sylvester (doubling)
 * and Paley (squares modulo a prime) give none of that size. They give one for 64, 192, 320, 384, 768,
 * 1024, 1152, 1280, 1408 and 1536, the widths of common networks.
 *
 * @source Paley, On orthogonal matrices, 1933.
 *
 * @example
 * ```ts
 * import { hadamard } from "./hadamard.ts";
 * if (hadamard(2)?.join() !== "1,1,1,-1") throw new Error("Expected Sylvester's");
 * if (hadamard(768) === undefined || hadamard(3) !== undefined) throw new Error("768 has one");
 * ```
 */
export function hadamard(size: number): Int8Array | undefined {
  if (size === 1) return Int8Array.of(1);
  if (size === 2) return Int8Array.of(1, 1, 1, -1);
  if (!Number.isInteger(size) || size < 4 || size % 4 !== 0) return undefined;
  if (isPrime(size - 1)) return paleyFirst(size - 1); // size - 1 is 3 modulo 4
  const half = size / 2 - 1;
  if (half % 4 === 1 && isPrime(half)) return paleySecond(half);
  const smaller = hadamard(size / 2);
  return smaller && doubled(smaller, size / 2);
}

/** `[[H, H], [H, -H]]`. */
function doubled(matrix: Int8Array, size: number): Int8Array {
  const result = new Int8Array(4 * size * size);
  for (let row = 0; row < 2 * size; row++) {
    for (let column = 0; column < 2 * size; column++) {
      const sign = row >= size && column >= size ? -1 : 1;
      result[row * 2 * size + column] = sign * matrix[(row % size) * size + column % size]!;
    }
  }
  return result;
}

/** Of size p + 1 for a prime p that is 3 modulo 4: the unit plus a skew matrix. */
function paleyFirst(prime: number): Int8Array {
  const size = prime + 1, square = squares(prime), matrix = new Int8Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const skew = row === column
        ? 1
        : row === 0
        ? 1
        : column === 0
        ? -1
        : square[(row - column + prime) % prime]!;
      matrix[row * size + column] = skew;
    }
  }
  return matrix;
}

/** Of size 2 (p + 1) for a prime p that is 1 modulo 4: a symmetric matrix with every entry made a block. */
function paleySecond(prime: number): Int8Array {
  const half = prime + 1, size = 2 * half, square = squares(prime);
  const matrix = new Int8Array(size * size);
  const entry = (row: number, column: number) =>
    row === column ? 0 : row === 0 || column === 0 ? 1 : square[(row - column + prime) % prime]!;
  for (let row = 0; row < half; row++) {
    for (let column = 0; column < half; column++) {
      const value = entry(row, column);
      // 0 becomes [[1, -1], [-1, -1]], ±1 becomes ±[[1, 1], [1, -1]].
      const block = value === 0 ? [1, -1, -1, -1] : [value, value, value, -value];
      block.forEach((sign, i) => {
        matrix[(2 * row + (i >> 1)) * size + 2 * column + (i & 1)] = sign;
      });
    }
  }
  return matrix;
}

/** By remainder: 1 for squares modulo a prime, -1 for others, 0 for 0. */
function squares(prime: number): Int8Array {
  const signs = new Int8Array(prime).fill(-1);
  signs[0] = 0;
  for (let i = 1; i < prime; i++) signs[i * i % prime] = 1;
  return signs;
}

function isPrime(value: number): boolean {
  for (let divisor = 2; divisor * divisor <= value; divisor++) {
    if (value % divisor === 0) return false;
  }
  return value >= 2;
}
