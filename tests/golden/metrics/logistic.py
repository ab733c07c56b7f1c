"""Golden values of logistic regression, by scikit-learn (L-BFGS, double precision, tight tolerance).

    python tests/golden/metrics/logistic.py

writes logistic.json: a small set of overlapping classes, and for each penalty the weights (as differences
between classes, which alone are determined), the objective and the predicted classes.
"""

import json
import pathlib

import numpy as np
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(0)
images, width, classes = 150, 6, 4
labels = rng.integers(0, classes, images)
centres = rng.normal(size=(classes, width))
features = (centres[labels] + 1.2 * rng.normal(size=(images, width))).astype(np.float32)
test = (centres[rng.integers(0, classes, 60)] + 1.2 * rng.normal(size=(60, width))).astype(np.float32)

fits = []
for c in (0.01, 1.0, 100.0):
    model = LogisticRegression(C=c, tol=1e-10, max_iter=10000)
    model.fit(features.astype(np.float64), labels)
    weight, bias = model.coef_.T, model.intercept_
    logits = features.astype(np.float64) @ weight + bias
    log_probabilities = logits - np.log(np.exp(logits - logits.max(1, keepdims=True)).sum(1, keepdims=True)) - logits.max(1, keepdims=True)
    cross_entropy = -log_probabilities[np.arange(images), labels].mean()
    fits.append({
        "c": c,
        "objective": cross_entropy + (weight**2).sum() / (2 * c * images),
        "weight": (weight - weight.mean(1, keepdims=True)).round(8).tolist(),
        "predictions": model.predict(test.astype(np.float64)).tolist(),
    })

# Of two classes scikit-learn fits one weight, so the penalty is of the difference between the classes.
two = labels < 2
fits_of_two = []
for c in (0.01, 1.0, 100.0):
    model = LogisticRegression(C=c, tol=1e-10, max_iter=10000)
    model.fit(features[two].astype(np.float64), labels[two])
    fits_of_two.append({
        "c": c,
        "weight": model.coef_[0].round(8).tolist(),
        "bias": round(float(model.intercept_[0]), 8),
        "probabilities": model.predict_proba(test.astype(np.float64))[:, 1].round(8).tolist(),
    })

golden = {
    "width": width,
    "features": features.astype(np.float64).round(6).tolist(),
    "labels": labels.tolist(),
    "test": test.astype(np.float64).round(6).tolist(),
    "fits": fits,
    "fitsOfTwo": fits_of_two,
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
