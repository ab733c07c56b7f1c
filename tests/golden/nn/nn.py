"""Golden values of the transformer's parts: python tests/golden/nn/nn.py"""

import pathlib
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from reference import *


def case(shapes, inputs, function):
    """Output and every gradient of a weighted sum of it, for filled parameters and inputs."""
    p = {name: value.requires_grad_() for name, value in filled(shapes).items()}
    x = fill(inputs, 90).requires_grad_()
    y = function(p, x)
    (y * fill(y.shape, 91)).sum().backward()
    gradients = {name: listed(value.grad) for name, value in p.items() if value.grad is not None}
    return {"output": listed(y), "input": listed(x.grad), "parameters": gradients}


def linear_shapes(name, inputs, outputs):
    return {f"{name}.weight": [inputs, outputs], f"{name}.bias": [outputs]}


def block_shapes(width):
    config = {"width": width, "depth": 1, "patchSize": 1, "imageSize": 1}
    shapes = transformer_shapes(config)
    return {k.removeprefix("blocks.0."): v for k, v in shapes.items() if k.startswith("blocks.0.")}


def dotless(p):
    return {f"x.{name}": value for name, value in p.items()}


attention_shapes = {k: v for k, v in block_shapes(6).items() if k.startswith("attention")}
stem = {"width": 8, "depth": 1, "patchSize": 4, "imageSize": 8, "stem": "convolution"}
stem_shapes = {k: v for k, v in transformer_shapes(stem).items() if k.startswith("stem.")}
gelu = torch.linspace(-6, 6, 49, requires_grad=True)
F.gelu(gelu).sum().backward()

vit = {"imageSize": 8, "patchSize": 4, "width": 6, "depth": 2, "heads": 2}
vit_shapes = transformer_shapes(vit)
vit_parameters = filled(vit_shapes)
larger = vision_transformer(vit_parameters, fill([1, 12, 16, 3], 92), vit)

write(__file__, {
    "gelu": {"output": listed(F.gelu(gelu)), "gradient": listed(gelu.grad)},
    "layer_norm": case({"norm.weight": [5], "norm.bias": [5]}, [2, 3, 5], lambda p, x: layer_norm(p, "norm", x)),
    "attention": case(attention_shapes, [2, 5, 6], lambda p, x: attention(p, "attention", x, 2)),
    "mlp": case(
        {**linear_shapes("mlp.hidden", 4, 7), **linear_shapes("mlp.output", 7, 3)}, [2, 3, 4], lambda p, x: mlp(p, "mlp", x)
    ),
    "block": case(
        block_shapes(6), [2, 5, 6],
        lambda p, x: block(dotless(p), "x", x, 3, torch.tensor([[0.0, 2.0], [1.25, 1.0]])),
    ),
    "patch_embedding": case(
        linear_shapes("stem", 12, 5), [2, 4, 6, 3], lambda p, x: patch_embedding(p, "stem", x, 2)
    ),
    "convolution": case(
        linear_shapes("convolution", 18, 3), [2, 6, 4, 2], lambda p, x: convolution(p, "convolution", x)
    ),
    "convolution_stem": case(stem_shapes, [1, 8, 8, 3], lambda p, x: convolution_stem(p, "stem", x, 2)),
    "positions": [
        listed(positions(fill([10, 2], 93), [3, 3], after)) for after in ([5, 5], [2, 4])
    ],
    "vision_transformer": [listed(output) for output in larger],
    "encode": listed(layer_norm(vit_parameters, "norm", vision_transformer(vit_parameters, fill([2, 8, 8, 3], 94), vit)[-1])),
})
