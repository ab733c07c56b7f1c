"""Difference of two ways to train over test images and seeds: numpy, with its own draws.

Run: python tests/golden/metrics/seeded_difference.py
"""

import json
from pathlib import Path

import numpy as np

random = np.random.default_rng(7)
seeds, resamples = 3, 200_000
tasks = []
for name, images, gain in (("a", 60, 0.10), ("b", 25, 0.0)):
    hard = random.uniform(size=images)
    def draw(shift):
        own = shift + 0.05 * random.standard_normal((seeds, 1))
        return (random.uniform(size=(seeds, images)) * 0.4 + 0.6 * hard < 0.55 + own).astype(float)
    tasks.append({"task": name, "first": draw(gain).tolist(), "second": draw(0.0).tolist()})

differences = [np.array(t["first"]) - np.array(t["second"]) for t in tasks]
by_seed = np.mean([d.mean(axis=1) for d in differences], axis=0)
draws = np.empty(resamples)
for start in range(0, resamples, 10_000):
    chosen = random.integers(seeds, size=(10_000, seeds - 1))
    total = np.zeros(10_000)
    for d in differences:
        n = d.shape[1]
        counts = random.multinomial(n, np.full(n, 1 / n), size=10_000)
        means = counts @ d.T / n  # [draws, seeds]
        total += np.take_along_axis(means, chosen, axis=1).mean(axis=1) / len(differences)
    draws[start : start + 10_000] = total
low, high = np.quantile(draws, [0.025, 0.975])
# What the spread should be: seeds by their own variance over n, images by that of the mean over seeds.
result = {
    "tasks": tasks,
    "difference": float(by_seed.mean()),
    "bySeed": by_seed.tolist(),
    "low": float(low),
    "high": float(high),
    "seedVariance": float(by_seed.var(ddof=1) / seeds),
    "variance": float(draws.var()),
}
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(result) + "\n")
