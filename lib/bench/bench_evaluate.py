"""The metrics of `deno task bench evaluate` by scikit-learn: a line in for each turn, a line of JSON out."""
import json
import resource
import sys
import time
import warnings

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

warnings.filterwarnings("ignore")


def load(path, rows, width):
    return np.fromfile(path, dtype=np.float32).reshape(rows, width)


def main(setting):
    rows, width = setting["rows"], setting["width"]
    train, test = load(setting["train"], rows, width), load(setting["test"], rows, width)
    labels = np.arange(rows) % setting["classes"]

    def knn():
        vote = KNeighborsClassifier(
            n_neighbors=setting["k"],
            metric="cosine",
            algorithm="brute",
            weights=lambda distance: np.exp((1 - distance) / setting["temperature"]),
            n_jobs=-1,
        )
        return vote.fit(train, labels).predict(test)

    def logistic():
        model = LogisticRegression(C=setting["c"], tol=1e-4, max_iter=2000)
        return model.fit(train, labels).predict(test)

    metrics = {"knn": knn, "logistic": logistic}
    print(json.dumps({"version": sklearn.__version__}), flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        predictions = metrics[line.strip()]()
        print(json.dumps({
            "milliseconds": (time.perf_counter() - start) * 1000,
            "accuracy": float((predictions == labels).mean() * 100),
            "peakMegabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
