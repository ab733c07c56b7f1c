/**
 * What most families share: constants, names and shapes of timm, from which their projects grew.
 *
 * @module
 */
import type { PositionRule } from "../../nn/position.ts";
import type { Axis, CheckpointTensors, ExpectedTensor } from "./checkpoint_tensors.ts";
import type { TeacherFamily } from "./family.ts";

/** Mean and deviation of ImageNet, which all but CLIP and timm's oldest were trained with. */
export const imagenet = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const;

/**
 * Heads on top of a backbone, for classes or for self-supervised losses, none of which its features
 * pass: DINO's and timm's own names, and those of linear probes.
 */
export const heads =
  /^(head|heads|classifier|fc|linear|linear_head|mlp_head|proj_head|projection_head|predictor|dino_head|ibot_head)\./;

/** A family under timm's names, but for its positions and tensors; what differs is set over it. */
export const timmFamily = {
  normalization: imagenet,
  licence: "Apache-2.0",
  epsilon: 1e-6,
  activation: "gelu",
  ignored: [heads],
  anchors: ["patch_embed.proj.weight"],
  blockPrefix: "blocks.",
} as const satisfies Partial<TeacherFamily>;

/** Bicubic to the size without offset or antialiasing, as DeiT III and dBOT interpolate when fine-tuned. */
export const fineTunedPositions: PositionRule = { offset: 0, antialias: false };

/** One axis, taken as it is. */
export function vector(from: string, size: Axis, to: string): ExpectedTensor {
  return { from, shape: [size], to, as: "vector" };
}

/** Weight and bias of a norm over the width. */
export function norm(from: string, to: string): ExpectedTensor[] {
  return ["weight", "bias"].map((part) => vector(`${from}.${part}`, "width", `${to}.${part}`));
}

/** Weight `[out, in]` and bias of a linear layer. */
export function linear(from: string, shape: readonly [Axis, Axis], to: string): ExpectedTensor[] {
  return [
    { from: `${from}.weight`, shape, to: `${to}.weight`, as: "matrix" },
    vector(`${from}.bias`, shape[0], `${to}.bias`),
  ];
}

/**
 * The embedding as timm and the projects that grew from it name it: patches, CLS, positions.
 *
 * @param positions Rows of `pos_embed`: `"1+patches"`, or `"patches"` where CLS has none.
 * @param stages Of a stem of convolutions in place of the patch embedding; 0 for none.
 */
export function embedding(positions: Axis, stages = 0): ExpectedTensor[] {
  const pixels = ["width", 3, "patch", "patch"];
  const stem: ExpectedTensor[] = stages > 0 ? convolutions(stages) : [
    { from: "patch_embed.proj.weight", shape: pixels, to: "stem.weight", as: "convolution" },
    vector("patch_embed.proj.bias", "width", "stem.bias"),
  ];
  return [
    ...stem,
    { from: "cls_token", shape: [1, 1, "width"], to: "cls", as: "rows" },
    { from: "pos_embed", shape: [1, positions, "width"], to: "position", as: "rows" },
  ];
}

/** A stem of convolutions, as this package exports it: the last stage is as wide as the tokens. */
function convolutions(stages: number): ExpectedTensor[] {
  const channels = (stage: number) => stage < 0 ? 3 : stage === stages - 1 ? "width" : `c${stage}`;
  return [
    ...linear("patch_embed.output", ["width", "width"], "stem.output"),
    ...Array.from({ length: stages }, (_, i) => i).flatMap((i): ExpectedTensor[] => {
      const [from, to, size] = [`patch_embed.stages.${i}`, `stem.stages.${i}`, channels(i)];
      return [
        {
          from: `${from}.convolution.weight`,
          shape: [size, channels(i - 1), 3, 3],
          to: `${to}.convolution.weight`,
          as: "convolution",
        },
        vector(`${from}.convolution.bias`, size, `${to}.convolution.bias`),
        vector(`${from}.norm.weight`, size, `${to}.norm.weight`),
        vector(`${from}.norm.bias`, size, `${to}.norm.bias`),
      ];
    }),
  ];
}

/** Number of stages of a stem of convolutions; 0 for a patch embedding. */
export function stemStages(tensors: CheckpointTensors["tensors"]): number {
  const numbers = [...tensors.keys()].map((name) =>
    /^(?:encoder\.)?patch_embed\.stages\.(\d{1,2})\./.exec(name)?.[1]
  ).filter((number) => number !== undefined);
  return numbers.reduce((most, number) => Math.max(most, Number(number) + 1), 0);
}

/** Registers under DINOv2's name, where a file has them. */
export function registers(present: boolean): ExpectedTensor[] {
  if (!present) return [];
  const shape = [1, "registers", "width"];
  return [{ from: "register_tokens", shape, to: "registers", as: "rows" }];
}

/** The two LayerScales under timm's names, where a file has any of them. */
export function layerScales(
  tensors: CheckpointTensors["tensors"],
): readonly [string, string] | undefined {
  const present = [...tensors.keys()].some((name) => /\.ls[12]\.gamma$/.test(name));
  return present ? ["ls1.gamma", "ls2.gamma"] : undefined;
}

/**
 * Blocks as timm and the projects that grew from it name them.
 *
 * @param options.scales Names of the two LayerScales, where there are any.
 * @param options.gated Whether the MLP is DINOv2's SwiGLU, `w12` and `w3`.
 */
export function blocks(
  depth: number,
  options: { readonly scales?: readonly [string, string] | undefined; readonly gated?: boolean } =
    {},
): ExpectedTensor[] {
  const { scales, gated = false } = options;
  return Array.from({ length: depth }, (_, index) => `blocks.${index}`).flatMap((at) => [
    ...norm(`${at}.norm1`, `${at}.norm1`),
    ...linear(`${at}.attn.qkv`, ["3*width", "width"], `${at}.attention.qkv`),
    ...linear(`${at}.attn.proj`, ["width", "width"], `${at}.attention.output`),
    ...norm(`${at}.norm2`, `${at}.norm2`),
    ...gated
      ? [
        ...linear(`${at}.mlp.w12`, ["2*hidden", "width"], `${at}.mlp.gates`),
        ...linear(`${at}.mlp.w3`, ["width", "hidden"], `${at}.mlp.output`),
      ]
      : [
        ...linear(`${at}.mlp.fc1`, ["hidden", "width"], `${at}.mlp.hidden`),
        ...linear(`${at}.mlp.fc2`, ["width", "hidden"], `${at}.mlp.output`),
      ],
    ...(scales ?? []).map((name, i) => vector(`${at}.${name}`, "width", `${at}.scale${i + 1}`)),
  ]);
}
