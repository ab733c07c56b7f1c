"""Golden logits of the embedded networks' own classifiers on made-up features, for
tests/teachers/zoo/classifier_test.ts, read from the files without the package, in double precision. Needs numpy:

    python tests/golden/teachers/classifier_heads.py

writes classifier_heads.json.
"""

import json
import pathlib

import numpy as np

HERE = pathlib.Path(__file__)
DATA = HERE.parents[3] / "data" / "teachers"


def features(width):
    """Two rows of whole numbers from 0 to 6, the range of ReLU6."""
    return (np.arange(2 * width).reshape(2, width) * 7919 // 13 % 7).astype(np.float64)


def tflite_head(folder):
    index = json.loads((folder / "tensors.json").read_text())
    file = (folder / index["file"]).read_bytes()
    tensors = {tensor["index"]: tensor for tensor in index["tensors"]}
    kinds = ("CONV_2D", "FULLY_CONNECTED")
    last = [op for op in index["ops"] if op["op"] in kinds][-1]

    def real(number):
        t = tensors[number]
        kind = {"uint8": np.uint8, "int32": np.dtype("<i4")}[t["dtype"]]
        q = np.frombuffer(file[t["offset"] : t["offset"] + t["bytes"]], kind).astype(np.float64)
        return (q - t["zero_point"][0]) * t["scale"][0]

    bias = real(last["inputs"][2])
    return real(last["inputs"][1]).reshape(len(bias), -1), bias


def torch_head(folder):
    side = next(folder.glob("*.tensors.json"))
    file = (folder / side.name.replace(".tensors.json", ".th")).read_bytes()
    tensors = {t["name"]: t for t in json.loads(side.read_text())["tensors"]}

    def real(name):
        t = tensors[name]
        q = np.frombuffer(file[t["offset"] : t["offset"] + t["bytes"]], np.dtype("<f4"))
        return q.astype(np.float64).reshape(t["shape"])

    return real("linear.weight"), real("linear.bias")


golden = {}
for folder in sorted(DATA.glob("*net*")):
    if not any(folder.glob("*tensors.json")):
        continue  # no folder, or one whose weights are fetched
    weight, bias = (torch_head if folder.name.startswith("resnet") else tflite_head)(folder)
    logits = features(weight.shape[1]) @ weight.T + bias
    places = [0, 1, logits.shape[1] // 2, logits.shape[1] - 1]
    golden[folder.name] = {
        "classes": logits.shape[1],
        "width": weight.shape[1],
        "scale": float(np.abs(logits).max()),
        "best": logits.argmax(1).tolist(),
        "places": places,
        "values": logits[:, places].ravel().tolist(),
    }
HERE.with_suffix(".json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
