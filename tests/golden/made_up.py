"""Images and weights that are formulas, and what is kept of a network's features: for the scripts in the folders beside it."""
import math

import numpy
import torch
import torch.nn.functional as F


def images(batch, size):
    """[batch, 3, size, size] in [0, 1]; whole numbers, so that any language makes the same ones."""
    b, c, y, x = numpy.ogrid[:batch, :3, :size, :size]
    value = (x * x * (c + 1) + 3 * y * (x + 5 * b + 1) + 17 * c + y * y) // 8 % 256
    return torch.tensor(value / 255.0)


def resize(x, size):
    if x.shape[-1] == size:
        return x
    return F.interpolate(x, (size, size), mode="bilinear", antialias=True, align_corners=False)


def noise(name, shape):
    """Numbers in [-1, 1) that look random, of a tensor's name; a flat numpy array."""
    seed = 2166136261
    for byte in name.encode():
        seed = (seed ^ byte) * 16777619 % 2**32
    x = (numpy.arange(math.prod(shape), dtype=numpy.uint64) * 2654435761 + seed) % 2**32
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        x = (x ^ (x >> numpy.uint64(shift))) * factor % 2**32
    return x / 2**31 - 1


def summary(x, count):
    """Norm, mean and that many numbers of an array, row-major."""
    flat = x.reshape(-1)
    positions = [int(flat.numel() * k / count) for k in range(count)]
    return {
        "shape": list(x.shape),
        "norm": flat.norm().item(),
        "mean": flat.mean().item(),
        "positions": positions,
        "values": flat[positions].tolist(),
    }
