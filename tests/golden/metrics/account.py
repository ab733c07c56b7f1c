"""Energy of counters that begin again at zero, and accounts of several runs, in exact fractions.

Run: python tests/golden/metrics/account.py
"""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np

random = np.random.default_rng(20)

# Counters as the kernel keeps them: whole microjoules, modulo a range. What was used is known.
readings = []
for packages in (1, 2, 4):
    ranges = random.integers(10**9, 3 * 10**11, size=packages)
    used = [int(random.integers(0, r)) for r in ranges]
    start = [int(random.integers(0, r)) for r in ranges]
    end = [(s + u) % int(r) for s, u, r in zip(start, used, ranges)]
    readings.append({
        "ranges": [int(r) for r in ranges],
        "before": start,
        "after": end,
        "joules": float(Fraction(sum(used), 10**6)),
        "wrapped": sum(e < s for s, e in zip(start, end)),
    })
assert any(r["wrapped"] for r in readings) and any(r["wrapped"] < len(r["ranges"]) for r in readings)


def account(seconds, metered, joules, watts, intensity):
    seconds, metered, joules, watts, intensity = map(Fraction, (seconds, metered, joules, watts, intensity))
    energy = (joules + (seconds - metered) * watts) / 3_600_000
    return energy, energy * intensity


uses = [
    # Processor seconds, metered seconds, joules, watts of a core, g CO2e of a kWh.
    (5400, 0, 0, 12, 400),
    (5400, 5400, "81234.5", 12, "52.5"),
    (1000, 250, 9000, "7.5", 700),
]
accounts = []
total = [Fraction(0)] * 4
for use in uses:
    energy, grams = account(*use)
    seconds, metered = Fraction(use[0]), Fraction(use[1])
    accounts.append({
        "use": [float(Fraction(x)) for x in use],
        "kilowattHours": float(energy),
        "gramsCo2e": float(grams),
        "meteredShare": float(metered / seconds),
    })
    total = [a + b for a, b in zip(total, (seconds, metered, energy, grams))]
reckoned = sum((Fraction(s) - Fraction(m)) * Fraction(w) for s, m, _, w, _ in uses)
result = {
    "readings": readings,
    "accounts": accounts,
    "sum": {
        "processorSeconds": float(total[0]),
        "meteredShare": float(total[1] / total[0]),
        "kilowattHours": float(total[2]),
        "gramsCo2e": float(total[3]),
        "gridIntensity": float(total[3] / total[2]),
        "wattsPerCore": float(reckoned / (total[0] - total[1])),
    },
}
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(result) + "\n")
