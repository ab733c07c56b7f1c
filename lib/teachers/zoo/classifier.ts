/**
 * The classifiers that pretrained networks came with: the last layer, which a teacher leaves out.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { linear, type LinearParameters } from "../../nn/linear.ts";
import { UserError } from "../../errors/user_error.ts";
import type { FloatTensor } from "../../weights/host_tensor.ts";
import { packageData } from "../../io/package_data.ts";
import { bytesSource } from "../../weights/byte_source.ts";
import { checkpointFrom } from "../../weights/checkpoint_file.ts";
import { readTfliteLayers } from "../../weights/tflite_tensors.ts";
import { readTorchTensors, tensorOf } from "../../weights/torch/torch_tensors.ts";
import { readVerifiedFile } from "../../weights/verified_file.ts";
import { type NamedClass, parseClasses } from "./class_names.ts";
import type { ZooEntry } from "./manifest.ts";
import { readTeacherFile } from "./teacher_file.ts";
import { zoo } from "./zoo.ts";

/** The last layer of a teacher, which classifies its CLS features. */
export interface TeacherClassifier {
  /** Classes in the order of the outputs. */
  readonly classes: readonly NamedClass[];
  /**
   * Computes the logits of features; pure, so that it can be compiled.
   *
   * @param features CLS features of the teacher, `[batch, width]`.
   * @returns `[batch, classes]`, before the softmax.
   */
  logits(features: tf.Tensor2D): tf.Tensor2D;
  /** Frees the parameters. */
  dispose(): void;
}

/**
 * The classifier that a teacher of the zoo came with; dispose of it when done. The engine must have
 * been started.
 *
 * @returns Undefined where it has none, or none of that name is in the zoo.
 * @throws {UserError} Where a file is missing or has another digest.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { loadClassifier } from "@hashigo/hashigo/teachers";
 * await startEngine();
 * const classifier = await loadClassifier("mobilenet_v1_imagenet");
 * const logits = classifier?.logits(tf.zeros([2, 256]));
 * if (logits?.shape.join() !== "2,1001") throw new Error("1,000 classes and background");
 * classifier?.dispose();
 * ```
 */
export async function loadClassifier(name: string): Promise<TeacherClassifier | undefined> {
  const entry = zoo.find((entry) => entry.name === name);
  const folder = packageData("teachers/");
  return entry === undefined ? undefined : await loadClassifierFrom(entry, folder);
}

/**
 * The classifier of a teacher in a folder like `data/teachers`.
 *
 * @param entry From {@linkcode parseTeacherManifest}.
 * @param folder Address of the folder, ending in a slash.
 * @returns Undefined where the entry names no classes.
 * @throws {UserError} As {@linkcode loadClassifier}, or where layer and classes do not fit.
 *
 * @example
 * ```ts ignore
 * const classifier = await loadClassifierFrom(entry, new URL("file:///models/"));
 * ```
 */
export async function loadClassifierFrom(
  entry: ZooEntry,
  folder: URL,
): Promise<TeacherClassifier | undefined> {
  if (entry.classes === undefined) return undefined;
  const decoder = new TextDecoder();
  const listed = parseClasses(decoder.decode(await readVerifiedFile(entry.classes, folder)));
  const classes = entry.background === false ? listed.slice(1) : listed;
  const head = await readHead(entry, folder);
  const parameters = headParameters(entry, head, classes.length);
  return {
    classes,
    logits: (features) => tf.tidy(() => linear(parameters, features)),
    dispose: () => tf.dispose(Object.values(parameters)),
  };
}

/** A last layer as its file has it; `transposed` where the weight is `[classes, width]`. */
interface Head {
  readonly weight: FloatTensor;
  readonly bias: FloatTensor;
  readonly transposed: boolean;
}

async function readHead(entry: ZooEntry, folder: URL): Promise<Head | undefined> {
  const weights = await readTeacherFile(entry, folder, "weights");
  if (entry.family === "efficientnet_lite") return checkpointHead(weights, entry.name);
  const text = new TextDecoder().decode(await readTeacherFile(entry, folder, "index"));
  const index: unknown = JSON.parse(text);
  return entry.family === "resnet_cifar" ? torchHead(weights, index) : tfliteHead(weights, index);
}

/** The last layer of a checkpoint that needs no index. */
function checkpointHead(bytes: Uint8Array<ArrayBuffer>, name: string): Head {
  using file = checkpointFrom(bytesSource(bytes, name));
  const at = (tensor: string) => {
    return { shape: file.tensors.get(tensor)?.shape ?? [], data: file.read(tensor) };
  };
  return { weight: at("_fc.weight"), bias: at("_fc.bias"), transposed: true };
}

/** The last layer that has weights: linear, or a convolution of 1 x 1. */
function tfliteHead(bytes: Uint8Array, index: unknown): Head | undefined {
  const last = readTfliteLayers(bytes, index).at(-1);
  return last && { weight: last.weight, bias: last.bias, transposed: false };
}

function torchHead(bytes: Uint8Array, index: unknown): Head {
  const tensors = readTorchTensors(bytes, index);
  const at = (kind: "weight" | "bias", rank: number) => tensorOf(tensors, `linear.${kind}`, rank);
  return { weight: at("weight", 2), bias: at("bias", 1), transposed: true };
}

function headParameters(
  { name, width }: ZooEntry,
  head: Head | undefined,
  classes: number,
): LinearParameters {
  if (head?.weight.data.length !== width * classes || head.bias.data.length !== classes) {
    throw new UserError(
      `Cannot load the classifier of "${name}": found the last layer [${
        head?.weight.shape ?? ""
      }] ` +
        `and ${classes} names of classes, expected [${width}, ${classes}]. Restore the manifest of ` +
        "the teachers and the files that it names",
    );
  }
  const { weight: { data }, bias, transposed } = head;
  const weight = tf.tidy(() =>
    transposed
      ? tf.transpose<tf.Tensor2D>(tf.tensor2d(data, [classes, width]))
      : tf.tensor2d(data, [width, classes])
  );
  return { weight, bias: tf.tensor1d(bias.data) };
}
