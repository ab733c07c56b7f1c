"""A whole student: loss matrix, dropping, every gradient and one AdamW update: python tests/golden/method/student.py"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from reference import *

encoder = {"imageSize": 16, "patchSize": 4, "width": 16, "depth": 3, "heads": 2}
ladder_config = {
    "width": 16, "depth": 3, "grid": [4, 4],
    "teachers": [
        {"name": "a", "width": 5, "tokens": ["cls", "patch"], "grid": [4, 4]},
        {"name": "b", "width": 6, "tokens": ["patch"], "grid": [2, 2]},
        {"name": "c", "width": 3, "tokens": ["cls"], "grid": [1, 1]},
    ],
}
target_shapes = {"a": {"cls": [4, 5], "patch": [4, 16, 5]}, "b": {"patch": [4, 4, 6]}, "c": {"cls": [4, 3]}}


def case(stem):
    config = {**encoder, "stem": stem}
    shapes = {f"encoder.{name}": shape for name, shape in transformer_shapes(config).items()}
    shapes |= {f"ladder.{name}": shape for name, shape in ladder_shapes(ladder_config).items()}
    p = {name: value.requires_grad_() for name, value in filled(shapes).items()}
    below = lambda prefix: {k.removeprefix(prefix): v for k, v in p.items() if k.startswith(prefix)}
    seeds = iter(range(70, 80))
    targets = {t: {k: fill(s, next(seeds)) for k, s in tokens.items()} for t, tokens in target_shapes.items()}
    drop = 1 + fill([3, 2, 4], 81, 0.5)
    outputs = vision_transformer(below("encoder."), fill([4, 16, 16, 3], 82), config, drop)
    matrix = loss_matrix(ladder(below("ladder."), outputs, ladder_config), targets)
    weights = coefficients(matrix, (fill([4, 3], 83) + 1) / 2, 0.5)
    loss = (weights * matrix).sum()
    loss.backward()
    gradients = {name: value.grad for name, value in p.items() if value.grad is not None}
    values = {"matrix": listed(matrix), "weights": listed(weights), "loss": loss.item(), "gradients": probes(gradients, shapes)}
    decayed = [v for v in p.values() if v.ndim > 1]
    rest = [v for v in p.values() if v.ndim == 1]
    groups = [{"params": decayed, "weight_decay": 0.03}, {"params": rest, "weight_decay": 0.0}]
    # A large epsilon, so that tiny gradients with their rounding do not become whole steps.
    torch.optim.AdamW(groups, lr=0.01, betas=(0.9, 0.99), eps=1e-3).step()
    return {**values, "updated": probes(p, shapes)}


write(__file__, {stem: case(stem) for stem in ("patch", "convolution")})
