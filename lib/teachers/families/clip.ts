import type { ExpectedTensor } from "./checkpoint_tensors.ts";
import type { TeacherFamily } from "./family.ts";
import { linear, norm, vector } from "./tensor_names.ts";

const prefix = "visual.transformer.resblocks.";

/**
 * The image tower of CLIP (Radford et al., 2021), MetaCLIP (Xu et al., 2024) and OpenCLIP, under the
 * names of the whole model. UNIC-L learns from MetaCLIP's ViT-H/14.
 *
 * - A norm before the first block (`ln_pre`), no bias in the patch embedding, norms with 1e-5.
 * - OpenAI's and MetaCLIP's networks have the quick GELU, which is the default here; most that were
 *   trained with OpenCLIP (LAION, DataComp) have the exact one: load those with `activation: "gelu"`.
 *   Nothing in the file tells.
 * - CLS and patches are tokens after `ln_post`. With `projection: true` both are multiplied with
 *   `visual.proj`, into the space that is shared with text; CLIP itself projects CLS alone.
 * - Heads are 64 wide up to ViT-L, 80 in ViT-H, 88 in ViT-g, 104 in ViT-bigG.
 * - Positions at other sizes: bicubic with antialiasing, as OpenCLIP does. The text tower is not read.
 * - The weights' licences differ: OpenAI's and LAION's MIT, MetaCLIP's CC-BY-NC-4.0.
 */
export const clip: TeacherFamily = {
  normalization: {
    mean: [0.48145466, 0.4578275, 0.40821073],
    std: [0.26862954, 0.26130258, 0.27577711],
  },
  licence: "NOASSERTION",
  epsilon: 1e-5,
  activation: "quick_gelu",
  varies: "activation",
  ignored: [
    /^(text\.|transformer\.|token_embedding\.|ln_final\.)/,
    /^(positional_embedding|text_projection|logit_scale|logit_bias|attn_mask)$/,
    /^(input_resolution|context_length|vocab_size)$/,
  ],
  positions: () => ({ offset: 0, antialias: true }),
  anchors: ["visual.conv1.weight"],
  blockPrefix: prefix,
  expected: (_, depth) => [
    {
      from: "visual.conv1.weight",
      shape: ["width", 3, "patch", "patch"],
      to: "stem.weight",
      as: "convolution",
    },
    { from: "visual.class_embedding", shape: ["width"], to: "cls", as: "rows" },
    {
      from: "visual.positional_embedding",
      shape: ["1+patches", "width"],
      to: "position",
      as: "rows",
    },
    ...norm("visual.ln_pre", "embeddingNorm"),
    ...Array.from({ length: depth }, (_, index) => blockTensors(index)).flat(),
    ...norm("visual.ln_post", "norm"),
    { from: "visual.proj", shape: ["width", "projected"], to: "projection", as: "rows" },
  ],
};

function blockTensors(index: number): ExpectedTensor[] {
  const from = `${prefix}${index}`, to = `blocks.${index}`;
  return [
    ...norm(`${from}.ln_1`, `${to}.norm1`),
    {
      from: `${from}.attn.in_proj_weight`,
      shape: ["3*width", "width"],
      to: `${to}.attention.qkv.weight`,
      as: "matrix",
    },
    vector(`${from}.attn.in_proj_bias`, "3*width", `${to}.attention.qkv.bias`),
    ...linear(`${from}.attn.out_proj`, ["width", "width"], `${to}.attention.output`),
    ...norm(`${from}.ln_2`, `${to}.norm2`),
    ...linear(`${from}.mlp.c_fc`, ["hidden", "width"], `${to}.mlp.hidden`),
    ...linear(`${from}.mlp.c_proj`, ["width", "hidden"], `${to}.mlp.output`),
  ];
}
