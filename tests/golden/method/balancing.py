"""Golden values of the ways to weigh teachers, written from their definitions in plain double precision.

    python tests/golden/method/balancing.py

writes balancing.json: losses of 3 images, 4 patches and 3 teachers, uniform numbers, and by way the loss and the
shares.
"""

import json
import pathlib

import numpy as np

rng = np.random.default_rng(2)
batch, patches, teachers = 3, 4, 3
cls = rng.uniform(0.2, 2, (batch, teachers)).round(4)
patch = rng.uniform(0.2, 2, (batch, patches, teachers)).round(4)
uniforms = rng.uniform(size=(batch * (1 + patches), teachers)).round(4)
matrix = (cls + patch.mean(1)) / 2
p = 0.6


def normalise(weights, by_image):
    if not by_image:
        return weights / weights.sum()
    return weights / weights.sum(1, keepdims=True) / len(weights)


def dropped(losses, numbers):
    keep = np.zeros_like(losses)
    for row in range(len(losses)):
        hardest = max(range(teachers), key=lambda t: (losses[row, t], -t))
        for t in range(teachers):
            keep[row, t] = t == hardest or numbers[row, t] >= p
    return keep


def result(weights, losses=matrix):
    return {"loss": float((weights * losses).sum()), "shares": weights.sum(0).tolist()}


random_keep = np.array([
    [float(u >= p) for u in row] if (row >= p).any() else (row == row.max()).astype(float)
    for row in uniforms[:batch]
])
fixed = np.broadcast_to([1.0, 4.0, 0.5], matrix.shape)

averages = np.zeros(teachers)
ada = []
for step in range(3):
    own = (matrix * (1 + step)).mean(0)
    averages = own if step == 0 else 0.9 * averages + 0.1 * own
    ada.append(result(normalise(np.broadcast_to(1 / averages, matrix.shape), False), matrix * (1 + step))
               | {"averages": averages.tolist()})

cls_keep = normalise(dropped(cls, uniforms[:batch]), False)
rows = patch.reshape(-1, teachers)
patch_keep = normalise(dropped(rows, uniforms[batch:]), False)

golden = {
    "cls": cls.tolist(), "patch": patch.tolist(), "uniforms": uniforms.tolist(), "probability": p,
    "momentum": 0.9, "weights": {"a": 1, "b": 4, "c": 0.5},
    "none": result(normalise(np.ones_like(matrix), False)),
    "fixed": result(normalise(fixed, False)),
    "random_drop": result(normalise(random_keep, False)),
    "random_drop by image": result(normalise(random_keep, True)),
    "teacher_drop": result(normalise(dropped(matrix, uniforms[:batch]), False)),
    "teacher_drop by image": result(normalise(dropped(matrix, uniforms[:batch]), True)),
    "teacher_drop by patch": {
        "loss": float(((cls_keep * cls).sum() + (patch_keep * rows).sum()) / 2),
        "shares": ((cls_keep.sum(0) + patch_keep.sum(0)) / 2).tolist(),
    },
    "ada_loss": ada,
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
