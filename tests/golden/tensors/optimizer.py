"""Five updates of torch.optim.AdamW with parameter groups: python tests/golden/tensors/optimizer.py"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from reference import *


def run(maximum_norm):
    weight = fill([3, 4], 1, 0.5).requires_grad_()
    bias = fill([4], 2, 0.5).requires_grad_()
    groups = [{"params": [weight], "weight_decay": 0.03}, {"params": [bias], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=0.1, betas=(0.9, 0.99), eps=1e-8)
    steps = []
    for step in range(5):
        for group in optimizer.param_groups:
            group["lr"] = 0.02 * (step + 1)
        weight.grad, bias.grad = fill([3, 4], 10 + step), fill([4], 20 + step)
        norm = torch.nn.utils.clip_grad_norm_([weight, bias], maximum_norm)
        optimizer.step()
        steps.append({"weight": listed(weight), "bias": listed(bias), "norm": norm.item()})
    return steps


def run_groups():
    """A tenth of the rate on one group, no decay of another, a frozen one that the norm leaves out."""
    shapes = {"encoder.bias": [4], "encoder.weight": [3, 4], "frozen.weight": [2, 3],
              "ladder.bias": [3], "ladder.weight": [4, 3]}
    tensors = {name: fill(shape, i, 0.5) for i, (name, shape) in enumerate(shapes.items())}
    trained = {name: tensors[name].requires_grad_() for name in shapes if name != "frozen.weight"}
    groups = [
        {"params": [tensors["encoder.weight"], tensors["encoder.bias"]], "weight_decay": 0.0},
        {"params": [tensors["ladder.weight"]], "weight_decay": 0.5},
        {"params": [tensors["ladder.bias"]], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=0.1, betas=(0.9, 0.99), eps=1e-8)
    steps = []
    for step in range(5):
        for group, share in zip(optimizer.param_groups, (0.1, 1, 1)):
            group["lr"] = 0.02 * (step + 1) * share
        for i, (name, shape) in enumerate(shapes.items()):
            if name in trained:
                trained[name].grad = fill(shape, 10 * (i + 1) + step)
        torch.nn.utils.clip_grad_norm_(list(trained.values()), 0.7)
        optimizer.step()
        steps.append({name: listed(tensor) for name, tensor in tensors.items()})
    return steps


write(__file__, {"groups": run_groups(), "plain": run(float("inf")), "clipped": run(0.7)})
