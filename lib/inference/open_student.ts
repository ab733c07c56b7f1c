/** A trained student for programs: embeddings, patches and classes of images of any origin. */
import { dirname } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../engine/backend.ts";
import { compileLazily } from "../engine/compile_lazily.ts";
import { UserError } from "../errors/user_error.ts";
import { openReadOut } from "../evaluation/readout/read_model.ts";
import { openModel } from "../evaluation/models/open_model.ts";
import type { DecodeOptions } from "../images/codec/decode_options.ts";
import { logisticProbabilities } from "../metrics/probes/logistic.ts";
import type { Grid } from "../nn/token_grid.ts";
import { locateStudent } from "../runs/locate_student.ts";
import type { Backbone, Features } from "../teachers/backbone.ts";
import { atTemperature, type Classification, decide, type Head } from "./head.ts";
import { readHead } from "./head_file.ts";
import { chunksOf, type ImageInput, paddedCount, pixelsOf } from "./image_batches.ts";

/** Options of {@linkcode openStudent}. */
export interface OpenStudentOptions extends DecodeOptions {
  /** Images that the network sees at once. Default: 32. */
  readonly batchSize?: number | undefined;
  /** "chosen": features by the readout that is stored with the student. Default: "as_is". */
  readonly readout?: "as_is" | "chosen" | undefined;
  /** Path of a classifier. Default: `head.safetensors` beside the student, where there is one. */
  readonly head?: string | undefined;
}

/** A student that is ready to use. All of its tensors are its own; dispose of it when done. */
export interface OpenedStudent extends Disposable {
  /** Name of its run. */
  readonly name: string;
  /** Numbers of an embedding and of a patch. */
  readonly width: number;
  /** Rows and columns of the patches of an image. */
  readonly grid: Grid;
  /** Its head, of the same features; undefined where there is none. */
  readonly head: Head | undefined;
  /** Names of the classes of its head; undefined where there is none. */
  readonly classes: readonly string[] | undefined;
  /** The network, for whatever is not here. */
  readonly backbone: Backbone;
  /** The feature of each image, `[width]`. */
  embed(images: readonly ImageInput[]): Promise<Float32Array[]>;
  /**
   * The feature of each image, `[width]`, from pixels `[side, side, 3]` in 0 to 255, where the side is that of
   * `backbone.input`.
   */
  embedPixels(images: readonly ArrayLike<number>[]): Promise<Float32Array[]>;
  /** The patches of each image, row by row, `[rows × columns, width]`. */
  patches(images: readonly ImageInput[]): Promise<Float32Array[]>;
  /**
   * The class of each image, by the head.
   *
   * @throws {UserError} where there is no head
   */
  classify(images: readonly ImageInput[]): Promise<Classification[]>;
  /** The classes of features that were computed before, `[images, width]`. */
  classifyFeatures(features: Float32Array): Promise<Classification[]>;
  /** Frees the network and what was compiled of it. */
  dispose(): void;
}

/** Name of the file of a head, beside its student. */
export const headName = "head.safetensors";

/**
 * Opens the student of a run, or any other model by its name, and starts the engine.
 *
 * @param source folder of a finished run, a `student.safetensors`, or a name that `openModel` knows
 * @throws {UserError} where there is no such student, readout or head, or the head is of another network
 *
 * @example
 * ```ts
 * import { openStudent } from "@hashigo/hashigo/inference";
 * import sharp from "sharp";
 * const create = { width: 40, height: 32, channels: 3, background: "#ff0000" } as const;
 * const photo = await sharp({ create }).png().toBuffer();
 * using student = await openStudent("resnet20_cifar10");
 * const [embedding] = await student.embed([photo]);
 * if (embedding?.length !== student.width) throw new Error("One number for each channel");
 * ```
 */
export async function openStudent(
  source: string,
  options: OpenStudentOptions = {},
): Promise<OpenedStudent> {
  const { batchSize = 32, readout = "as_is", head: headPath, ...decoding } = options;
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw new UserError(
      `Cannot open "${source}" for batches of ${batchSize}: expected a whole number of at least 1`,
    );
  }
  await startEngine();
  const backbone = readout === "chosen"
    ? await openReadOut({ source }, readout)
    : (await openModel(source)).backbone;
  try {
    const head = await headOf(source, backbone, headPath);
    return studentOf(backbone, { head, batchSize, decoding });
  } catch (error) {
    backbone.dispose();
    throw error;
  }
}

/** Where the head of a student lies by default; undefined of a model without a folder. */
export async function headPathOf(source: string): Promise<string | undefined> {
  const student = await locateStudent(source);
  return student && `${dirname(student.path)}/${headName}`;
}

/**
 * The head of a network: of the path that is given, or the one beside the student, where that is of the same features.
 *
 * @throws {UserError} where a head that is given is absent, or of other features
 */
