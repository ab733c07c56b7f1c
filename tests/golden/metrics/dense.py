"""Golden values of the dense metrics, in double precision: writes dense.json beside itself.

Needs numpy and PyTorch: python dense.py
"""
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as functional

torch.set_default_dtype(torch.float64)


def numbers(count, seed):
    """The linear congruential generator of tests/metrics/labelled_fixture.ts."""
    state, values = seed, []
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append((state >> 16) / 65536 - 0.5)
    return np.array(values)


def upsampled():
    maps = torch.tensor(numbers(2 * 3 * 4 * 2, 1)).reshape(2, 3, 4, 2).permute(0, 3, 1, 2)
    large = functional.interpolate(maps, size=(7, 9), mode="bilinear", align_corners=False)
    return large.permute(0, 2, 3, 1).reshape(-1).tolist()


def segmentation_loss():
    logits = torch.tensor(numbers(2 * 4 * 3, 2)).reshape(2, 2, 2, 3).permute(0, 3, 1, 2)
    truth = torch.tensor([0, 1, 2, 255] * 8).reshape(2, 4, 4)
    large = functional.interpolate(logits, size=(4, 4), mode="bilinear", align_corners=False)
    return functional.cross_entropy(large, truth, ignore_index=255).item()


def depth_loss():
    found = torch.tensor(numbers(2 * 9, 3)).reshape(2, 3, 3) + 2
    truth = torch.tensor(numbers(2 * 9, 4)).reshape(2, 3, 3) + 2
    ratio = torch.log(found + 1e-3) - torch.log(truth + 1e-3)
    return torch.sqrt(ratio.var(unbiased=False) + 0.15 * ratio.mean() ** 2).item()


def score():
    truth = (numbers(5 * 64, 5) * 8 + 4).astype(int)
    found = np.where(numbers(5 * 64, 6) > 0, truth, (numbers(5 * 64, 7) * 8 + 4).astype(int))
    truth[::11] = 255
    counted = truth != 255
    ious = []
    for label in range(8):
        own, other = (truth == label) & counted, (found == label) & counted
        ious.append(100 * (own & other).sum() / (own | other).sum())
    return {"truth": truth.tolist(), "found": found.tolist(), "ious": ious}


path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps({
    "upsampled": upsampled(),
    "segmentationLoss": segmentation_loss(),
    "depthLoss": depth_loss(),
    "score": score(),
}) + "\n")
