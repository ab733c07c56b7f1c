/** The bytes of a student's ONNX file, of any precision. */
import type { Backbone } from "../../teachers/backbone.ts";
import { decodeSafetensors } from "../../weights/safetensors/safetensors.ts";
import { calibrateModel } from "./calibrate.ts";
import { encoderWeights } from "./encoder_weights.ts";
import { encodeOnnx } from "./schema.ts";
import { type OnnxHead, studentOnnx } from "./student_onnx.ts";

/**
 * Numbers of weights and arithmetic. `int8`: convolutions and products with weights on whole numbers, for runtimes
 * of processors; those of browsers are no faster by it and have got it wrong.
 */
export type OnnxPrecision = "float32" | "float16" | "int8";

/** What is encoded, and how. */
export interface EncodeStudentOptions {
  readonly precision: OnnxPrecision;
  /** Whether the file takes bytes of any size, and resizes and normalises them. Default false. */
  readonly preprocessing?: boolean | undefined;
  /** A classifier of the features. Default: none. */
  readonly head?: OnnxHead | undefined;
  /** Of whole numbers the images by which they are scaled, as bytes `[size, size, 3]`. Default: none. */
  readonly seen?: readonly Uint8Array[] | undefined;
  /** Of whole numbers, 2 to 8. Default 8. */
  readonly bits?: number | undefined;
  /** Version of the program. */
  readonly version: string;
  /** Texts that the file keeps. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Encodes a student.
 *
 * @param bytes of its file
 * @param student the same, opened; borrowed
 * @throws {UserError} where whole numbers are asked for and ONNX Runtime cannot be loaded
 */
export async function encodeStudentOnnx(
  bytes: Uint8Array,
  { name, input, encoder }: Pick<Backbone, "name" | "input" | "encoder">,
  options: EncodeStudentOptions,
): Promise<Uint8Array> {
  const { precision, preprocessing = false, seen: images = [], bits, ...rest } = options;
  const graph = studentOnnx({
    ...{ name, config: encoder!, input, preprocessing, ...rest },
    precision: precision === "float16" ? "float16" : "float32",
    description: "The encoder of a student that was distilled by hashigo.",
    weights: encoderWeights(decodeSafetensors(bytes, { source: `the student "${name}"` })),
  });
  return encodeOnnx(
    precision === "int8"
      ? await calibrateModel(graph, { images, input, preprocessing }, bits)
      : graph,
  );
}
