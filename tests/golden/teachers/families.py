"""Features of every family of teachers by the models of timm and OpenCLIP, for tests/teachers/families/families_test.ts.

Weights are a formula of the tensor's name, so that none need storing; they are given the names of the
family's own files and loaded by timm's own conversion. Positions at other sizes are interpolated here by
each project's rule. Needs torch, timm and open_clip. Small networks, written to families.json:

    python tests/golden/teachers/families.py

At full size (random weights, ViT-B at 224), files and features into a folder, for families_full.ts beside
this file:

    python tests/golden/teachers/families.py --full FOLDER
"""
import functools
import json
import pathlib
import re
import sys

import numpy
import open_clip
import torch
import torch.nn.functional as F
from open_clip.transformer import QuickGELU
from open_clip.transformer import VisionTransformer as ClipTower
from timm.layers import SwiGLUPacked
from timm.models.vision_transformer import VisionTransformer, checkpoint_filter_fn

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from made_up import images, noise

IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
CLIP = ([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711])
HALF = ([0.5] * 3, [0.5] * 3)
SMALL = {"width": 128, "depth": 2, "heads": 2, "size": 32, "patch": 8}
FULL = {"width": 768, "depth": 12, "heads": 12, "size": 224, "patch": 16}


def formula(name, shape):
    """Numbers around 0 (around 1 for scales) that look random, rounded to float32."""
    values = centre(name) + 0.2 * noise(name, shape)
    return torch.tensor(values.astype(numpy.float32)).reshape(shape)


def drawn(name, shape):
    """The same for networks of full size, with the deviation that suits their width."""
    return centre(name) + 0.03 * torch.randn(shape)


def centre(name):
    return 1 if re.search(r"(norm\w*|ln_\w+)\.weight$|gamma", name) else 0


def plain(shape, size=None, **options):
    return VisionTransformer(
        img_size=size or shape["size"], patch_size=shape["patch"], embed_dim=shape["width"],
        depth=shape["depth"], num_heads=shape["heads"], num_classes=0, **options,
    ).eval()


def tokens(model, x):
    """CLS and patches after timm's own forward pass."""
    out = model.forward_features(x)
    return out[:, 0], out[:, model.num_prefix_tokens :]


def resized(position, before, after, offset, antialias):
    """The rows behind CLS, if it has one, on another grid."""
    first = position.shape[1] - before**2
    picture = position[:, first:].reshape(1, before, before, -1).permute(0, 3, 1, 2).double()
    where = {"scale_factor": (after + offset) / before} if offset else {"size": (after, after)}
    grown = F.interpolate(picture, **where, mode="bicubic", antialias=antialias)
    assert grown.shape[2:] == (after, after)
    rows = grown.flatten(2).transpose(1, 2)
    return torch.cat([position[:, :first].double(), rows], 1)


