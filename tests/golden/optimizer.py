"""Five updates of torch.optim.AdamW with two parameter groups: python tests/golden/optimizer.py"""

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


write(__file__, {"plain": run(float("inf")), "clipped": run(0.7)})
