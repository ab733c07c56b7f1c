/** Convolutions and their gradients in double precision, by their definition and by central differences. */

/** A convolution of square images, weighted outputs summed up. */
export interface Case {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padding: "same" | "symmetric";
  readonly depthwise: boolean;
  readonly activation: "linear" | "relu" | "relu6";
}

export const inputs = 2, batch = 2;
export const outputsOf = ({ depthwise }: Pick<Case, "depthwise">) => depthwise ? inputs : 3;
export const outputSize = ({ size, stride }: Case) => Math.ceil(size / stride);

/** Numbers without a pattern, of this deviation. */
export const wave = (length: number, frequency: number, deviation: number) =>
  Float64Array.from({ length }, (_, at) => deviation * Math.sin(at * at * frequency + at + 1));

/** What the sum of the outputs is of, in the order of their gradients. */
export interface Arrays {
  readonly x: Float64Array;
  readonly w: Float64Array;
  readonly bias: Float64Array;
}

export function arraysOf(options: Case): Arrays {
  const { size, kernel, depthwise } = options, outputs = outputsOf(options);
  return {
    x: wave(batch * size * size * inputs, 0.37, 2),
    w: wave(kernel * kernel * inputs * (depthwise ? 1 : outputs), 0.71, 1),
    bias: wave(outputs, 0.53, 1),
  };
}

/** Weights of the outputs in the sum. */
export function weightsOf(options: Case): Float64Array {
  return wave(batch * outputSize(options) ** 2 * outputsOf(options), 0.29, 1);
}

/** The sum of the weighted outputs, written out. */
function weightedSum({ x, w, bias }: Arrays, weights: Float64Array, options: Case): number {
  const { size, kernel, stride, dilation, padding, depthwise, activation } = options;
  const outputs = outputsOf(options), side = outputSize(options);
  const reach = (kernel - 1) * dilation + 1;
  const before = padding === "symmetric"
    ? (reach - 1) / 2
    : Math.floor(Math.max((side - 1) * stride + reach - size, 0) / 2);
  const most = activation === "relu6" ? 6 : Infinity;
  return weights.reduce((total, weight, at) => {
    const out = at % outputs, column = Math.floor(at / outputs) % side;
    const row = Math.floor(at / outputs / side) % side;
    const image = Math.floor(at / outputs / side / side);
    let sum = bias[out]!;
    for (let k = 0; k < kernel * kernel * inputs; k++) {
      const channel = k % inputs, j = Math.floor(k / inputs) % kernel;
      const i = Math.floor(k / inputs / kernel);
      const y = row * stride - before + i * dilation, z = column * stride - before + j * dilation;
      if (y < 0 || z < 0 || y >= size || z >= size || (depthwise && channel !== out)) continue;
      sum += w[depthwise ? k : k * outputs + out]! *
        x[((image * size + y) * size + z) * inputs + channel]!;
    }
    return total + weight * (activation === "linear" ? sum : Math.min(Math.max(sum, 0), most));
  }, 0);
}

/** The gradient of the weighted sum by one of the arrays. */
export function gradientOf(name: keyof Arrays, options: Case): number[] {
  const arrays = arraysOf(options), weights = weightsOf(options), step = 1e-6;
  return Array.from(arrays[name], (_, at) => {
    const moved = (by: number) => {
      const values = arrays[name].map((value, i) => i === at ? value + by : value);
      return weightedSum({ ...arrays, [name]: values }, weights, options);
    };
    return (moved(step) - moved(-step)) / (2 * step);
  });
}
