"""Golden values for the advice.

- lib/metrics/representation/distinct_images.ts: connected components by scipy.
- lib/metrics/representation/image_structure.ts: normalised cross-correlation, image by image.
- lib/metrics/comparison/increment.ts, nextValue: the prediction interval by scipy's quantiles of Student's t.
- lib/advice/past/gather_past_runs.ts: leads, places and increments of a made-up experiment by numpy.
- lib/advice/plan_minutes.ts: seconds of passes, step by step.

Run: python tests/golden/advice/advice.py > tests/golden/advice/advice.json
"""
import json

import numpy as np
from scipy import sparse, stats

rng = np.random.default_rng(3)


def distinct():
    cases = []
    for images, pairs in [(1, 0), (6, 3), (40, 25), (200, 150)]:
        ends = rng.integers(0, images, size=(pairs, 2))
        graph = sparse.coo_matrix((np.ones(pairs), (ends[:, 0], ends[:, 1])), shape=(images, images))
        groups, _ = sparse.csgraph.connected_components(graph, directed=False)
        cases.append({"images": images, "pairs": ends.tolist(), "groups": int(groups)})
    return cases


def structure():
    side = 4
    pixels = rng.integers(0, 256, size=(3, side, side, 3)).astype(np.uint8)
    # The last is the first, darker and with less contrast.
    pixels[2] = (pixels[0] // 2 + 20).astype(np.uint8)
    centred = pixels.astype(float) - pixels.mean(axis=(1, 2), keepdims=True)
    rows = centred.reshape(3, -1)
    norms = np.linalg.norm(rows, axis=1)
    return {"side": side, "pixels": pixels.ravel().tolist(), "correlations": (rows @ rows.T / np.outer(norms, norms)).tolist()}


def next_values():
    cases = []
    for count in [2, 3, 5, 11]:
        values = np.round(rng.normal(1, 2, count), 3)
        half = stats.t.ppf(0.95, count - 1) * values.std(ddof=1) * np.sqrt(1 + 1 / count)
        cases.append({"values": values.tolist(), "low": values.mean() - half, "high": values.mean() + half})
    return cases


def past():
    """Results of two teachers and of two students with two seeds, on two tasks by two metrics."""
    measures = [f"{metric} {task}" for metric in ("knn", "logistic") for task in ("a", "b")]
    results = {row: {seed: dict(zip(measures, np.round(rng.uniform(20, 90, 4), 2).tolist())) for seed in seeds}
               for row, seeds in {"first": [0], "second": [0], "plain": [0, 1], "whole": [0, 1]}.items()}
    mean = lambda row, seed: np.mean([results[row][seed][m] for m in measures])
    teachers = [mean("first", 0), mean("second", 0)]
    best, average = max(teachers), np.mean(teachers)
    students = {row: [mean(row, seed) for seed in (0, 1)] for row in ("plain", "whole")}
    return {
        "results": results,
        "against": "first" if teachers[0] > teachers[1] else "second",
        "runs": {row: {"leads": [s - best for s in values], "places": [(s - average) / (best - average) for s in values]}
                 for row, values in students.items()},
        "increments": [w - p for p, w in zip(students["plain"], students["whole"])],
    }


def plan():
    """Minutes of five passes over 320 images in batches of 32, whose order matters not since batches divide them."""
    start, step, new, fit, fitted, per_pass = 7.0, 0.5, 2.0, 1.8, 4, 10
    # The run itself measures for a twentieth of its minutes.
    minutes = lambda seconds: seconds / 0.95 / 60
    live = start + sum(new + (fit if i < fitted else 0) for i in range(5 * per_pass))

    def kept(views, passes):
        cost = lambda i: step + fit if i < fitted else new if i < views * per_pass else step
        return start + sum(cost(i) for i in range(passes * per_pass))

    # Half of the time of a run may go into features of new views: the most views for which that holds.
    share = lambda seconds, views: views * (new - step) * per_pass <= 0.5 * (seconds - start)
    views = max(v for v in range(1, 6) if v == 1 or share(kept(v, 5), v))
    return {"live": minutes(live), "cached": minutes(kept(views, 5)), "views": views, "pass": minutes(kept(1, 1))}


print(json.dumps({"distinct": distinct(), "structure": structure(), "next": next_values(), "past": past(), "plan": plan()}))
