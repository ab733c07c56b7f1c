/** Tensors of the authors' names under those that Hugging Face gives them. */
import type { FloatTensor } from "../../../lib/weights/host_tensor.ts";

/** Tensors by name. */
export type Tensors = Record<string, FloatTensor>;

const scalar = { shape: [1], data: Float32Array.of(3) };

/** The three parts of a joined tensor. */
function thirds({ shape: [rows = 0, ...rest], data }: FloatTensor): FloatTensor[] {
  const size = data.length / 3;
  return [0, 1, 2].map((i) => {
    return { shape: [rows / 3, ...rest], data: data.slice(i * size, (i + 1) * size) };
  });
}

/** As `transformers.ViTForImageClassification` names them. */
export function asHuggingFaceVit(tensors: Tensors): Tensors {
  const renamed: Tensors = { "vit.pooler.dense.weight": scalar, "classifier.weight": scalar };
  for (const [name, tensor] of Object.entries(tensors)) {
    const [, i, module = "", kind] = /^blocks\.(\d+)\.(.+)\.(\w+)$/.exec(name) ?? [];
    const layer = `vit.encoder.layer.${i}`;
    if (module === "attn.qkv") {
      thirds(tensor).forEach((part, p) => {
        const one = ["query", "key", "value"][p];
        renamed[`${layer}.attention.attention.${one}.${kind}`] = part;
      });
    } else if (i !== undefined) {
      const theirs: Record<string, string> = {
        ...{ "attn.proj": "attention.output.dense", norm1: "layernorm_before" },
        ...{ norm2: "layernorm_after", "mlp.fc1": "intermediate.dense", "mlp.fc2": "output.dense" },
      };
      renamed[`${layer}.${theirs[module]}.${kind}`] = tensor;
    } else if (!name.startsWith("head.")) {
      const theirs = name.replace("patch_embed.proj", "embeddings.patch_embeddings.projection")
        .replace("cls_token", "embeddings.cls_token").replace(/^norm\./, "layernorm.")
        .replace("pos_embed", "embeddings.position_embeddings");
      renamed[`vit.${theirs}`] = tensor;
    }
  }
  return renamed;
}

/** As `transformers.CLIPModel` names them. */
export function asHuggingFaceClip(tensors: Tensors): Tensors {
  const renamed: Tensors = { "text_model.final_layer_norm.bias": scalar, logit_scale: scalar };
  for (const [name, tensor] of Object.entries(tensors)) {
    const [, i, module = ""] = /^visual\.transformer\.resblocks\.(\d+)\.(.+)$/.exec(name) ?? [];
    const layer = `vision_model.encoder.layers.${i}`;
    if (module.startsWith("attn.in_proj_")) {
      const kind = module.slice("attn.in_proj_".length);
      thirds(tensor).forEach((part, p) => {
        renamed[`${layer}.self_attn.${"qkv"[p]}_proj.${kind}`] = part;
      });
    } else if (i !== undefined) {
      const theirs = module.replace("attn.out_proj", "self_attn.out_proj")
        .replace(/^ln_/, "layer_norm").replace("c_fc", "fc1").replace("c_proj", "fc2");
      renamed[`${layer}.${theirs}`] = tensor;
    } else if (name === "visual.proj") {
      const { shape: [rows = 0, columns = 0], data } = tensor;
      const moved = data.map((_, at) => data[(at % rows) * columns + Math.floor(at / rows)]!);
      renamed["visual_projection.weight"] = { shape: [columns, rows], data: moved };
    } else if (name.startsWith("visual.")) {
      const theirs = name.slice("visual.".length)
        .replace("conv1", "embeddings.patch_embedding")
        .replace("class_embedding", "embeddings.class_embedding")
        .replace("positional_embedding", "embeddings.position_embedding.weight")
        .replace("ln_pre", "pre_layrnorm").replace("ln_post", "post_layernorm");
      renamed[`vision_model.${theirs}`] = tensor;
    }
  }
  return renamed;
}
