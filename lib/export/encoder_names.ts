/**
 * The encoder's parameters under the names of three PyTorch classes: the reference's chunked
 * transformer, DINOv2's, and timm's. Matrices are turned to PyTorch's layout, outputs first. A stem
 * of convolutions, which none of the classes has, gets names of its own beside the reference's.
 *
 * @module
 */
import { hiddenWidth } from "../nn/block.ts";
import { isPruned } from "../nn/block_shapes.ts";
import type { VisionTransformerConfig } from "../nn/vision_transformer.ts";
import { stemChannels } from "../nn/convolution_stem.ts";
import { UserError } from "../errors/user_error.ts";
import type { FloatTensor } from "../weights/host_tensor.ts";
import { type TensorMap, tensorTaker, unfit } from "./named_tensors.ts";
import { kernelMatrix, kernelOf, transposed } from "./tensor_rows.ts";

/** The PyTorch class whose names are used. */
export type EncoderDialect = "unic" | "dinov2" | "timm";

/** Prefix of a block's number, and whether there is a mask token (which is never used). */
const dialects: Readonly<Record<EncoderDialect, { blocks: string; maskToken: boolean }>> = {
  unic: { blocks: "blocks.0.", maskToken: true }, // one chunk, numbered 0
  dinov2: { blocks: "blocks.", maskToken: true },
  timm: { blocks: "blocks.", maskToken: false },
};

/** One tensor under both names. */
interface Renaming {
  readonly ours: string;
  readonly theirs: string;
  /** How the layouts differ. */
  readonly kind: "vector" | "matrix" | "tokens" | "kernel";
  /** Rows of a kernel. */
  readonly side?: number;
  /** Our shape. */
  readonly shape: readonly number[];
}

/**
 * Our encoder under the names of another class. Registers and LayerScale get the names that DINOv2 has for
 * them.
 *
 * @param encoder Names as in `student.safetensors`: `cls`, `position`, `stem.weight`,
 *   `blocks.0.norm1.weight`, ….
 *
 * @returns `cls_token [1, 1, width]`, `pos_embed [1, 1 + patches, width]`,
 *   `patch_embed.proj.weight [width, 3, patch, patch]`, or for `"unic"` and a stem of convolutions
 *   `patch_embed.stages.0.convolution.weight [channels, 3, 3, 3]`, `patch_embed.stages.0.norm.weight`,
 *   … and `patch_embed.output.weight`; the blocks, `norm`, and for `"unic"` and `"dinov2"` a
 *   `mask_token [1, width]` of zeros.
 * @throws {UserError} Where a tensor is missing, left over or of another shape, or the stem is made
 *   of convolutions and the class is not `"unic"`.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initVisionTransformer } from "@hashigo/hashigo/nn";
 * import { namedTensors } from "@hashigo/hashigo/tensors";
 * import { toEncoderNames } from "./encoder_names.ts";
 * await startEngine();
 * const config = { imageSize: 16, patchSize: 8, width: 8, depth: 1, heads: 2 };
 * const parameters = initVisionTransformer(config, randomStream(0));
 * const encoder = new Map(namedTensors(parameters).map(([name, tensor]) => {
 *   return [name, { shape: tensor.shape, data: tensor.dataSync<"float32">() }] as const;
 * }));
 * const renamed = toEncoderNames(encoder, config, "timm");
 * if (renamed.get("blocks.0.attn.qkv.weight")?.shape.join() !== "24,8") throw new Error();
 * ```
 */
export function toEncoderNames(
  encoder: TensorMap,
  config: VisionTransformerConfig,
  dialect: EncoderDialect,
): Map<string, FloatTensor> {
  if (config.stem === "convolution" && dialect !== "unic") {
    throw new UserError(
      `Cannot export the encoder under the names of ${dialect}: its stem is made of convolutions, ` +
        `which ${dialect}'s class does not have. Export it as safetensors, with a program that runs it ` +
        "in PyTorch, or as unic; or train with student.stem=patch",
    );
  }
  const { width } = config;
  const taker = tensorTaker(encoder, "the encoder");
  const renamed = new Map<string, FloatTensor>();
  for (const { ours, theirs, kind, shape, side = 0 } of renamings(config, dialect)) {
    const tensor = taker.take(ours, shape);
    renamed.set(
      theirs,
      {
        vector: () => tensor,
        matrix: () => transposed(tensor),
        tokens: () => ({ shape: [1, ...shape], data: tensor.data }),
        kernel: () => kernelOf(tensor, side),
      }[kind](),
    );
  }
  taker.finish();
  if (dialects[dialect].maskToken) {
    renamed.set("mask_token", { shape: [1, width], data: new Float32Array(width) });
  }
  return renamed;
}

