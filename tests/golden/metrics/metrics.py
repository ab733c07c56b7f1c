"""Golden values of metrics of frozen features, for tests/metrics, in double precision.

    python tests/golden/metrics/metrics.py

writes metrics.json. Average precision and principal axes are scikit-learn's; class means, calibration
and alignment are computed here as their papers write them, the slow way.
"""

import json
import pathlib

import numpy as np
from sklearn.decomposition import PCA
from sklearn.metrics import average_precision_score
from sklearn.linear_model import LogisticRegression

TRAIN, TEST, WIDTH, CLASSES = 500, 120, 16, 7


def numbers(count, seed):
    """The same whole numbers in every language: a linear congruential generator of 32 bits."""
    state, out = seed, []
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        out.append((state >> 16) / 65536 - 0.5)
    return np.array(out)


def labelled(count, seed):
    centres = numbers(CLASSES * WIDTH, 3).reshape(CLASSES, WIDTH)
    labels = np.arange(count) * 5 % CLASSES
    return numbers(count * WIDTH, seed).reshape(count, WIDTH) + 0.5 * centres[labels], labels


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def class_mean(train, labels, test):
    means = unit(np.stack([unit(train)[labels == label].mean(0) for label in range(CLASSES)]))
    similarity = unit(test) @ means.T
    ordered = np.sort(similarity, axis=1)
    assert (ordered[:, -1] > ordered[:, -2] + 1e-5).all(), "no prediction may hang on rounding"
    return similarity.argmax(1)


def average_precisions(train, labels, test, wanted):
    similarity = unit(test) @ unit(train).T
    return [average_precision_score(labels == one, row) for one, row in zip(wanted, similarity)]


def calibration_error(confidence, right, bins=15):
    edges = np.linspace(0, 1, bins + 1)
    error = 0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            error += inside.mean() * abs(confidence[inside].mean() - right[inside].mean())
    return 100 * error


def hsic_biased(k, l):
    n = len(k)
    h = np.eye(n) - 1 / n
    return np.trace(k @ h @ l @ h)


def hsic_unbiased(k, l):
    n = len(k)
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    one = np.ones(n)
    return (
        np.trace(k @ l)
        + (one @ k @ one) * (one @ l @ one) / ((n - 1) * (n - 2))
        - 2 / (n - 2) * (one @ k @ l @ one)
    )


def cka(x, y, hsic):
    k, l = x @ x.T, y @ y.T
    return hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l))


def row_similarity(actual, expected):
    mean = expected.mean(0)
    return float(np.mean((unit(actual - mean) * unit(expected - mean)).sum(1)))


def main():
    train, train_labels = labelled(TRAIN, 1)
    test, test_labels = labelled(TEST, 2)
    precisions = average_precisions(train, train_labels, test, test_labels)
    predictions = class_mean(train, train_labels, test)

    confidence = numbers(200, 5) + 0.5
    right = (numbers(200, 6) + 0.5 < confidence**2).astype(float)

    model = LogisticRegression(C=1.0, tol=1e-10, max_iter=10000).fit(train, train_labels)

    # The second model sees a part of the first's features, far from zero.
    first = test
    second = np.concatenate([test[:, :5] * 3 + 10, numbers(TEST * 3, 7).reshape(TEST, 3)], 1)
    noise = numbers(TEST * 9, 8).reshape(TEST, 9)

    spectra = {}
    for name, rows in {"more images": test, "more numbers": test[:10]}.items():
        variances = PCA().fit(rows).explained_variance_
        deviations = np.sqrt(variances[variances > 1e-12])
        shares = deviations / deviations.sum()
        spectra[name] = {
            "images": len(rows),
            "variances": variances.tolist(),
            "effectiveRank": float(np.exp(-(shares * np.log(shares)).sum())),
        }

    golden = {
        "classMean": "".join(map(str, predictions)),
        "retrieval": {"map": 100 * float(np.mean(precisions)), "precisions": precisions},
        "calibration": {b: calibration_error(confidence, right, b) for b in (1, 10, 15)},
        "probabilities": model.predict_proba(test[:20]).ravel().tolist(),
        "cka": {
            name: {"biased": cka(first, y, hsic_biased), "debiased": cka(first, y, hsic_unbiased)}
            for name, y in {"part": second, "noise": noise}.items()
        },
        "spectra": spectra,
        "rowSimilarity": row_similarity(first + 3 * numbers(TEST * WIDTH, 9).reshape(TEST, WIDTH) + 0.2, first),
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


main()