export async function headOf(
  source: string,
  { digest, name }: Pick<Backbone, "digest" | "name">,
  given: string | undefined,
): Promise<Head | undefined> {
  const path = given ?? await headPathOf(source);
  const head = path === undefined ? undefined : await readHead(path);
  if (head === undefined && given !== undefined) {
    throw new UserError(
      `Cannot read the head "${given}": no such file (looked from ${Deno.cwd()}). Fit one with deno task ` +
        `classify ${source} --train FOLDER`,
    );
  }
  if (head === undefined || head.network === digest) return head;
  // One that lies beside the student by chance is of another readout.
  if (given === undefined) return undefined;
  throw new UserError(
    `Cannot classify with "${name}" by the head "${given}": it was fitted to other features (another student, ` +
      "or another readout). Open the student as it was then, or fit a head anew",
  );
}

function studentOf(
  backbone: Backbone,
  { head, batchSize, decoding }: {
    readonly head: Head | undefined;
    readonly batchSize: number;
    readonly decoding: DecodeOptions;
  },
): OpenedStudent {
  const { name, width, input: { size } } = backbone;
  const compiled = new Map<number, ReturnType<typeof compileFor>>();
  const compileFor = (count: number) =>
    compileLazily((pixels: tf.Tensor4D): Features => backbone.features(tf.div(pixels, 255)), {
      // XLA is the faster for large batches of transformers, but takes seconds to compile.
      mode: count === batchSize ? backbone.mode ?? "graph" : "graph",
      name: `features of ${name}`,
    });
  /** A kind of token of some images, in one batch. */
  const computeBatch = async (pixels: readonly ArrayLike<number>[], kind: "cls" | "patch") => {
    const count = paddedCount(pixels.length, batchSize), side = size * size * 3;
    const batch = new Float32Array(count * side);
    pixels.forEach((values, i) => batch.set(values, i * side));
    const features = compiled.get(count) ?? compileFor(count);
    compiled.set(count, features);
    const tensor = tf.tensor4d(batch, [count, size, size, 3]);
    let output: Features | undefined;
    try {
      output = await features(tensor);
      const wanted = output[kind]!, row = wanted.size / count;
      const values = await wanted.data<"float32">();
      return pixels.map((_, i) => checkFinite(values.slice(i * row, (i + 1) * row), name));
    } finally {
      tf.dispose([tensor, output ?? {}]);
    }
  };
  const compute = async (images: readonly ImageInput[], kind: "cls" | "patch") => {
    checkTokens(backbone, kind);
    const rows: Float32Array[] = [];
    for (const chunk of chunksOf(images, batchSize)) {
      const pixels = await Promise.all(
        chunk.map((image, i) => pixelsOf(image, size, { ...decoding, index: rows.length + i })),
      );
      rows.push(...await computeBatch(pixels, kind));
    }
    return rows;
  };
  const classifyFeatures = async (features: Float32Array) => {
    if (head === undefined) throw withoutHead(name);
    const model = { weight: head.weight, bias: head.bias };
    const probabilities = await logisticProbabilities(model, features, width);
    return decide(head, atTemperature(probabilities, head.classes.length, head.temperature));
  };
  const dispose = () => {
    for (const one of compiled.values()) one.dispose();
    compiled.clear();
    backbone.dispose();
  };
  return {
    ...{ name, width, head, backbone, classifyFeatures, dispose },
    grid: backbone.grid(),
    classes: head?.classes,
    embed: (images) => compute(images, "cls"),
    async embedPixels(images) {
      checkTokens(backbone, "cls");
      const rows: Float32Array[] = [];
      for (const chunk of chunksOf(images, batchSize)) {
        rows.push(...await computeBatch(chunk, "cls"));
      }
      return rows;
    },
    patches: (images) => compute(images, "patch"),
    async classify(images) {
      if (head === undefined) throw withoutHead(name);
      const rows = await compute(images, "cls");
      const features = new Float32Array(rows.length * width);
      rows.forEach((row, i) => features.set(row, i * width));
      return rows.length === 0 ? [] : await classifyFeatures(features);
    },
    [Symbol.dispose]: dispose,
  };
}

function checkTokens({ name, tokens }: Backbone, kind: "cls" | "patch"): void {
  if (tokens.includes(kind)) return;
  const [wanted, there] = kind === "cls" ? ["embeddings", "patches"] : ["patches", "embeddings"];
  throw new UserError(`Cannot compute ${wanted} with "${name}": it has none, only ${there}`);
}

function checkFinite(row: Float32Array, name: string): Float32Array {
  if (row.every(Number.isFinite)) return row;
  throw new UserError(
    `Cannot use "${name}": a feature is not a finite number. Its weights may be damaged, or its run ` +
      "diverged: train or fetch it again",
  );
}

function withoutHead(name: string): UserError {
  return new UserError(
    `Cannot classify with "${name}": it has no head, expected one beside it. Fit one to labelled images: deno ` +
      "task classify RUN --train FOLDER --images FOLDER",
  );
}