/**
 * An encoder of another class under our names, and its shape, read off the tensors.
 *
 * @param tensors Names as of {@linkcode toEncoderNames}; a mask token may be missing.
 * @param options heads: attention heads, which cannot be read off the tensors; default: one for every 64 of
 *   the width, as all these classes have.
 * @throws {UserError} Where a tensor is missing, left over or of another shape.
 *
 * @example
 * ```ts
 * import { fromEncoderNames } from "./encoder_names.ts";
 * let refused = "";
 * try {
 *   fromEncoderNames(new Map(), "dinov2");
 * } catch (error) {
 *   refused = String(error);
 * }
 * if (!refused.includes('"cls_token"')) throw new Error("Expected the missing name");
 * ```
 */
export function fromEncoderNames(
  tensors: TensorMap,
  dialect: EncoderDialect,
  options: { readonly heads?: number | undefined } = {},
): { config: VisionTransformerConfig; encoder: Map<string, FloatTensor> } {
  const source = `the encoder with the names of ${dialect}`;
  const config = readConfig(tensors, dialect, source, options.heads);
  const { width } = config;
  const taker = tensorTaker(tensors, source);
  const encoder = new Map<string, FloatTensor>();
  for (const { ours, theirs, kind, shape, side = 1 } of renamings(config, dialect)) {
    const [inputs = 0, outputs = 0] = shape;
    const tensor = taker.take(
      theirs,
      {
        vector: shape,
        matrix: shape.toReversed(),
        tokens: [1, ...shape],
        kernel: [outputs, inputs / side ** 2, side, side],
      }[kind],
    );
    encoder.set(
      ours,
      {
        vector: () => tensor,
        matrix: () => transposed(tensor),
        tokens: () => ({ shape, data: tensor.data }),
        kernel: () => kernelMatrix(tensor),
      }[kind](),
    );
  }
  if (tensors.has("mask_token")) taker.take("mask_token", [1, width]);
  taker.finish();
  return { config, encoder };
}

/** Every tensor of an encoder but the mask token. */
function renamings(config: VisionTransformerConfig, dialect: EncoderDialect): Renaming[] {
  const { width, depth, registers = 0, layerScale } = config;
  const hidden = hiddenWidth(config);
  if (isPruned(config)) {
    throw new UserError(
      `Cannot put the encoder under the names of ${dialect}: its blocks are pruned and differ from one another, ` +
        "which other codebases' classes do not know. Export it as onnx, or as safetensors with its program",
    );
  }
  if (registers > 0 && dialect === "timm") {
    throw new UserError(
      "Cannot put the encoder under the names of timm: it has registers without positions, which timm's " +
        "class does not have. Export it as dinov2, or train without student.registers",
    );
  }
  const blocks = Array.from({ length: depth }, (_, i) => {
    const [ours, theirs] = [`blocks.${i}`, `${dialects[dialect].blocks}${i}`];
    return [
      layer(`${ours}.norm1`, `${theirs}.norm1`, width),
      layer(`${ours}.attention.qkv`, `${theirs}.attn.qkv`, width, 3 * width),
      layer(`${ours}.attention.output`, `${theirs}.attn.proj`, width, width),
      layer(`${ours}.norm2`, `${theirs}.norm2`, width),
      layer(`${ours}.mlp.hidden`, `${theirs}.mlp.fc1`, width, hidden),
      layer(`${ours}.mlp.output`, `${theirs}.mlp.fc2`, hidden, width),
      layerScale === undefined ? [] : [1, 2].map((branch): Renaming => ({
        ours: `${ours}.scale${branch}`,
        theirs: `${theirs}.ls${branch}.gamma`,
        kind: "vector",
        shape: [width],
      })),
    ];
  });
  const tokens = 1 + (config.imageSize / config.patchSize) ** 2;
  return [
    { ours: "cls", theirs: "cls_token", kind: "tokens", shape: [1, width] },
    { ours: "position", theirs: "pos_embed", kind: "tokens", shape: [tokens, width] },
    ...registers === 0 ? [] : [{
      ours: "registers",
      theirs: "register_tokens",
      kind: "tokens",
      shape: [registers, width],
    }] as const,
    ...stemRenamings(config),
    ...blocks.flat(2),
    ...layer("norm", "norm", width),
  ];
}

