/** Students of every kind in a folder, with images. */
import sharp from "sharp";
import { exportOnnx, type ExportOnnxOptions } from "../../../lib/export/onnx/export_onnx.ts";
import type { EncoderConfig } from "../../../lib/nn/encoder.ts";
import { pixels, png, writeFiles } from "../../images/images_fixture.ts";
import { randomStudent } from "./random_student_fixture.ts";

/** A transformer. */
export const transformer = { imageSize: 32, patchSize: 8, width: 24, depth: 2, heads: 3 } as const;

/** Every kind of student, with every option of its shape. */
export const kinds: Readonly<Record<string, EncoderConfig>> = {
  "a transformer": transformer,
  "a transformer with registers, LayerScale and another ratio": {
    ...transformer,
    registers: 2,
    layerScale: 0.1,
    mlpRatio: 2,
  },
  "a transformer with a stem of convolutions": { ...transformer, stem: "convolution" },
  "a transformer whose blocks were pruned": {
    ...transformer,
    hiddenWidths: [40, 17],
    headCounts: [2, 3],
    queryWidths: [8, 5],
  },
  "a ResNet of CIFAR whose blocks were pruned": {
    ...{ kind: "resnet_cifar", imageSize: 33, blocks: 1 },
    hiddenWidths: [5, 17, 40],
  },
  "MobileNetV2": { kind: "mobilenet_v2", imageSize: 64, widthMultiplier: 0.25 },
  "MobileNetV2 that dilates": {
    kind: "mobilenet_v2",
    imageSize: 65,
    widthMultiplier: 0.25,
    outputStride: 16,
  },
  "EfficientNet-Lite with factors apart": {
    kind: "efficientnet_lite",
    imageSize: 50,
    widthMultiplier: 0.25,
    scaled: true,
  },
  "a ResNet of CIFAR": { kind: "resnet_cifar", imageSize: 33, blocks: 1 },
  "ResNet-18": { kind: "resnet", imageSize: 64, layers: 18, widthMultiplier: 0.25 },
  "ResNet-50": { kind: "resnet", imageSize: 47, layers: 50, widthMultiplier: 0.25 },
};

/** Options of an export. */
export const plain = {
  precision: "float32",
  preprocessing: false,
  version: "0.0.0",
  metadata: { recipe: "digest" },
} as const;

/** A PNG of a colour of its own: features of random weights tell such images apart. */
async function colour(number: number): Promise<Uint8Array> {
  const own = [97, 57, 151].map((step) => (number * step) % 256);
  const bytes = pixels(number, 60, 60).map((value, i) => 0.25 * value + 0.75 * own[i % 3]!);
  return await sharp(bytes, { raw: { width: 60, height: 60, channels: 3 } }).png().toBuffer();
}

/** A folder with a student and photos. */
export async function writeStudent(folder: string, config: EncoderConfig) {
  const photos: Record<string, Uint8Array> = {};
  for (let i = 0; i < 5; i++) photos[`photos/${i}.png`] = await png(17 * i, 50 + i, 60);
  for (let i = 0; i < 18; i++) photos[`colours/${i}.png`] = await colour(i);
  await writeFiles(folder, { "student.safetensors": randomStudent(config), ...photos });
  const source = `${folder}/student.safetensors`;
  const options = { ...plain, out: `${folder}/out`, images: [`${folder}/photos`] };
  return {
    source,
    exported: (changed: Partial<ExportOnnxOptions> = {}) =>
      exportOnnx(source, { ...options, ...changed }),
  };
}