def timm_case(shape, fill, to_file, *, size=None, rule=None, extra=(), adapt=False, read=tokens, norm=IMAGENET, **options):
    """A file in the family's names, and the features of timm's model with it."""
    native, model = plain(shape, **options), plain(shape, size, **options)
    names = {to_file(name): list(value.shape) for name, value in native.state_dict().items()}
    if "register_tokens" in names:
        names["pos_embed"][1] += 1  # timm adds the position of CLS to CLS
    names.update(extra)
    file = {name: fill(name, of) for name, of in names.items()}
    weights = {k: v.double() for k, v in file.items() if k not in dict(extra) or k == "mask_token"}
    if rule:
        grid = [(s or shape["size"]) // shape["patch"] for s in (shape["size"], size)]
        if grid[0] != grid[1]:
            weights["pos_embed"] = resized(weights["pos_embed"], *grid, *rule)
    converted = checkpoint_filter_fn(weights, model, adapt_layer_scale=adapt)
    model.double().load_state_dict(converted, strict=True)
    return file, functools.partial(read, model), size or shape["size"], norm


def pooled(model, x):
    """dBOT: the norm of the mean of patches, by timm's own pooling; patches as they are."""
    out = model.forward_features(x)
    return model.forward_head(out, pre_logits=True), out[:, 1:]


def dinov2_name(name):
    name = name.replace("reg_token", "register_tokens")
    return name.replace("mlp.fc1", "mlp.w12").replace("mlp.fc2", "mlp.w3")


def clip_case(shape, fill, *, size=None, activation=QuickGELU, project=False):
    def tower(of):
        return ClipTower(
            image_size=of, patch_size=shape["patch"], width=shape["width"], layers=shape["depth"],
            heads=shape["heads"], mlp_ratio=4, output_dim=48, act_layer=activation, output_tokens=True,
        ).eval()

    class Whole(torch.nn.Module):
        def __init__(self, of):
            super().__init__()
            self.visual = tower(of)

    whole = Whole(size or shape["size"]).double()
    names = {f"visual.{name}": list(value.shape) for name, value in tower(shape["size"]).state_dict().items()}
    text = {"positional_embedding": [7, 16], "logit_scale": [], "token_embedding.weight": [9, 16],
            "transformer.resblocks.0.ln_1.weight": [16], "ln_final.bias": [16], "text_projection": [16, 48]}
    file = {name: fill(name, of) for name, of in {**names, **text}.items()}
    weights = {name: file[name].double() for name in names}
    open_clip.model.resize_pos_embed(weights, whole)
    whole.load_state_dict(weights, strict=True)

    def read(x):
        model = whole.visual
        cls, patch = model._pool(model.transformer(model._embeds(x)))
        if not project:
            return cls, patch
        projected, _ = model(x)
        return projected, patch @ model.proj

    return file, read, size or shape["size"], CLIP


def same(name):
    return name


def gamma(name):
    return re.sub(r"ls(\d)\.gamma", r"gamma_\1", name)


HEAD = {"head.mlp.0.weight": [8, 128], "head.last_layer.weight_g": [8, 1]}
CLASSES = {"head.weight": [10, 128], "head.bias": [10]}
FOURTEEN = {**SMALL, "patch": 14, "size": 56}
EPS = {"norm_layer": functools.partial(torch.nn.LayerNorm, eps=1e-6)}
SCALED = {"init_values": 1.0}
REGISTERS = {"reg_tokens": 4, "no_embed_class": True}
SWIGLU = {"mlp_layer": SwiGLUPacked, "act_layer": torch.nn.SiLU, "mlp_ratio": 2.66667 * 2}
DBOT = {"global_pool": "avg", "fc_norm": True, "read": pooled}


def dinov2(shape, fill, **options):
    rule = (0, True) if "reg_tokens" in options else (0.1, False)
    name = dinov2_name if "mlp_layer" in options else lambda n: n.replace("reg_token", "register_tokens")
    mask = {"mask_token": [1, shape["width"]]}
    return timm_case(shape, fill, name, rule=rule, extra=mask, **EPS, **SCALED, **options)


def unic_name(name):
    """DINOv2's class inside of the whole model, its blocks in one chunk."""
    return "encoder." + re.sub(r"^blocks\.", "blocks.0.", name)


def unic(shape, fill):
    file, *rest = timm_case(shape, lambda name, of: fill(unic_name(name), of), same, **EPS)
    beside = {"encoder.mask_token": [1, shape["width"]], "lp.heads.dino.cls.0.layers.0.bias": [8]}
    return {unic_name(name): value for name, value in file.items()} | {
        name: fill(name, of) for name, of in beside.items()}, *rest


def cases(shape, fill):
    """Name, family, options of loadFamily, and what makes file and features."""
    other = {**shape, "width": 96, "heads": 3}
    big = {**shape, "patch": 14, "size": 56 if shape is SMALL else 224}
    deit3 = functools.partial(
        timm_case, shape, fill, gamma, extra=CLASSES, adapt=True, no_embed_class=True, **EPS, **SCALED)
    dino = functools.partial(timm_case, shape, fill, same, extra=HEAD, **EPS)
    masked = {"masked_embed": [1, shape["width"]]}
    yield "dino", "dino", {}, lambda: dino()
    yield "ibot", "ibot", {}, lambda: timm_case(shape, fill, same, extra=masked, **EPS)
    yield "deit3", "deit3", {}, lambda: deit3()
    yield "dbot_ft", "dbot_ft", {}, lambda: timm_case(shape, fill, same, extra=CLASSES, **EPS, **DBOT)
    yield "dinov2", "dinov2", {}, lambda: dinov2(big, fill)
    yield "dinov2 with registers", "dinov2", {}, lambda: dinov2(big, fill, **REGISTERS)
    yield "dinov2 giant's MLP", "dinov2", {}, lambda: dinov2(big, fill, **SWIGLU)
    yield "clip", "clip", {}, lambda: clip_case(shape, fill)
    yield "timm_vit", "timm_vit", {}, lambda: timm_case(shape, fill, same, extra=CLASSES, norm=HALF, **EPS)
    yield "unic", "unic", {}, lambda: unic(shape, fill)
    if shape is FULL:
        return
    yield "dino, larger", "dino", {"inputSize": 48}, lambda: dino(size=48, rule=(0.1, False))
    yield "dino, smaller", "dino", {"inputSize": 24}, lambda: dino(size=24, rule=(0.1, False))
    yield "deit3, smaller", "deit3", {"inputSize": 16}, lambda: deit3(size=16, rule=(0, False))
    yield "dinov2, smaller", "dinov2", {"inputSize": 42}, lambda: dinov2(big, fill, size=42)
    for size in (42, 84):
        yield (f"dinov2 with registers, {size}", "dinov2", {"inputSize": size},
               lambda: dinov2(big, fill, size=size, **REGISTERS))
    yield "clip, exact", "clip", {"activation": "gelu"}, lambda: clip_case(shape, fill, activation=torch.nn.GELU)
    yield "clip, smaller", "clip", {"inputSize": 24}, lambda: clip_case(shape, fill, size=24)
    yield "clip, projected", "clip", {"projection": True}, lambda: clip_case(shape, fill, project=True)
    yield ("timm_vit, everything", "timm_vit", {"heads": 3, "inputSize": 24},
           lambda: timm_case(other, fill, same, size=24, norm=HALF, **EPS, **SCALED, **REGISTERS))


def features(read, size, norm, batch):
    mean, std = (torch.tensor(values, dtype=torch.float64).view(3, 1, 1) for values in norm)
    with torch.no_grad():
        return read((images(batch, size) - mean) / std)


def numbers(x, every):
    flat = x.reshape(-1)
    listed = " ".join(f"{value:.7g}" for value in flat[::every].tolist())
    return {"shape": list(x.shape), "every": every, "values": listed}


def small():
    rows = []
    for name, family, options, make in cases(SMALL, formula):
        file, read, size, norm = make()
        cls, patch = features(read, size, norm, 2)
        rows.append({
            "name": name, "family": family, "options": options, "size": size,
            "tensors": [f"{key} {' '.join(map(str, value.shape))}".strip() for key, value in file.items()],
            "cls": numbers(cls, 1), "patch": numbers(patch, 13),
        })
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(rows, indent=1) + "\n")


def full(folder):
    from safetensors.torch import save_file

    torch.manual_seed(0)
    for name, family, options, make in cases(FULL, drawn):
        file, read, size, norm = make()
        cls, patch = features(read, size, norm, 1)
        at = pathlib.Path(folder) / name.replace(" ", "_").replace("'", "")
        save_file(file, f"{at}.safetensors")
        torch.save(file, f"{at}.pth")
        pixels = images(1, size).permute(0, 2, 3, 1).float().contiguous()
        save_file(
            {"cls": cls.float(), "patch": patch.float().contiguous(), "images": pixels},
            f"{at}.features.safetensors", {"name": name, "family": family},
        )
        print(name, flush=True)


torch.set_num_threads(2)
if sys.argv[1:2] == ["--full"]:
    full(sys.argv[2])
else:
    small()