/** The patch embedding, or the stages of a stem of convolutions. */
function stemRenamings({ width, patchSize, stem }: VisionTransformerConfig): Renaming[] {
  const kernel = (ours: string, theirs: string, side: number, shape: readonly [number, number]) => {
    const [weight, bias] = layer(ours, theirs, ...shape) as [Renaming, Renaming];
    return [{ ...weight, kind: "kernel", side } as const, bias];
  };
  if (stem !== "convolution") {
    return kernel("stem", "patch_embed.proj", patchSize, [3 * patchSize ** 2, width]);
  }
  const channels = stemChannels({ width, patchSize });
  return [
    ...channels.flatMap((outputs, i) => {
      const [ours, theirs] = [`stem.stages.${i}`, `patch_embed.stages.${i}`];
      const inputs = channels[i - 1] ?? 3;
      return [
        ...kernel(`${ours}.convolution`, `${theirs}.convolution`, 3, [9 * inputs, outputs]),
        ...layer(`${ours}.norm`, `${theirs}.norm`, outputs),
      ];
    }),
    ...layer("stem.output", "patch_embed.output", width, width),
  ];
}

/** Weight and bias of a linear layer, or of a norm. */
function layer(ours: string, theirs: string, ...shape: number[]): Renaming[] {
  const kind = shape.length === 1 ? "vector" : "matrix";
  return [
    { ours: `${ours}.weight`, theirs: `${theirs}.weight`, kind, shape },
    { ours: `${ours}.bias`, theirs: `${theirs}.bias`, kind: "vector", shape: shape.slice(-1) },
  ];
}

/** The shape of an encoder, as far as it can be read off its tensors. */
function readConfig(
  tensors: TensorMap,
  dialect: EncoderDialect,
  source: string,
  headCount: number | undefined,
): VisionTransformerConfig {
  const shapeOf = (name: string, rank: number) => {
    const shape = tensors.get(name)?.shape;
    if (shape?.length === rank) return shape;
    const actual = shape === undefined ? "no such tensor" : `[${shape}]`;
    throw unfit(source, `${actual} for "${name}", expected one of ${rank} axes`);
  };
  const { blocks } = dialects[dialect];
  const [, , width = 0] = shapeOf("cls_token", 3);
  const [, tokens = 0] = shapeOf("pos_embed", 3);
  const stages = stagesOf(tensors);
  const patchSize = stages > 0 ? 2 ** stages : shapeOf("patch_embed.proj.weight", 4)[2] ?? 0;
  const [hidden = 0] = shapeOf(`${blocks}0.mlp.fc1.weight`, 2);
  let depth = 1;
  while (tensors.has(`${blocks}${depth}.norm1.weight`)) depth++;
  const side = Math.sqrt(tokens - 1);
  const heads = headCount ?? width / 64;
  if (!Number.isInteger(side) || side < 1) {
    throw unfit(source, `positions of ${tokens - 1} patches, expected a square number`);
  }
  if (!Number.isInteger(heads) || heads < 1 || width % heads !== 0) {
    throw unfit(source, `${heads} heads for the width ${width}, expected a divisor (option heads)`);
  }
  const [, registers = 0] = tensors.get("register_tokens")?.shape ?? [];
  return {
    ...{ imageSize: side * patchSize, patchSize, width, depth, heads },
    // Defaults are absent, so that the shape equals the one that the encoder was made with.
    ...hidden === 4 * width ? {} : { mlpRatio: hidden / width },
    ...registers === 0 ? {} : { registers },
    ...tensors.has(`${blocks}0.ls1.gamma`) ? { layerScale: 1 } : {},
    ...stages > 0 ? { stem: "convolution" as const } : {},
  };
}

/** Stages of a stem of convolutions; 0 for a patch embedding. */
function stagesOf(tensors: TensorMap): number {
  let stages = 0;
  while (tensors.has(`patch_embed.stages.${stages}.convolution.weight`)) stages++;
  return stages;
}
