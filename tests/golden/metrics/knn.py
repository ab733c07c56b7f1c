"""k-NN by brute force in double precision, for tests/metrics/probes/knn_test.ts. Run: python knn.py"""

import json
import pathlib

import numpy as np

TRAIN, TEST, WIDTH, CLASSES = 500, 120, 16, 7


def numbers(count, seed):
    """The same whole numbers in every language: a linear congruential generator of 32 bits."""
    state, out = seed, []
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        out.append((state >> 16) / 65536 - 0.5)
    return np.array(out)


def features(count, seed, centres):
    labels = np.arange(count) * 5 % CLASSES
    return numbers(count * WIDTH, seed).reshape(count, WIDTH) + 0.5 * centres[labels], labels


def main():
    centres = numbers(CLASSES * WIDTH, 3).reshape(CLASSES, WIDTH)
    train, train_labels = features(TRAIN, 1, centres)
    test, test_labels = features(TEST, 2, centres)
    golden = {}
    for normalize in (True, False):
        a, b = (
            (x / np.linalg.norm(x, axis=1, keepdims=True) if normalize else x) for x in (train, test)
        )
        similarity = b @ a.T
        for k in (1, 10, 20, 100, 200):
            nearest = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
            votes = np.zeros((TEST, CLASSES))
            for row, columns in enumerate(nearest):
                np.add.at(votes[row], train_labels[columns], np.exp(similarity[row, columns] / 0.07))
            ordered = np.sort(votes, axis=1)
            assert (ordered[:, -1] > ordered[:, -2] * (1 + 1e-4)).all(), "no vote may hang on rounding"
            predictions = votes.argmax(1)
            golden[f"{'unit' if normalize else 'raw'} {k}"] = {
                "top1": 100 * float((predictions == test_labels).mean()),
                "predictions": "".join(map(str, predictions)),
            }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(golden, indent=1) + "\n")


main()
