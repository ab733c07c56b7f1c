"""Golden values of what transformers may have besides: python tests/golden/nn/transformer_options.py"""

import pathlib
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from reference import *

tiny = {"imageSize": 8, "patchSize": 4, "width": 6, "depth": 2, "heads": 2}


def case(shapes, inputs, function):
    """Output and every gradient of a weighted sum of it, for filled parameters and inputs."""
    p = {name: value.requires_grad_() for name, value in filled(shapes).items()}
    x = fill(inputs, 90).requires_grad_()
    y = function(p, x)
    (y * fill(y.shape, 91)).sum().backward()
    gradients = {name: listed(value.grad) for name, value in p.items() if value.grad is not None}
    return {"output": listed(y), "input": listed(x.grad), "parameters": gradients}


def scaled_block(p, name, x):
    attended = attention(p, f"{name}.attention", layer_norm(p, f"{name}.norm1", x), tiny["heads"])
    x = x + p[f"{name}.scale1"] * attended
    return x + p[f"{name}.scale2"] * mlp(p, f"{name}.mlp", layer_norm(p, f"{name}.norm2", x))


def with_registers(p, images):
    """The last block's tokens after the norm, without registers, for 8 x 12 pixels."""
    x = patch_embedding(p, "stem", images, 4)
    x = torch.cat([p["cls"].expand(len(x), 1, -1), x], 1) + positions(p["position"], [2, 2], [2, 3])
    x = torch.cat([x[:, :1], p["registers"].expand(len(x), -1, -1), x[:, 1:]], 1)
    for i in range(2):
        x = scaled_block(p, f"blocks.{i}", x)
    return layer_norm(p, "norm", torch.cat([x[:, :1], x[:, 3:]], 1))


def swiglu(p, x):
    gate, value = linear(p, "swiglu.gates", x).chunk(2, -1)
    return linear(p, "swiglu.output", F.silu(gate) * value)


def rows(position, before, after, antialias):
    """Patches without CLS, to the size itself."""
    picture = position.reshape(1, *before, -1).permute(0, 3, 1, 2)
    grown = F.interpolate(picture, after, mode="bicubic", antialias=antialias)
    return listed(grown.flatten(2).transpose(1, 2)[0])


options = {**transformer_shapes(tiny), "registers": [2, 6]}
options |= {f"blocks.{i}.scale{k}": [6] for i in (0, 1) for k in (1, 2)}
gated = {"swiglu.gates.weight": [4, 10], "swiglu.gates.bias": [10]}
gated |= {"swiglu.output.weight": [5, 3], "swiglu.output.bias": [3]}
quick = torch.linspace(-6, 6, 49)

write(__file__, {
    "registers": case(options, [2, 8, 12, 3], with_registers),
    "swiglu": case(gated, [2, 3, 4], swiglu),
    "quick_gelu": listed(quick * torch.sigmoid(1.702 * quick)),
    "positions": [
        {"to": after, "antialias": antialias, "values": rows(fill([20, 2], 93), [4, 5], after, antialias)}
        for after in ([2, 3], [7, 2], [6, 9]) for antialias in (False, True)
    ],
})
