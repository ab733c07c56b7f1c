/** Convolutional students that timm has models for, for tests/golden/export/timm_students.py and its test. */
import type { EncoderConfig } from "../../lib/nn/encoder.ts";

/** One of each kind, with factors of channels folded and apart. */
export const timmConfigs: { readonly [name: string]: EncoderConfig } = {
  "MobileNetV2": { kind: "mobilenet_v2", imageSize: 64, widthMultiplier: 0.35 },
  "EfficientNet-Lite0": { kind: "efficientnet_lite", imageSize: 65, scaled: true },
  "ResNet-18": { kind: "resnet", imageSize: 64, layers: 18 },
  "ResNet-50": { kind: "resnet", imageSize: 33, layers: 50, scaled: true },
};
