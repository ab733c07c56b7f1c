"""A transformer with the reference's names, and timm's own, on our export: tests/export/unic_names_test.ts.

Two ways. `python unic_names.py` writes unic_names.json: a small state dict under the reference's names,
filled by a formula, and what an independent PyTorch network makes of it. `python unic_names.py FILE DIALECT`
loads an export of ours (`deno task export RUN --format DIALECT --out FILE`, unic, dinov2 or timm, safetensors
or .pth), strictly, into a network that has those names (timm's own for timm), and prints its tokens of an image by the formula.
"""

import pathlib
import sys

import torch.nn as nn

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from reference import F, fill, filled, json, listed, pathlib, torch, write


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        qkv = self.qkv(x).view(batch, tokens, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        mixed = torch.softmax(query @ key.mT / (width // self.heads) ** 0.5, -1) @ value
        return self.proj(mixed.transpose(1, 2).reshape(batch, tokens, width))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(width, 4 * width), "fc2": nn.Linear(4 * width, width)})

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp["fc2"](F.gelu(self.mlp["fc1"](self.norm2(x))))


class Encoder(nn.Module):
    """`chunks`: whether the blocks lie in a list of one list, as the reference's do."""

    def __init__(self, image, patch, width, depth, heads, chunks):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.mask_token = nn.Parameter(torch.zeros(1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + (image // patch) ** 2, width))
        self.patch_embed = nn.ModuleDict({"proj": nn.Conv2d(3, width, patch, patch)})
        blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.blocks = nn.ModuleList([blocks]) if chunks else blocks
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.chunks = chunks

    def forward(self, images):
        x = self.patch_embed["proj"](images).flatten(2).mT
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], 1) + self.pos_embed
        outputs = []
        for block in self.blocks[0] if self.chunks else self.blocks:
            x = block(x)
            outputs.append(x)
        return self.norm(x), outputs


class Head(nn.Module):
    def __init__(self, width, hidden, outputs):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, outputs))


class Student(nn.Module):
    """The reference's names: an encoder, and a head for each teacher, token type and block."""

    def __init__(self, image, patch, width, depth, heads, teachers):
        super().__init__()
        self.encoder = Encoder(image, patch, width, depth, heads, chunks=True)
        hidden = [width] * (depth - 1) + [4 * width]
        by_block = lambda size: nn.ModuleList(Head(width, h, size) for h in hidden)
        by_token = lambda size, tokens: nn.ModuleDict({token: by_block(size) for token in tokens})
        self.lp = nn.ModuleDict(
            {"heads": nn.ModuleDict({name: by_token(size, tokens) for name, (size, tokens) in teachers.items()})}
        )

    def forward(self, images):
        final, outputs = self.encoder(images)
        predictions = {
            f"{name}.{token}": sum(
                head.layers(x[:, :1] if token == "cls" else x[:, 1:]) for head, x in zip(heads, outputs)
            )
            for name, tokens in self.lp["heads"].items()
            for token, heads in tokens.items()
        }
        return final, predictions


def timm_network(imageSize, patchSize, width, depth, heads, **_):
    import timm

    return timm.models.vision_transformer.VisionTransformer(
        img_size=imageSize, patch_size=patchSize, embed_dim=width, depth=depth, num_heads=heads, num_classes=0
    ).double().eval()


def golden():
    config = {"imageSize": 12, "patchSize": 4, "width": 8, "depth": 2, "heads": 2}
    teachers = {"dino": (5, ["cls", "patch"]), "deit3": (7, ["cls"]), "dbotft": (3, ["patch"])}
    student = Student(*config.values(), teachers)
    shapes = {f"module.{name}": list(value.shape) for name, value in student.state_dict().items()}
    shapes.pop("module.encoder.mask_token")
    values = filled(shapes)
    values["module.encoder.mask_token"] = torch.zeros(1, 8)
    student.load_state_dict({name.removeprefix("module."): value for name, value in values.items()})
    final, predictions = student(fill([2, 12, 12, 3], 90).permute(0, 3, 1, 2))
    write(
        __file__,
        {
            "config": config,
            "shapes": {name: list(value.shape) for name, value in sorted(values.items())},
            "tokens": listed(final),
            "predictions": {name: listed(value) for name, value in predictions.items()},
            "timm": {name: list(value.shape) for name, value in sorted(timm_network(**config).state_dict().items())},
        },
    )


def check(path, dialect):
    """Our export in a network of other names; every name must be there, and none be left over."""
    if path.endswith(".pth"):
        tree = torch.load(path, weights_only=True)
        config = json.loads(tree["config"])
        state = tree["model" if dialect == "unic" else "state_dict"]
    else:
        from safetensors import safe_open

        with safe_open(path, "pt") as file:
            config = json.loads(file.metadata()["config"])
            state = {name: file.get_tensor(name) for name in file.keys()}
    state = {name: value.double() for name, value in state.items()}
    image = config["imageSize"]
    if dialect == "timm":
        network = timm_network(**config)
        network.load_state_dict(state, strict=True)
        encode = network.forward_features
    else:
        shape = (config[key] for key in ("imageSize", "patchSize", "width", "depth", "heads"))
        network = Encoder(*shape, chunks=dialect == "unic")
        if dialect == "unic":
            prefix = "module.encoder."
            state = {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
        network.load_state_dict(state, strict=True)
        encode = lambda images: network(images)[0]
    tokens = encode(fill([1, image, image, 3], 90).permute(0, 3, 1, 2))
    print(json.dumps({"dialect": dialect, "tokens": listed(tokens)}))


golden() if len(sys.argv) == 1 else check(*sys.argv[1:])
