"""Golden values of lib/metrics/representation/principal_components.ts: scikit-learn's PCA on a made-up matrix.

Run: python tests/golden/metrics/principal_components.py > tests/golden/metrics/principal_components.json
"""
import json

import numpy as np
from sklearn.decomposition import PCA


def fill(count, seed):
    """The numbers of `fillValues` in tests/golden_values_fixture.ts."""
    return np.sin(12.9898 * np.arange(1, count + 1) + 78.233 * seed)


def matrix(rows, width):
    """Directions of falling strength, mixed, so that the order of the components is certain."""
    mixing = np.linalg.qr(fill(width * width, 2).reshape(width, width))[0]
    return fill(rows * width, 1).reshape(rows, width) * (0.8 ** np.arange(width)) @ mixing + 3


cases = []
for rows, width in [(40, 12), (10, 30), (60, 24)]:
    features = matrix(rows, width).astype(np.float32).astype(np.float64)
    pca = PCA(n_components=3, svd_solver="full").fit(features)
    projected = pca.transform(features)
    for i, direction in enumerate(pca.components_):
        if direction[np.argmax(np.abs(direction))] < 0:
            projected[:, i] *= -1
    cases.append({
        "rows": rows,
        "width": width,
        "features": " ".join(f"{v:.7g}" for v in features.ravel()),
        "projected": " ".join(f"{v:.7g}" for v in projected.ravel()),
        "shares": " ".join(f"{v:.7g}" for v in pca.explained_variance_ratio_),
    })
print(json.dumps({"cases": cases}, indent=1))
