"""Golden values of the standardisations that are fitted, in double precision with NumPy.

    python tests/golden/method/standardizers.py

writes standardizers.json: features whose axes are correlated, and by kind what they become. For PHI-S the
rotation is determined only up to signs and order of the axes, so what is written are facts that any right
rotation has: the variance of every axis, the deviation, the eigenvalues of the covariance.
"""

import json
import pathlib

import numpy as np

rng = np.random.default_rng(1)
width, rows = 12, 40
mixing = rng.normal(size=(width, width)) * np.linspace(0.1, 3, width)
features = (rng.normal(size=(rows, width)) @ mixing + rng.normal(size=width) * 5).astype(np.float32)
x = features.astype(np.float64)
mean, covariance = x.mean(0), np.cov(x, rowvar=False)
variance = np.diag(covariance)


def narrow(z, scale, count=4):
    """The first principal axes of standardised features, at a mean variance of 1: facts without signs."""
    variances, vectors = np.linalg.eigh(np.cov(z, rowvar=False))
    first = vectors[:, ::-1][:, :count]
    along = variances[::-1][:count]
    projected = z @ first / np.sqrt(along.mean())
    return {
        "kept": float(along.sum() / variances.sum()),
        "variances": (along / along.mean()).tolist(),
        "gram": (projected @ projected.T).round(9).tolist(),
        "back": (z @ first @ first.T * scale + mean).round(9).tolist(),
    }


golden = {
    "width": width,
    "features": x.round(7).tolist(),
    "mean": mean.tolist(),
    "fixed": ((x - mean) / np.sqrt(variance)).tolist(),
    "global": ((x - mean) / np.sqrt(variance.mean())).tolist(),
    "phiDeviation": float(np.sqrt(variance.mean())),
    "eigenvalues": np.linalg.eigvalsh(covariance).tolist(),
    # Lengths and angles do not change under a rotation: the Gram matrix of what PHI-S makes of the rows.
    "narrowFixed": narrow((x - mean) / np.sqrt(variance), np.sqrt(variance)),
    "narrowGlobal": narrow((x - mean) / np.sqrt(variance.mean()), np.sqrt(variance.mean())),
    "phiGram": ((x - mean) @ (x - mean).T / variance.mean()).round(9).tolist(),
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
