"""Golden values of the ladder as a sum of separate perceptrons: python tests/golden/method/ladder.py"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from reference import *

config = {
    "width": 4, "depth": 3, "grid": [4, 4], "hidden": 5, "lastHidden": 6,
    "teachers": [
        {"name": "a", "width": 3, "tokens": ["cls", "patch"], "grid": [4, 4]},
        {"name": "b", "width": 5, "tokens": ["patch"], "grid": [2, 2]},
        {"name": "c", "width": 2, "tokens": ["cls"], "grid": [1, 1]},
        {"name": "d", "width": 4, "tokens": ["patch"], "grid": [8, 8]},
    ],
}


def case(config):
    p = {name: value.requires_grad_() for name, value in filled(ladder_shapes(config)).items()}
    outputs = [fill([2, 17, 4], 80 + i).requires_grad_() for i in range(config["depth"])]
    predictions = ladder(p, outputs, config)
    total, seed = 0, 60
    for teacher in config["teachers"]:
        for token in ("cls", "patch"):
            if token in teacher["tokens"]:
                prediction = predictions[teacher["name"]][token]
                total = total + (prediction * fill(prediction.shape, seed)).sum()
                seed += 1
    total.backward()
    return {
        "predictions": {
            name: {token: listed(value) for token, value in tokens.items()} for name, tokens in predictions.items()
        },
        "blocks": [listed(output.grad) if output.grad is not None else None for output in outputs],
        "parameters": {name: listed(value.grad) for name, value in p.items()},
    }


write(__file__, {"all": case(config), "some": case({**config, "blocks": [0, 1]})})
