"""Golden values for the choice of teachers.

- lib/metrics/representation/predictability.ts: ridge regression of whole feature matrices by its normal
  equations, one fit for every image that is left out.
- lib/metrics/probes/log_me.ts: the evidence as the density of a normal distribution with a full covariance
  matrix, maximised over both precisions by Nelder and Mead's method.
- lib/metrics/comparison/rank_correlation.ts: scipy's Spearman correlation.

Run: python tests/golden/metrics/selection.py > tests/golden/metrics/selection.json
"""
import json

import numpy as np
from scipy import optimize, stats


def features(rows, width, seed):
    return np.random.default_rng(seed).normal(size=(rows, width))


def lines(values):
    return " ".join(f"{v:.8g}" for v in np.asarray(values).ravel())


def prepared(models, learnt, held):
    """Centred by the images to learn from, each model's features scaled to a mean square of 1 over them."""
    parts = []
    for model in models:
        mean = model[learnt].mean(axis=0)
        scale = np.sqrt(((model[learnt] - mean) ** 2).sum(axis=1).mean())
        parts.append(((model[learnt] - mean) / scale, (model[held] - mean) / scale))
    return parts


def fit(x, y, penalty):
    return np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ y)


def left_out(x, y, penalty):
    """Squared error of each image by a fit to all others."""
    error = 0.0
    for i in range(len(x)):
        rest = np.arange(len(x)) != i
        error += ((y[i] - x[i] @ fit(x[rest], y[rest], penalty)) ** 2).sum()
    return error


def predictability(models, held, members, penalties):
    learnt = np.setdiff1d(np.arange(len(models[0])), held)
    parts = prepared(models, learnt, held)
    # The product of joined features is the mean of the products: each is divided by the root of their number.
    joined = [np.hstack([parts[m][part] for m in members]) / np.sqrt(len(members)) for part in (0, 1)]
    others = [m for m in range(len(models)) if m not in members]
    wanted = np.hstack([parts[m][0] for m in others])
    penalty = min(penalties, key=lambda p: left_out(joined[0], wanted, p))
    r2, scores = np.ones(len(models)), np.full(len(held), len(members) / len(models))
    for m in others:
        errors = ((parts[m][1] - joined[1] @ fit(joined[0], parts[m][0], penalty)) ** 2).sum(axis=1)
        total = (parts[m][1] ** 2).sum(axis=1).mean()
        r2[m] = 1 - errors.mean() / total
        scores += (1 - errors / total) / len(models)
    return {"members": members, "penalty": penalty, "r2": lines(r2), "scores": lines(scores)}


def evidence(x, labels):
    """Mean over classes of the largest log evidence of an image."""
    n, found = len(x), []
    products = x @ x.T
    for label in np.unique(labels):
        y = (labels == label).astype(float)

        def minus(logs):
            covariance = np.exp(logs[0]) * np.eye(n) + np.exp(logs[1]) * products
            sign, determinant = np.linalg.slogdet(covariance)
            if sign <= 0 or not np.all(np.isfinite(covariance)):
                return 1e10
            return (n * np.log(2 * np.pi) + determinant + y @ np.linalg.solve(covariance, y)) / 2

        options = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000}
        starts = [(a, b) for a in (-4.0, -1.0) for b in (-8.0, -4.0, 0.0)]
        best = min(
            (optimize.minimize(minus, start, method="Nelder-Mead", options=options) for start in starts),
            key=lambda result: result.fun,
        )
        found.append(-best.fun / n)
    return float(np.mean(found))


rows, widths = 42, [5, 9, 60]
models = [features(rows, width, seed) for seed, width in enumerate(widths, 1)]
# The second knows part of the first, the third part of both.
models[1][:, :3] += models[0][:, :3]
models[2][:, :4] += 3 * models[0][:, :4] + models[1][:, 2:6]
models = [model.astype(np.float32).astype(np.float64) for model in models]
held = [3, 40, 7, 22, 18, 30, 1, 11, 25, 36, 5, 9, 14, 28]
penalties = [3, 0.3, 0.03, 0.003]
subsets = [[0], [1], [2], [0, 1], [1, 2]]

cases = []
for rows_, width, classes, seed in [(30, 4, 2, 5), (24, 40, 3, 6), (50, 12, 5, 7)]:
    x = features(rows_, width, seed)
    labels = np.arange(rows_) % classes
    # Features that know a little of the labels.
    x = x + 0.6 * np.outer(labels == 0, np.cos(np.arange(width)))
    x = x.astype(np.float32).astype(np.float64)
    cases.append({
        "features": lines(x), "width": width, "labels": labels.tolist(), "value": evidence(x, labels),
    })

orders = []
for a, b in [
    ([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]),
    ([3, 1, 4, 1, 5, 9, 2, 6], [2, 7, 1, 8, 2, 8, 1, 8]),
    ([0.5, -1, 2, 2, 2, 8], [9, 3, 3, 1, 1, 0]),
]:
    orders.append({"first": a, "second": b, "rho": float(stats.spearmanr(a, b).statistic)})

print(json.dumps({
    "predictability": {
        "models": [{"features": lines(model), "width": model.shape[1]} for model in models],
        "held": held,
        "penalties": penalties,
        "subsets": [predictability(models, np.array(held), members, penalties) for members in subsets],
    },
    "log_me": cases,
    "spearman": orders,
}, indent=1))
