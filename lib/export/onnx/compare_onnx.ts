/** Holds an ONNX file against the network that it was made of. */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../../errors/user_error.ts";
import type { Backbone, Features } from "../../teachers/backbone.ts";
import { inputNames } from "./student_onnx.ts";

/** How far the file is from the network. */
export interface OnnxDifference {
  /** Images that were compared. */
  readonly images: number;
  /** Largest difference of a number, over the largest number of its kind of token. */
  readonly largest: number;
}

/** What is compared. */
export interface CompareOnnxOptions {
  /** The file. */
  readonly model: Uint8Array;
  /** The network; borrowed. The engine runs. */
  readonly backbone: Backbone;
  /** Bytes of images, `[size, size, 3]` each, at the size of the network's input. */
  readonly images: readonly Uint8Array[];
  /** Whether the file takes bytes. */
  readonly preprocessing: boolean;
}

/**
 * Runs a file in ONNX Runtime and the network on the engine, on the same images.
 *
 * @throws {UserError} where the runtime cannot be loaded, or refuses the file
 */
export async function compareOnnx(
  { model, backbone, images, preprocessing }: CompareOnnxOptions,
): Promise<OnnxDifference> {
  const runtime = await loadRuntime();
  const { size } = backbone.input, count = images.length;
  const bytes = new Uint8Array(count * size * size * 3);
  images.forEach((image, i) => bytes.set(image, i * size * size * 3));
  const feed = preprocessing
    ? { [inputNames.bytes]: new runtime.Tensor("uint8", bytes, [count, size, size, 3]) }
    : {
      [inputNames.prepared]: new runtime.Tensor("float32", prepared(bytes, backbone), [
        count,
        3,
        size,
        size,
      ]),
    };
  const session = await runtime.InferenceSession.create(model).catch((error: Error) => {
    throw new UserError(
      `Cannot export as ONNX: the runtime refuses the file (${error.message}), expected it to load. ` +
        "Please report this, with the recipe of the run",
      { cause: error },
    );
  });
  try {
    const outputs = await session.run(feed);
    const native = await nativeFeatures(backbone, bytes, count);
    const differences = Object.entries(native).map(([kind, expected]) =>
      largestDifference(outputs[kind]?.data, expected)
    );
    return { images: count, largest: Math.max(...differences) };
  } finally {
    await session.release();
  }
}

/** What is used of ONNX Runtime. */
interface Runtime {
  readonly Tensor: new (
    type: "uint8" | "float32",
    data: Uint8Array | Float32Array,
    dims: readonly number[],
  ) => unknown;
  readonly InferenceSession: { create(model: Uint8Array): Promise<Session> };
}

interface Session {
  run(
    feed: Record<string, unknown>,
  ): Promise<Record<string, { readonly data: unknown } | undefined>>;
  release(): Promise<void>;
}

/** 290 MB: a name that is no literal is fetched when it is asked for, and not with the program. */
const runtimePackage = "npm:onnxruntime-node@1.30.0";

/** Characters of a command line beyond which ONNX Runtime 1.30, which searches it, would end the process. */
const longestCommandLine = 5000;

async function loadRuntime(): Promise<Runtime> {
  const { length } = Deno.args.join(" ");
  if (length > longestCommandLine) {
    throw new UserError(
      `Cannot check an ONNX file: found a command line of ${length} characters, which ONNX Runtime does not bear, ` +
        `expected at most ${longestCommandLine}. Give folders in place of many files`,
    );
  }
  try {
    return await import(runtimePackage);
  } catch (error) {
    throw new UserError(
      `Cannot check an ONNX file: ONNX Runtime does not load here (${
        error instanceof Error ? error.message : error
      }). It has builds for Linux, macOS and Windows on x86-64 and ARM`,
      { cause: error },
    );
  }
}

/** Normalised pixels, `[images, 3, size, size]`. */
function prepared(bytes: Uint8Array, { input: { size, mean, std } }: Backbone): Float32Array {
  const pixels = size * size, values = new Float32Array(bytes.length);
  bytes.forEach((value, i) => {
    const channel = i % 3, pixel = Math.floor(i / 3) % pixels, image = Math.floor(i / 3 / pixels);
    values[(image * 3 + channel) * pixels + pixel] = (value / 255 - mean[channel]!) / std[channel]!;
  });
  return values;
}

async function nativeFeatures(
  backbone: Backbone,
  bytes: Uint8Array,
  count: number,
): Promise<Record<string, Float32Array>> {
  const { size } = backbone.input;
  const features: Features = tf.tidy(() =>
    backbone.features(tf.div(tf.tensor4d(Float32Array.from(bytes), [count, size, size, 3]), 255))
  );
  try {
    const entries = Object.entries(features).map(async ([kind, tensor]) =>
      [kind, await tensor.data<"float32">()] as const
    );
    return Object.fromEntries(await Promise.all(entries));
  } finally {
    tf.dispose(features);
  }
}

/** Infinity where numbers are missing or not finite. */
function largestDifference(actual: unknown, expected: Float32Array): number {
  if (!(actual instanceof Float32Array) || actual.length !== expected.length) return Infinity;
  let [difference, largest] = [0, 0];
  expected.forEach((value, i) => {
    const own = Math.abs(value - actual[i]!);
    difference = Number.isNaN(own) ? Infinity : Math.max(difference, own);
    largest = Math.max(largest, Math.abs(value));
  });
  return difference / (largest || 1);
}
