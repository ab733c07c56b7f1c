/** Exports a student as ONNX, and keeps the file only where it computes what the student does. */
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { startEngine } from "../../engine/backend.ts";
import { UserError } from "../../errors/user_error.ts";
import { locateStudent } from "../../runs/locate_student.ts";
import { decodeStudent } from "../../teachers/student_file.ts";
import { sha256 } from "../../weights/verified_file.ts";
import { compareOnnx } from "./compare_onnx.ts";
import { encodeStudentOnnx, type OnnxPrecision } from "./encode_student.ts";
import { sampleAll, splitImages } from "./sample_images.ts";
import { onnxMetadata } from "./schema.ts";
import type { OnnxHead } from "./student_onnx.ts";
import { configJson, preprocessorJson } from "./transformers_files.ts";

export type { OnnxPrecision };

/** Options of {@linkcode exportOnnx}. */
export interface ExportOnnxOptions {
  /** Folder that is written. */
  readonly out: string;
  /** Of weights and arithmetic. */
  readonly precision: OnnxPrecision;
  /** Whether the file takes bytes of any size, and resizes and normalises them. */
  readonly preprocessing: boolean;
  /** Classifier whose probabilities the file gives. Default: none. */
  readonly head?: (OnnxHead & { readonly classes: readonly string[] }) | undefined;
  /** Folders or zips of the images on which the file is compared with the student. */
  readonly images: readonly string[];
  /** Version of the program. */
  readonly version: string;
  /** Texts that the file keeps beside its own: recipe, licences. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Outcome of {@linkcode exportOnnx}. */
export interface ExportedOnnx {
  /** The model. */
  readonly path: string;
  /** Its size. */
  readonly bytes: number;
  /** Difference to the student: of eight bits in the cosine of features, else the largest relative one. */
  readonly difference: number;
  /** In what, in words. */
  readonly ofWhat: string;
  /** Images on which it was measured. */
  readonly images: number;
}

/** What a precision may differ by, and how that is measured. */
interface Tolerance {
  readonly kind: "largest" | "turned";
  readonly limit: number;
  readonly words: string;
  readonly advice: string;
}

const largest = { kind: "largest", words: "of the largest number" } as const;
const tolerances: { readonly [P in OnnxPrecision]: Tolerance } = {
  float32: { ...largest, limit: 1e-4, advice: "Please report this, with the recipe of the run" },
  float16: {
    ...largest,
    limit: 1e-2,
    advice: "Its numbers do not fit into halves: choose --format onnx",
  },
  int8: {
    // k-NN sees by what features of images differ; about here it loses a point: deno task bench rounding, and
    // docs/compression.md.
    ...{ kind: "turned", words: "in the cosine of features around their mean" },
    limit: 0.08,
    advice: "Its numbers do not fit into eight bits: choose --format onnx or onnx-fp16",
  },
};

const precisions = ["float32", "float16", "int8"] as const;
const fileNames = { float32: "model", float16: "model_fp16", int8: "model_int8" } as const;

/** Images that are compared; of eight bits images by which activations are quantised, and others to compare on. */
const compared = 16, calibrated = 512, heldOut = 64;

/**
 * Writes a folder that transformers.js loads: `onnx/model.onnx` (`model_fp16.onnx`, `model_int8.onnx`, or with
 * preprocessing `model_bytes.onnx`), `config.json` and `preprocessor_config.json`. Before, the model runs in ONNX Runtime
 * on images, beside the student on our engine.
 *
 * @param source a run folder, or its `student.safetensors`
 * @throws {UserError} where there is no student, no image to compare on, or both differ by more than 1e-4 (in halves
 * 1e-2) of the largest number, or in eight bits by more than 0.08 in the cosine of features around their mean; nothing
 * is written then
 */
export async function exportOnnx(
  source: string,
  options: ExportOnnxOptions,
): Promise<ExportedOnnx> {
  const { out, precision, preprocessing, head, version } = options;
  if (precision === "int8" && preprocessing) {
    // Its optimiser takes the axes of a resize behind a transpose for others, and refuses the file.
    throw new UserError(
      `Cannot export "${source}" as ONNX: found eight bits together with preprocessing, which ONNX Runtime 1.30 ` +
        "cannot load; expected one of them. Leave out --preprocessing",
    );
  }
  const file = await locateStudent(source);
  if (file === undefined) throw noStudent(source);
  const bytes = await Deno.readFile(file.path);
  await startEngine();
  const backbone = await decodeStudent(bytes, file.name);
  try {
    const { input, encoder } = backbone, config = encoder!;
    const metadata = {
      ...options.metadata,
      student: await sha256(bytes),
      precision,
      preprocessing: String(preprocessing),
      input: JSON.stringify(input),
      config: JSON.stringify(config),
      ...head && { classes: JSON.stringify(head.classes) },
    };
    const { seen, images } = await imagesFor(precision, options.images, input.size);
    const model = await encodeStudentOnnx(bytes, backbone, {
      ...{ precision, preprocessing, head, seen, version, metadata },
    });
    const found = await compareOnnx({ model, backbone, images, preprocessing });
    const { kind, limit, words, advice } = tolerances[precision], difference = found[kind];
    if (!(difference <= limit)) {
      throw new UserError(
        `Cannot export "${source}" as ONNX: on ${images.length} images it differs from the student by ` +
          `${difference.toExponential(1)} ${words}, expected at most ${limit}. ${advice}`,
      );
    }
    const path = `${out}/onnx/${fileNames[precision]}${preprocessing ? "_bytes" : ""}.onnx`;
    await Deno.mkdir(`${out}/onnx`, { recursive: true });
    await writeFileAtomic(path, model);
    const files = { config, input, classes: head?.classes, metadata: options.metadata };
    await writeFileAtomic(`${out}/config.json`, configJson(files));
    await writeFileAtomic(`${out}/preprocessor_config.json`, preprocessorJson(input));
    return { path, bytes: model.length, difference, ofWhat: words, images: images.length };
  } finally {
    backbone.dispose();
  }
}

/** Outcome of {@linkcode checkOnnx}. */
export interface CheckedOnnx {
  /** Difference to the student: of eight bits in the cosine of features, else the largest relative one. */
  readonly difference: number;
  /** In what, in words. */
  readonly ofWhat: string;
  /** Images on which it was measured. */
  readonly images: number;
}

/**
 * Compares an ONNX file that was exported before with the student.
 *
 * @param images folders or zips of the images to compare on
 * @throws {UserError} where it is no such file, is of another student, or computes something else
 */
export async function checkOnnx(
  source: string,
  path: string,
  images: readonly string[],
): Promise<CheckedOnnx> {
  const file = await locateStudent(source);
  if (file === undefined) throw noStudent(source);
  const bytes = await Deno.readFile(file.path), model = await Deno.readFile(path);
  const metadata = metadataOf(model, path), student = await sha256(bytes);
  if (metadata.student !== student) {
    throw new UserError(
      `Cannot use "${path}" for "${source}": it is of the student ${
        metadata.student?.slice(0, 12) ?? "of no name"
      }, ` +
        `expected ${student.slice(0, 12)}. Export it anew, or name its own run`,
    );
  }
  await startEngine();
  const backbone = await decodeStudent(bytes, file.name);
  try {
    const precision = precisions.find((one) => one === metadata.precision) ?? "float32";
    const { images: pixels } = await imagesFor(precision, images, backbone.input.size);
    const preprocessing = metadata.preprocessing === "true";
    const found = await compareOnnx({ model, backbone, images: pixels, preprocessing });
    const { kind, limit, words } = tolerances[precision], difference = found[kind];
    if (difference <= limit) return { difference, ofWhat: words, images: pixels.length };
    throw new UserError(
      `Cannot use "${path}": on ${pixels.length} images it differs from the student by ${
        difference.toExponential(1)
      } ${words}, expected at most ${limit}. Another program changed it: export it anew`,
    );
  } finally {
    backbone.dispose();
  }
}

function metadataOf(model: Uint8Array, path: string): Record<string, string> {
  try {
    return onnxMetadata(model);
  } catch (error) {
    throw new UserError(
      `Cannot read "${path}": found no ONNX file (${
        error instanceof Error ? error.message : error
      }), expected one ` +
        "that was exported here. Export it anew",
      { cause: error },
    );
  }
}

function noStudent(source: string): UserError {
  return new UserError(
    `Cannot export "${source}": found no student there, expected the folder of a run or its ` +
      "student.safetensors. Check the path",
  );
}

/** Images to compare on, and those by which activations are quantised, of eight bits others than the former. */
async function imagesFor(
  precision: OnnxPrecision,
  paths: readonly string[],
  size: number,
): Promise<{ seen: readonly Uint8Array[]; images: readonly Uint8Array[] }> {
  if (precision === "int8") {
    return splitImages(await sampleAll(paths, { count: calibrated + heldOut, size }));
  }
  return { seen: [], images: await sampleAll(paths, { count: compared, size }) };
}
