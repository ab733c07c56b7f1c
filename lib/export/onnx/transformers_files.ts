/** The files beside a model by which transformers.js loads its folder. */
import { type EncoderConfig, encoderStages, isTransformer } from "../../nn/encoder.ts";
import type { BackboneInput } from "../../teachers/input.ts";

/** What the files say. */
export interface TransformersFiles {
  readonly config: EncoderConfig;
  readonly input: BackboneInput;
  /** Names of classes, where the model has a classifier. */
  readonly classes?: readonly string[] | undefined;
  /** Digest of the recipe and others, as the model's metadata. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** `config.json`: a model of images with hidden states, whatever its network is. */
export function configJson({ config, input, classes, metadata }: TransformersFiles): string {
  const { width } = encoderStages({ ...config, imageSize: input.size }).at(-1)!;
  return json({
    // The type by which transformers.js knows that one input of pixels gives hidden states.
    model_type: "vit",
    architectures: ["ViTModel"],
    hidden_size: width,
    image_size: input.size,
    num_channels: 3,
    ...isTransformer(config) && { patch_size: config.patchSize },
    ...classes && { id2label: Object.fromEntries(classes.entries()) },
    hashigo: { network: config.kind ?? "transformer", ...metadata },
  });
}

/** `preprocessor_config.json`: the square in the middle, resized and normalised. */
export function preprocessorJson({ size, mean, std }: BackboneInput): string {
  return json({
    image_processor_type: "ViTImageProcessor",
    do_resize: true,
    size: { shortest_edge: size },
    // Bicubic.
    resample: 3,
    do_center_crop: true,
    crop_size: { width: size, height: size },
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: mean,
    image_std: std,
  });
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2) + "\n";
}
