"""Golden values of top-only and transformer projectors: python tests/golden/method/projectors.py"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from reference import *

width, grid, heads, hidden = 6, 2, 2, 8
teachers = [("a", 5, ("cls", "patch"), 2), ("b", 4, ("patch",), 1)]


def linear_shapes(name, inputs, outputs):
    return {f"{name}.weight": [inputs, outputs], f"{name}.bias": [outputs]}


def top_shapes(layers, shared):
    shapes = {}
    for name, outputs, kinds, _ in teachers:
        widths = [width] + [hidden] * layers + [outputs]
        for head in ["both"] if shared else kinds:
            for i in range(layers + 1):
                shapes |= linear_shapes(f"{name}.{head}.{i}", widths[i], widths[i + 1])
    return shapes


def transformer_shapes():
    shapes = {}
    for name, outputs, _, _ in teachers:
        for norm in ("norm1", "norm2"):
            shapes |= {f"{name}.block.{norm}.weight": [width], f"{name}.block.{norm}.bias": [width]}
        shapes |= linear_shapes(f"{name}.block.attention.qkv", width, 3 * width)
        shapes |= linear_shapes(f"{name}.block.attention.output", width, width)
        shapes |= linear_shapes(f"{name}.block.mlp.hidden", width, 4 * width)
        shapes |= linear_shapes(f"{name}.block.mlp.output", 4 * width, width)
        shapes |= linear_shapes(f"{name}.output", width, outputs)
    return shapes


def tokens(x, kind, side):
    if kind == "cls":
        return x[:, 0]
    return x[:, 1:] if side == grid else x[:, 1:].mean(1, keepdim=True)


def top(p, x, layers, shared):
    result = {}
    for name, _, kinds, side in teachers:
        for kind in kinds:
            y = tokens(x, kind, side)
            for i in range(layers + 1):
                y = linear(p, f"{name}.{'both' if shared else kind}.{i}", y if i == 0 else F.gelu(y))
            result[f"{name}.{kind}"] = y
    return result


def transformer(p, x):
    result = {}
    for name, _, kinds, side in teachers:
        y = block(p, f"{name}.block", x, heads)
        for kind in kinds:
            result[f"{name}.{kind}"] = linear(p, f"{name}.output", tokens(y, kind, side))
    return result


def case(shapes, project):
    p = {name: value.requires_grad_() for name, value in filled(shapes).items()}
    x = fill([3, 1 + grid * grid, width], 7).requires_grad_()
    predictions = project(p, x)
    total = sum((y * fill(y.shape, 60 + i)).sum() for i, y in enumerate(predictions.values()))
    total.backward()
    return {
        "predictions": {name: listed(y) for name, y in predictions.items()},
        "input": listed(x.grad),
        "parameters": probes({name: value.grad for name, value in p.items()}, shapes),
    }


cases = {"transformer": case(transformer_shapes(), transformer)}
for layers in range(4):
    for shared in (False, True):
        name = f"top {layers}{' shared' if shared else ''}"
        cases[name] = case(top_shapes(layers, shared), lambda p, x: top(p, x, layers, shared))
write(__file__, cases)
