/** Moving numbers between our layouts (inputs first) and PyTorch's (outputs first). */
import type { FloatTensor } from "../weights/host_tensor.ts";

/** `[rows, columns]` to `[columns, rows]`. */
export function transposed({ shape: [rows = 0, columns = 0], data }: FloatTensor): FloatTensor {
  const moved = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      moved[column * rows + row] = data[row * columns + column] ?? 0;
    }
  }
  return { shape: [columns, rows], data: moved };
}

/** Rows `from` up to `to` of a matrix, or such numbers of a vector. */
export function rowsOf({ shape, data }: FloatTensor, from: number, to: number): FloatTensor {
  const [rows = 0, ...rest] = shape;
  const size = data.length / rows;
  return { shape: [to - from, ...rest], data: data.slice(from * size, to * size) };
}

/** Matrices of equal columns one below the other, or vectors one after the other. */
export function joinRows(parts: readonly FloatTensor[]): FloatTensor {
  const rest = parts[0]?.shape.slice(1) ?? [];
  const rows = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part.data, offset);
    offset += part.data.length;
  }
  return { shape: [rows, ...rest], data };
}

/** `[row * column * channel, out]` of a convolution to a kernel `[out, channel, row, column]`. */
export function kernelOf(matrix: FloatTensor, side: number): FloatTensor {
  const [inputs = 0, outputs = 0] = matrix.shape;
  const { data } = transposed(matrix);
  const area = side ** 2, channels = inputs / area;
  return {
    shape: [outputs, channels, side, side],
    data: channelsMoved(
      data,
      [area, channels],
      (pixel, channel) => [pixel * channels + channel, channel * area + pixel],
    ),
  };
}

/** The inverse of {@link kernelOf}. */
export function kernelMatrix({ shape, data }: FloatTensor): FloatTensor {
  const [outputs = 0, channels = 0, rows = 0, columns = 0] = shape;
  const area = rows * columns;
  const moved = channelsMoved(data, [area, channels], (pixel, channel) => [
    channel * area + pixel,
    pixel * channels + channel,
  ]);
  return transposed({ shape: [outputs, area * channels], data: moved });
}

function channelsMoved(
  data: Float32Array,
  [area, channels]: readonly [area: number, channels: number],
  places: (pixel: number, channel: number) => [from: number, to: number],
): Float32Array {
  const moved = new Float32Array(data.length);
  for (let start = 0; start < data.length; start += channels * area) {
    for (let pixel = 0; pixel < area; pixel++) {
      for (let channel = 0; channel < channels; channel++) {
        const [from, to] = places(pixel, channel);
        moved[start + to] = data[start + from] ?? 0;
      }
    }
  }
  return moved;
}
