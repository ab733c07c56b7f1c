"""Features of EfficientNet-Lite0 in PyTorch, double precision, for tests/teachers/architectures/efficientnet_lite_test.ts.

Written from the description of the architecture: EfficientNet-B0 (Tan and Le, 2019, table 1) without
squeeze-and-excitation, with ReLU6 in place of swish, stem and head of fixed width. Batch normalisation is
evaluated as it stands in the file, not folded. Writes efficientnet_lite.json:

    python tests/golden/teachers/efficientnet_lite.py FILE

FILE is efficientnet-lite0-57934424.pth (deno task teachers says where it comes from). The cases called
"made up" need no file: their weights are a formula of names.
"""
import json
import math
import pathlib
import sys

import numpy
import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from made_up import images, noise, resize, summary

torch.set_num_threads(2)
EPSILON = 1e-3
# Expansion, channels, repeats, stride of the first, side of the filter.
ROWS = [
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
]


def blocks():
    """(prefix, channels in, hidden, out, stride, side) of each block."""
    inputs, number = 32, 0
    for expansion, outputs, repeats, first, side in ROWS:
        for repeat in range(repeats):
            yield f"_blocks.{number}.", inputs, expansion * inputs, outputs, first if repeat == 0 else 1, side
            inputs, number = outputs, number + 1


def shapes():
    """Every tensor of a file, by name."""
    found = {}

    def layer(convolution, normalization, shape):
        found[f"{convolution}.weight"] = shape
        for part in ("weight", "bias", "running_mean", "running_var"):
            found[f"{normalization}.{part}"] = shape[:1]

    layer("_conv_stem", "_bn0", [32, 3, 3, 3])
    for at, inputs, hidden, outputs, _, side in blocks():
        if hidden != inputs:
            layer(f"{at}_expand_conv", f"{at}_bn0", [hidden, inputs, 1, 1])
        layer(f"{at}_depthwise_conv", f"{at}_bn1", [hidden, 1, side, side])
        layer(f"{at}_project_conv", f"{at}_bn2", [outputs, hidden, 1, 1])
    layer("_conv_head", "_bn1", [1280, 320, 1, 1])
    found["_fc.weight"], found["_fc.bias"] = [1000, 1280], [1000]
    return found


def formula(name, shape):
    """Numbers that look random, rounded to float32: around 1 for scales and variances, else around 0; those of a
    convolution suit the number of its inputs."""
    x = noise(name, shape)
    if len(shape) == 4:
        values = x * math.sqrt(6 / math.prod(shape[1:]))
    else:
        scale = len(shape) == 1 and name.endswith((".weight", "_var"))
        values = (1 if scale else 0) + 0.2 * x
    return torch.tensor(values.astype(numpy.float32)).double().reshape(shape)


def convolve(p, x, convolution, normalization, stride=1, activate=True):
    """A convolution padded by TensorFlow's rule (the odd pixel right and below), its norm, ReLU6."""
    weight = p[f"{convolution}.weight"]
    side, pads = weight.shape[2], []
    for size in (x.shape[3], x.shape[2]):
        total = max((math.ceil(size / stride) - 1) * stride + side - size, 0)
        pads += [total // 2, total - total // 2]
    groups = x.shape[1] // weight.shape[1]
    x = F.conv2d(F.pad(x, pads), weight, stride=stride, groups=groups)
    mean, variance, scale, shift = (
        p[f"{normalization}.{part}"].view(1, -1, 1, 1) for part in ("running_mean", "running_var", "weight", "bias")
    )
    x = (x - mean) / torch.sqrt(variance + EPSILON) * scale + shift
    return x.clamp(0, 6) if activate else x


def feature_maps(p, x):
    """The output of every stage of images in [0, 1]: stem, 16 blocks, head."""
    x = (x - 127 / 255) / (128 / 255)
    x = convolve(p, x, "_conv_stem", "_bn0", 2)
    maps = [x]
    for at, inputs, hidden, outputs, stride, _ in blocks():
        y = convolve(p, x, f"{at}_expand_conv", f"{at}_bn0") if hidden != inputs else x
        y = convolve(p, y, f"{at}_depthwise_conv", f"{at}_bn1", stride)
        y = convolve(p, y, f"{at}_project_conv", f"{at}_bn2", activate=False)
        x = x + y if stride == 1 and inputs == outputs else y
        maps.append(x)
    return [*maps, convolve(p, x, "_conv_head", "_bn1")]


def logits(p, x):
    return feature_maps(p, x)[-1].mean((2, 3)) @ p["_fc.weight"].T + p["_fc.bias"]


def read(path):
    file = torch.load(path, map_location="cpu", weights_only=True)
    return {name: value.double() for name, value in file.items()}


def main(path):
    real = read(path)
    names = shapes()
    extra = {name for name in real if not name.endswith("num_batches_tracked")} ^ set(names)
    assert not extra and all(list(real[name].shape) == of for name, of in names.items()), extra
    made_up = {name: formula(name, of) for name, of in names.items()}
    cases = []
    # Odd maps (33, 75) and even ones are padded differently.
    for weights, p, batch, image_size, input_size in (
        ("made up", made_up, 2, 64, 64),
        ("made up", made_up, 1, 40, 75),
        ("real", real, 2, 64, 64),
        ("real", real, 1, 96, 224),
    ):
        maps = feature_maps(p, resize(images(batch, image_size), input_size))
        patch = maps[-1].permute(0, 2, 3, 1).flatten(1, 2)
        cases.append(
            {
                "weights": weights,
                "batch": batch,
                "imageSize": image_size,
                "inputSize": input_size,
                "grid": list(maps[-1].shape[2:]),
                "cls": summary(patch.mean(1), 23),
                "patch": summary(patch, 23),
                "stage12": summary(maps[12].permute(0, 2, 3, 1).flatten(1, 2), 23),
            }
        )
    tensors = [" ".join([name, *map(str, of)]) for name, of in names.items() if not name.startswith("_fc")]
    target = pathlib.Path(__file__).with_suffix(".json")
    target.write_text(json.dumps({"tensors": tensors, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
