/**
 * Names under which files hold the networks of the families, and how each becomes a family's own.
 *
 * @module
 */
import type { TeacherFamily } from "./family.ts";

/** A name of a family for a tensor of a file. */
export interface FamilyTensorName {
  /** The family's name. */
  readonly to: string;
  /** Where several tensors become one, joined along the first axis: which part this one is. */
  readonly part?: number;
  /** Whether rows and columns are exchanged. */
  readonly transposed?: boolean;
}

/** One way to name the tensors of a family. */
export interface Naming {
  /** As messages name it; the family's own has none. */
  readonly name?: string;
  /** What ends the name of the network's first tensor. What stands before it is the prefix. */
  readonly anchors: readonly string[];
  /** Tensors that files with these names may lack. */
  readonly optional?: readonly string[];
  /**
   * The family's names for names without the prefix; a name that is left out is not read.
   *
   * @param names All names of the network.
   */
  rename(names: Iterable<string>): ReadonlyMap<string, FamilyTensorName>;
}

/** The ways in which files name the tensors of a family, its own first. */
export function namingsOf({ anchors, blockPrefix }: TeacherFamily): readonly Naming[] {
  if (blockPrefix === "blocks.") return [{ anchors, rename: outOfChunks }, huggingFace];
  const own: Naming = { anchors, rename: unchanged };
  return blockPrefix.startsWith("visual.") ? [own, huggingFaceClip, imageTower] : [own];
}

function unchanged(names: Iterable<string>): Map<string, FamilyTensorName> {
  return new Map(Array.from(names, (name) => [name, { to: name }]));
}

/**
 * Blocks in chunks (`blocks.0.3.norm1.weight`), as DINOv2 puts them for sharded training, as blocks
 * in a row. Its second numbers count through all chunks; where they begin anew in each, the blocks
 * are counted in the order of the chunks.
 */
function outOfChunks(names: Iterable<string>): Map<string, FamilyTensorName> {
  const chunked = /^blocks\.(\d{1,4})\.(\d{1,4})\.(.+)$/s;
  const all = [...names], places = new Map<string, readonly [chunk: number, block: number]>();
  for (const name of all) {
    const [, chunk, block] = chunked.exec(name) ?? [];
    if (block !== undefined) places.set(`${chunk}.${block}`, [Number(chunk), Number(block)]);
  }
  const throughout = new Set([...places.values()].map(([, block]) => block)).size === places.size;
  const order = [...places].sort(([, [a, b]], [, [c, d]]) => a - c || b - d);
  const numbers = new Map(order.map(([at, [, block]], i) => [at, throughout ? block : i]));
  return new Map(all.map((name) => {
    const [, chunk, block, rest] = chunked.exec(name) ?? [];
    const number = numbers.get(`${chunk}.${block}`);
    return [name, { to: number === undefined ? name : `blocks.${number}.${rest}` }];
  }));
}

/** Patterns, and the family's names for them; an undefined one is left out. */
type Rule = readonly [
  pattern: RegExp,
  to: string | undefined,
  options?: Omit<FamilyTensorName, "to">,
];

function byRules(rules: readonly Rule[]): Naming["rename"] {
  return (names) => {
    const renamed = new Map<string, FamilyTensorName>();
    for (const name of names) {
      const [pattern, to, options] = rules.find(([pattern]) => pattern.test(name)) ??
        [/^/, name] as const;
      if (to === undefined) continue;
      renamed.set(name, { to: to === name ? name : name.replace(pattern, to), ...options });
    }
    return renamed;
  };
}

const layer = String.raw`^encoder\.layer\.(\d+)`;

/** The names of Hugging Face's transformers for DINOv2, with and without registers, DINO and ViT. */
const huggingFace: Naming = {
  name: "Hugging Face",
  anchors: ["embeddings.patch_embeddings.projection.weight"],
  rename: byRules([
    [/^embeddings\.patch_embeddings\.projection\./, "patch_embed.proj."],
    [/^embeddings\.position_embeddings$/, "pos_embed"],
    [/^embeddings\.(cls_token|mask_token|register_tokens)$/, "$1"],
    ...["query", "key", "value"].map((one, part): Rule => [
      new RegExp(String.raw`${layer}\.attention\.attention\.${one}\.`),
      "blocks.$1.attn.qkv.",
      { part },
    ]),
    [new RegExp(String.raw`${layer}\.attention\.output\.dense\.`), "blocks.$1.attn.proj."],
    [new RegExp(String.raw`${layer}\.(?:norm1|layernorm_before)\.`), "blocks.$1.norm1."],
    [new RegExp(String.raw`${layer}\.(?:norm2|layernorm_after)\.`), "blocks.$1.norm2."],
    [new RegExp(String.raw`${layer}\.layer_scale([12])\.lambda1$`), "blocks.$1.ls$2.gamma"],
    [new RegExp(String.raw`${layer}\.(?:mlp\.fc1|intermediate\.dense)\.`), "blocks.$1.mlp.fc1."],
    [new RegExp(String.raw`${layer}\.(?:mlp\.fc2|output\.dense)\.`), "blocks.$1.mlp.fc2."],
    [new RegExp(String.raw`${layer}\.mlp\.weights_in\.`), "blocks.$1.mlp.w12."],
    [new RegExp(String.raw`${layer}\.mlp\.weights_out\.`), "blocks.$1.mlp.w3."],
    [/^layernorm\./, "norm."],
    [/^pooler\./, undefined],
  ]),
};

const clipLayer = String.raw`^vision_model\.encoder\.layers\.(\d+)`;
const block = "visual.transformer.resblocks.$1";

/** The names of Hugging Face's transformers for CLIP. */
const huggingFaceClip: Naming = {
  name: "Hugging Face",
  anchors: ["vision_model.embeddings.patch_embedding.weight"],
  optional: ["visual.proj"],
  rename: byRules([
    [/^vision_model\.embeddings\.patch_embedding\.weight$/, "visual.conv1.weight"],
    [/^vision_model\.embeddings\.class_embedding$/, "visual.class_embedding"],
    [/^vision_model\.embeddings\.position_embedding\.weight$/, "visual.positional_embedding"],
    [/^vision_model\.embeddings\.position_ids$/, undefined],
    // transformers spells it so
    [/^vision_model\.pre_layrnorm\./, "visual.ln_pre."],
    [/^vision_model\.post_layernorm\./, "visual.ln_post."],
    ...["q", "k", "v"].map((one, part): Rule => [
      new RegExp(String.raw`${clipLayer}\.self_attn\.${one}_proj\.`),
      `${block}.attn.in_proj_`,
      { part },
    ]),
    [new RegExp(String.raw`${clipLayer}\.self_attn\.out_proj\.`), `${block}.attn.out_proj.`],
    [new RegExp(String.raw`${clipLayer}\.layer_norm([12])\.`), `${block}.ln_$2.`],
    [new RegExp(String.raw`${clipLayer}\.mlp\.fc1\.`), `${block}.mlp.c_fc.`],
    [new RegExp(String.raw`${clipLayer}\.mlp\.fc2\.`), `${block}.mlp.c_proj.`],
    [/^visual_projection\.weight$/, "visual.proj", { transposed: true }],
    [/^(text_model|text_projection)\.|^logit_/, undefined],
  ]),
};

/** CLIP's image tower saved alone, without `visual.`. */
const imageTower: Naming = {
  name: "the image tower alone",
  anchors: ["conv1.weight"],
  rename: (names) => new Map(Array.from(names, (name) => [name, { to: `visual.${name}` }])),
};
