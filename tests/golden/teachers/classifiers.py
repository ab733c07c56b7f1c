"""The MobileNets and EfficientNet-Lite0 with their own classifiers on real images: the MobileNets in floating
point, as this package runs them, and with every activation rounded to 8 bits, as they were made to run.
Independent of the package: each MobileNet is run operation by operation from its side file, EfficientNet-Lite0
by efficientnet_lite.py. Needs torch, numpy and Pillow:

    python classifiers.py SHARED

SHARED is the folder of research data (data/tiny-imagenet-200, weights/mobilenet-v2-imagenet-int8,
weights/efficientnet-lite0), whose licences forbid republishing. One image of each class of which ImageNet's
label has the same full text; the word "crane" names two of ImageNet's classes and is left out. Results:
docs/method.md.
"""

import io
import json
import pathlib
import sys
import zipfile

import numpy
import torch
import torch.nn.functional as F
from PIL import Image

import efficientnet_lite

DATA = pathlib.Path(__file__).parents[3] / "data" / "teachers"
torch.set_num_threads(2)


def real_images(shared):
    """[images, 3, 64, 64] in [0, 1], and the index of each one's class among the 1,001."""
    labels = (shared / "weights/mobilenet-v2-imagenet-int8/imagenet_labels.txt").read_text().splitlines()
    classes = dict(
        line.split("\t") for line in (shared / "data/tiny-imagenet-200/classes.txt").read_text().splitlines()
    )
    images, truth, seen = [], [], set()
    with zipfile.ZipFile(shared / "data/tiny-imagenet-200/val.zip") as file:
        for name in sorted(file.namelist()):
            wnid = name.split("/")[1]
            if not name.endswith(".JPEG") or wnid in seen or labels.count(classes[wnid]) != 1:
                continue
            seen.add(wnid)
            picture = Image.open(io.BytesIO(file.read(name))).convert("RGB")
            images.append(numpy.asarray(picture, numpy.float32).transpose(2, 0, 1) / 255)
            truth.append(labels.index(classes[wnid]))
    return torch.tensor(numpy.stack(images)), torch.tensor(truth)


def same(x, kernel, stride):
    pads = []
    for axis in (3, 2):
        size, k, s = x.shape[axis], kernel[axis - 2], stride[axis - 2]
        total = max((-(-size // s) - 1) * s + k - size, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads)


def logits(folder, x, rounded):
    """[batch, classes]; with `rounded`, what every operation gives is rounded to its 256 values."""
    index = json.loads((folder / "tensors.json").read_text())
    file = (folder / index["file"]).read_bytes()
    tensors = {tensor["index"]: tensor for tensor in index["tensors"]}

    def constant(number):
        t = tensors[number]
        kind = {"uint8": numpy.uint8, "int32": numpy.int32}[t["dtype"]]
        q = numpy.frombuffer(file[t["offset"] : t["offset"] + t["bytes"]], kind).astype(numpy.float64)
        return torch.tensor(((q - t["zero_point"][0]) * t["scale"][0]).reshape(t["shape"])).float()

    def keep(number, value):
        if rounded:
            scale, zero = tensors[number]["scale"][0], tensors[number]["zero_point"][0]
            value = ((value / scale).round() + zero).clamp(0, 255).sub(zero) * scale
        values[number] = value

    values = {}
    size = tensors[index["inputs"][0]]["shape"][1]
    x = F.interpolate(x, (size, size), mode="bilinear", antialias=True, align_corners=False)
    keep(index["inputs"][0], (x - 0.5) / 0.5)
    for op in index["ops"]:
        ins, kind = op["inputs"], op["op"]
        if kind in ("RESHAPE", "SOFTMAX"):
            return values[ins[0]].flatten(1)
        if kind == "AVERAGE_POOL_2D":
            y = values[ins[0]].mean((2, 3), keepdim=True)
        elif kind == "ADD":
            y = values[ins[0]] + values[ins[1]]
        elif kind == "FULLY_CONNECTED":
            y = values[ins[0]].flatten(1) @ constant(ins[1]).T + constant(ins[2])
        else:
            depthwise = kind == "DEPTHWISE_CONV_2D"
            weight = constant(ins[1]).permute(*((3, 0, 1, 2) if depthwise else (0, 3, 1, 2)))
            padded = same(values[ins[0]], weight.shape[2:], op["stride"])
            groups = weight.shape[0] if depthwise else 1
            y = F.conv2d(padded, weight, constant(ins[2]), op["stride"], groups=groups)
        keep(op["outputs"][0], y.clamp(0, 6) if op["activation"] == "RELU6" else y)


images, truth = real_images(pathlib.Path(sys.argv[1]))
for name in ("mobilenet_v1_imagenet", "mobilenet_v2_imagenet", "mobilenet_v2_birds", "mobilenet_v2_insects"):
    with torch.no_grad():
        answers = [
            torch.cat([logits(DATA / name, part, rounded).argmax(1) for part in images.split(25)])
            for rounded in (False, True)
        ]
    right = [int((own == truth).sum()) if name.endswith("imagenet") else None for own in answers]
    agree = int((answers[0] == answers[1]).sum())
    print(json.dumps({"name": name, "images": len(truth), "right": right[0], "right8bit": right[1], "agree": agree}))

# In full precision; of the 1,000 classes without the background that is the first of the 1,001.
file = next((pathlib.Path(sys.argv[1]) / "weights/efficientnet-lite0").glob("*.pth"))
weights = efficientnet_lite.read(file)
with torch.no_grad():
    parts = [efficientnet_lite.resize(part.double(), 224) for part in images.split(25)]
    own = torch.cat([efficientnet_lite.logits(weights, part).argmax(1) + 1 for part in parts])
right = int((own == truth).sum())
print(json.dumps({"name": "efficientnet_lite0_imagenet", "images": len(truth), "right": right}))
