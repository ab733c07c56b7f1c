"""Golden values of lib/metrics/representation/k_means.ts: scikit-learn's k-means from given means.

Run: python tests/golden/metrics/k_means.py > tests/golden/metrics/k_means.json
"""
import json

import numpy as np
from sklearn.cluster import KMeans


def fill(count, seed):
    """The numbers of `fillValues` in tests/golden_values_fixture.ts."""
    return np.sin(12.9898 * np.arange(1, count + 1) + 78.233 * seed)


cases = []
for rows, width, clusters in [(40, 2, 3), (90, 7, 5), (30, 4, 30)]:
    features = fill(rows * width, 1).astype(np.float32).reshape(rows, width)
    fitted = KMeans(
        clusters, init=features[:clusters], n_init=1, tol=0, max_iter=100, algorithm="lloyd"
    ).fit(features.astype(np.float64))
    cases.append({
        "rows": rows,
        "width": width,
        "clusters": clusters,
        "iterations": int(fitted.n_iter_),
        "assignments": " ".join(map(str, fitted.labels_)),
        "centres": " ".join(f"{v:.7g}" for v in fitted.cluster_centers_.ravel()),
    })
print(json.dumps({"cases": cases}, indent=1))
