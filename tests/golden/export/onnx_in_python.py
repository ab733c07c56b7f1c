"""A student's ONNX file in Python's onnxruntime beside its timm export in timm, for tests/export/onnx/python_test.ts.

    python tests/golden/export/onnx_in_python.py FOLDER

FOLDER holds onnx/model.onnx, timm.pth and images.json: a seed and a shape. Prints the largest difference of the CLS
tokens and of the patches, over the largest number, and what the file says of itself.
"""
import json
import pathlib
import sys

import numpy
import onnxruntime
import timm
import torch

folder = pathlib.Path(sys.argv[1])
batch, size = json.loads((folder / "images.json").read_text())
pixels = numpy.random.default_rng(0).standard_normal((batch, 3, size, size)).astype(numpy.float32)

session = onnxruntime.InferenceSession(folder / "onnx" / "model.onnx")
cls, patch, hidden, pooled = session.run(
    ["cls", "patch", "last_hidden_state", "pooler_output"], {"pixel_values": pixels}
)

saved = torch.load(folder / "timm.pth", weights_only=True)
if "timm" in saved:
    # The file holds the command that makes its network.
    model = eval(saved["timm"], {"timm": timm})
else:
    config = json.loads(saved["config"])
    model = timm.models.VisionTransformer(
        img_size=config["imageSize"],
        patch_size=config["patchSize"],
        embed_dim=config["width"],
        depth=config["depth"],
        num_heads=config["heads"],
        mlp_ratio=config.get("mlpRatio", 4),
        num_classes=0,
    )
model.load_state_dict(saved["state_dict"])
with torch.inference_mode():
    features = model.eval().forward_features(torch.from_numpy(pixels))
    if features.ndim == 4:  # a map of channels
        expected_patch = features.flatten(2).mT.numpy()
        expected_cls = expected_patch.mean(1)
    else:
        expected_cls, expected_patch = features[:, 0].numpy(), features[:, 1:].numpy()


def difference(actual, expected):
    return float(numpy.abs(actual - expected).max() / numpy.abs(expected).max())


print(json.dumps({
    "cls": difference(cls, expected_cls),
    "patch": difference(patch, expected_patch),
    "hidden": bool((hidden == numpy.concatenate([cls[:, None], patch], 1)).all() and (pooled == cls).all()),
    "metadata": session.get_modelmeta().custom_metadata_map,
    "producer": session.get_modelmeta().producer_name,
}))
