/** ONNX Runtime, as far as it is used here. */
import { UserError } from "../../errors/user_error.ts";
import type { BackboneInput } from "../../teachers/input.ts";
import { inputNames } from "./student_onnx.ts";

/** A tensor that a model gives. */
export interface OnnxOutput {
  readonly data: unknown;
  readonly dims: readonly number[];
}

/** A model in ONNX Runtime. */
export interface OnnxSession {
  /** Computes outputs by name. */
  run(feed: OnnxFeed): Promise<Record<string, OnnxOutput | undefined>>;
  /** Frees it. */
  release(): Promise<void>;
}

/** Inputs by name, made by the runtime. */
export type OnnxFeed = Record<string, unknown>;

/** The runtime. */
export interface OnnxRuntime {
  /**
   * Opens a model.
   *
   * @throws {UserError} where the runtime refuses it
   */
  open(model: Uint8Array): Promise<OnnxSession>;
  /** Images `[size, size, 3]` as bytes, as what a model takes: bytes, or normalised floats. */
  feed(
    images: readonly Uint8Array[],
    model: { readonly input: BackboneInput; readonly preprocessing: boolean },
  ): OnnxFeed;
  /** Images `[count, 3, size, size]`, normalised. */
  feedPrepared(values: Float32Array, size: number): OnnxFeed;
}

interface Runtime {
  readonly Tensor: new (
    type: "uint8" | "float32",
    data: Uint8Array | Float32Array,
    dims: readonly number[],
  ) => unknown;
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<OnnxSession> };
}

/**
 * One thread, so that times compare on machines of any number of cores and beside other work; errors alone are
 * reported.
 */
const sessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 };

/** 290 MB: a name that is no literal is fetched when it is asked for, and not with the program. */
const runtimePackage = "npm:onnxruntime-node@1.30.0";

/** Characters of a command line beyond which ONNX Runtime 1.30, which searches it, would end the process. */
const longestCommandLine = 5000;

/**
 * Loads ONNX Runtime, which is fetched on first use.
 *
 * @throws {UserError} where it cannot be had
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  const { length } = Deno.args.join(" ");
  if (length > longestCommandLine) {
    throw new UserError(
      `Cannot check an ONNX file: found a command line of ${length} characters, which ONNX Runtime does not bear, ` +
        `expected at most ${longestCommandLine}. Give folders in place of many files`,
    );
  }
  const runtime: Runtime = await import(runtimePackage).catch((error) => {
    throw new UserError(
      `Cannot check an ONNX file: ONNX Runtime does not load here (${
        error instanceof Error ? error.message : error
      }). It has builds for Linux, macOS and Windows on x86-64 and ARM`,
      { cause: error },
    );
  });
  const feedPrepared = (values: Float32Array, size: number) => {
    const shape = [values.length / (3 * size ** 2), 3, size, size];
    return { [inputNames.prepared]: new runtime.Tensor("float32", values, shape) };
  };
  return {
    feedPrepared,
    open: (model) =>
      runtime.InferenceSession.create(model, sessionOptions).catch((error: Error) => {
        throw new UserError(
          `Cannot export as ONNX: the runtime refuses the file (${error.message}), expected it to load. ` +
            "Please report this, with the recipe of the run",
          { cause: error },
        );
      }),
    feed(images, { input, preprocessing }) {
      const bytes = joinedImages(images), { size } = input;
      if (!preprocessing) return feedPrepared(preparedPixels(bytes, input), size);
      const shape = [images.length, size, size, 3];
      return { [inputNames.bytes]: new runtime.Tensor("uint8", bytes, shape) };
    },
  };
}

/** Normalised pixels `[images, 3, size, size]` of bytes `[images, size, size, 3]`. */
function preparedPixels(bytes: Uint8Array, { size, mean, std }: BackboneInput): Float32Array {
  const pixels = size * size, values = new Float32Array(bytes.length);
  bytes.forEach((value, i) => {
    const channel = i % 3, pixel = Math.floor(i / 3) % pixels, image = Math.floor(i / 3 / pixels);
    values[(image * 3 + channel) * pixels + pixel] = (value / 255 - mean[channel]!) / std[channel]!;
  });
  return values;
}

/** Images one after the other. */
export function joinedImages(images: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(images.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const image of images) {
    joined.set(image, at);
    at += image.length;
  }
  return joined;
}
