"""Golden values of lib/metrics/drift: scipy's Kolmogorov-Smirnov tests, MMD and a ridge
classifier by numpy and scikit-learn, and Page-Hinkley's sums written out.

Run: python tests/golden/metrics/drift.py > tests/golden/metrics/drift.json
"""
import json

import numpy as np
from scipy.special import kolmogorov
from scipy.stats import binomtest, ks_2samp
from sklearn.linear_model import Ridge
from sklearn.metrics import roc_auc_score
from sklearn.metrics.pairwise import rbf_kernel
from scipy.spatial.distance import pdist


def fill(count, seed):
    """The numbers of `fillValues` in tests/golden_values_fixture.ts."""
    return np.sin(12.9898 * np.arange(1, count + 1) + 78.233 * seed).astype(np.float32).astype(np.float64)


smirnov = []
for n, m, shift in [(1, 1, 0), (3, 3, 9), (10, 10, 0.4), (30, 45, 0.25), (120, 80, 0.1), (200, 200, 0.3), (40, 41, 3)]:
    a, b = fill(n, 1), fill(m, 2) + shift
    exact = ks_2samp(a, b, method="exact")
    smirnov.append({"n": n, "m": m, "shift": shift, "statistic": exact.statistic, "p": exact.pvalue})
ties = ks_2samp([1, 1, 2, 2, 3, 5], [1, 2, 2, 2, 4, 4, 4], method="exact")
large = []
for n, m, shift in [(2500, 2000, 0.03), (3000, 3000, 0.001), (2200, 2300, 0.08)]:
    a, b = fill(n, 1), fill(m, 2) + shift
    d = ks_2samp(a, b).statistic
    large.append({"n": n, "m": m, "shift": shift, "statistic": d, "p": float(kolmogorov(d * np.sqrt(n * m / (n + m))))})

mmd = []
for n, m, width, shift in [(6, 9, 3, 0.0), (20, 12, 4, 0.5), (15, 15, 2, 0.2)]:
    x = fill((n + m) * width, 3).reshape(n + m, width)
    x[n:] = (x[n:] + shift).astype(np.float32)
    sigma2 = np.median(pdist(x) ** 2)
    k = rbf_kernel(x, gamma=1 / (2 * sigma2))
    np.fill_diagonal(k, 0)
    value = k[:n, :n].sum() / (n * (n - 1)) + k[n:, n:].sum() / (m * (m - 1)) - 2 * k[:n, n:].mean()
    mmd.append({"n": n, "m": m, "width": width, "shift": shift, "statistic": value, "bandwidth": float(np.sqrt(sigma2))})

# Fold of row i is that of its place in a permutation that the test draws; here rows are in folds by number.
n, m, width, folds, penalty = 14, 18, 3, 4, 0.1
x = fill((n + m) * width, 5).reshape(n + m, width)
x[n:] = (x[n:] + 0.4).astype(np.float32)
y = np.r_[np.zeros(n), np.ones(m)]
scores = np.zeros(n + m)
for fold in range(folds):
    held = np.arange(n + m) % folds == fold
    mean = x[~held].mean(0)
    ridge = Ridge(alpha=penalty * (~held).sum()).fit(x[~held], y[~held])
    scores[held] = (x[held] - mean) @ ridge.coef_
classifier = {"n": n, "m": m, "width": width, "folds": folds, "penalty": penalty, "shift": 0.4,
              "scores": " ".join(f"{v:.10g}" for v in scores), "statistic": roc_auc_score(y, scores)}

stream = np.r_[fill(60, 7), fill(60, 8) + 1.5]
sums, alarms, total = [], [], 0.0
for i in range(len(stream)):
    total += stream[i] - stream[: i + 1].mean() - 0.2
    sums.append(total)
    alarms.append(bool(i + 1 >= 30 and total - min([0.0] + sums) > 4))
hinkley = {"tolerance": 0.2, "threshold": 4, "first": alarms.index(True),
           "sums": " ".join(f"{v:.10g}" for v in sums)}

# A linear map between features, with intercept.
inputs, outputs = fill(30 * 4, 9).reshape(30, 4), fill(30 * 3, 10).reshape(30, 3)
fitted = Ridge(alpha=0.05 * 20).fit(inputs[:20], outputs[:20])
linear = " ".join(f"{v:.10g}" for v in fitted.predict(inputs[20:]).ravel())

wilson = []
for k, n in [(0, 50), (10, 200), (37, 40)]:
    ci = binomtest(k, n).proportion_ci(method="wilson")
    wilson.append([k, n, 100 * ci.low, 100 * ci.high])

print(json.dumps({"linear": linear, "wilson": wilson, "smirnov": smirnov, "ties": {"statistic": ties.statistic, "p": ties.pvalue}, "large": large,
                  "mmd": mmd, "classifier": classifier, "hinkley": hinkley}, indent=1))
