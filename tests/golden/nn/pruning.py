"""Values for the tests of pruning, by numpy in double precision: python3 tests/golden/nn/pruning.py"""
import json
import pathlib

import numpy as np

random = np.random.default_rng(5)
flat = lambda array: np.asarray(array).ravel().tolist()

# A layer of 6 inputs that depend on each other, and 3 outputs.
mixing = random.normal(size=(4, 6))
rows = random.normal(size=(60, 4)) @ mixing + 0.3 * random.normal(size=(60, 6)) + random.normal(size=6)
weight = random.normal(size=(6, 3))
centred = rows - rows.mean(0)
moments = centred.T @ centred / len(rows)


def refit(kept, penalty):
    """Kept weights plus B W_P, where B is a ridge regression of the pruned inputs on the kept ones."""
    pruned = [i for i in range(6) if i not in kept]
    above = np.concatenate([centred[:, kept], np.sqrt(penalty * len(rows)) * np.eye(len(kept))])
    below = np.concatenate([centred[:, pruned], np.zeros((len(kept), len(pruned)))])
    shares = np.linalg.lstsq(above, below, rcond=None)[0]
    return weight[kept] + shares @ weight[pruned]


def error(kept, new):
    return float(np.mean(np.sum((centred @ weight - centred[:, kept] @ new) ** 2, 1)))


ridge = 0.05
kept = [0, 2, 5]
compensated = refit(kept, ridge * np.trace(moments) / 6)

# The order in which inputs go, by trying every one and fitting the others anew.
order, harm, left = [], [0.0], list(range(6))
while len(left) > 1:
    tried = {}
    for i in left:
        others = [j for j in left if j != i]
        best = np.linalg.lstsq(centred[:, others], centred @ weight, rcond=None)[0]
        tried[i] = error(others, best)
    gone = min(tried, key=tried.get)
    order.append(gone)
    harm.append(tried[gone])
    left.remove(gone)
order += left

# What 2 outputs lack, fitted to the inputs by a ridge regression with a free mean.
lacking = rows @ random.normal(size=(6, 2)) + random.normal(size=(60, 2)) + 3
penalty = 0.03 * np.trace(moments) / 6
above = np.concatenate([centred, np.sqrt(penalty * len(rows)) * np.eye(6)])
below = np.concatenate([lacking - lacking.mean(0), np.zeros((6, 2))])
correction = np.linalg.lstsq(above, below, rcond=None)[0]
correction_bias = lacking.mean(0) - rows.mean(0) @ correction

# Products of queries and keys of rank 2.
queries, keys = random.normal(size=(5, 4)), random.normal(size=(5, 4))
spread = random.normal(size=(5, 5))
products = spread @ spread.T / 5
values, vectors = np.linalg.eigh(products)
root, back = (vectors * np.sqrt(values)) @ vectors.T, (vectors / np.sqrt(values)) @ vectors.T
u, s, vt = np.linalg.svd(root @ queries @ keys.T @ root)
nearest = back @ (u[:, :2] * s[:2]) @ vt[:2] @ back

# A transformer whose blocks differ.
config = dict(imageSize=8, patchSize=4, width=8, depth=2, heads=4,
              hiddenWidths=[5, 3], headCounts=[2, 3], queryWidths=[1, 2])
tensors = {}


def drawn(name, *shape, scale=0.5):
    tensors[name] = scale * random.normal(size=shape)
    return tensors[name]


cls, position = drawn("cls", 1, 8), drawn("position", 5, 8)
stem, stem_bias = drawn("stem.weight", 48, 8), drawn("stem.bias", 8)
images = random.normal(size=(2, 8, 8, 3))
patches = images.reshape(2, 2, 4, 2, 4, 3).transpose(0, 1, 3, 2, 4, 5).reshape(2, 4, 48)


def erf(x):
    from math import erf as one
    return np.vectorize(one)(x)


def norm(x, name):
    scale, shift = drawn(name + ".weight", 8), drawn(name + ".bias", 8)
    middle = x - x.mean(-1, keepdims=True)
    return middle / np.sqrt((middle ** 2).mean(-1, keepdims=True) + 1e-6) * scale + shift


def linear(x, name, inputs, outputs):
    return x @ drawn(name + ".weight", inputs, outputs) + drawn(name + ".bias", outputs)


x = np.concatenate([np.tile(cls, (2, 1, 1)), patches @ stem + stem_bias], 1) + position
for i in range(2):
    heads, q, hidden, v = config["headCounts"][i], config["queryWidths"][i], config["hiddenWidths"][i], 2
    parts = linear(norm(x, f"blocks.{i}.norm1"), f"blocks.{i}.attention.qkv", 8, heads * (2 * q + v))
    mixed = []
    for head in range(heads):
        query = parts[..., head * q:(head + 1) * q]
        key = parts[..., heads * q + head * q:heads * q + (head + 1) * q]
        value = parts[..., 2 * heads * q + head * v:2 * heads * q + (head + 1) * v]
        scores = query @ key.transpose(0, 2, 1) / np.sqrt(q)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        mixed.append(shares / shares.sum(-1, keepdims=True) @ value)
    x = x + linear(np.concatenate(mixed, -1), f"blocks.{i}.attention.output", heads * v, 8)
    inside = linear(norm(x, f"blocks.{i}.norm2"), f"blocks.{i}.mlp.hidden", 8, hidden)
    x = x + linear(inside * 0.5 * (1 + erf(inside / np.sqrt(2))), f"blocks.{i}.mlp.output", hidden, 8)
x = norm(x, "norm")

pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps({
    "layer": {"rows": rows.tolist(), "products": flat(moments), "weight": flat(weight), "inputs": 6},
    "compensation": {"ridge": ridge, "kept": kept, "weight": flat(compensated), "error": error(kept, compensated)},
    "order": {"order": order, "harm": harm},
    "correction": {"lacking": lacking.tolist(), "weight": flat(correction), "bias": flat(correction_bias)},
    "lowRank": {"left": queries.tolist(), "right": keys.tolist(), "products": products.tolist(), "nearest": nearest.tolist()},
    "transformer": {
        "config": config,
        "tensors": {name: {"shape": list(one.shape), "data": flat(one)} for name, one in tensors.items()},
        "images": flat(images), "cls": flat(x[:, 0]), "patch": flat(x[:, 1:]),
    },
}) + "\n")
