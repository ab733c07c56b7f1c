"""Features of the embedded networks by an independent evaluation, for tests/teachers/architectures/golden_test.ts.

Each network is run operation by operation from its side file (PyTorch, double precision, no
folding, no knowledge of the architecture). Needs torch and numpy. Run beside this file:

    python teachers.py > teachers.json
"""
import json
import pathlib
import sys

import numpy
import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from made_up import images, resize, summary

DATA = pathlib.Path(__file__).parents[3] / "data" / "teachers"
torch.set_num_threads(2)
DTYPES = {"uint8": numpy.uint8, "int32": numpy.int32, "float32": numpy.float32}


def same(x, kernel, stride, dilation):
    """TensorFlow's padding: the odd pixel goes to the right and below."""
    pads = []
    for axis in (3, 2):
        size, k = x.shape[axis], kernel[axis - 2]
        reach = (k - 1) * dilation[axis - 2] + 1
        total = max((-(-size // stride[axis - 2]) - 1) * stride[axis - 2] + reach - size, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads)


def tflite(folder, x):
    """The map that goes into the network's global average pooling."""
    index = json.loads((folder / "tensors.json").read_text())
    file = (folder / index["file"]).read_bytes()
    tensors = {tensor["index"]: tensor for tensor in index["tensors"]}

    def constant(number):
        t = tensors[number]
        q = numpy.frombuffer(file[t["offset"] : t["offset"] + t["bytes"]], DTYPES[t["dtype"]])
        real = (q.astype(numpy.float64) - t["zero_point"][0]) * t["scale"][0]
        return torch.tensor(real.reshape(t["shape"]))

    values = {index["inputs"][0]: (x - 0.5) / 0.5}
    for op in index["ops"]:
        ins = op["inputs"]
        if op["op"] == "AVERAGE_POOL_2D":
            return values[ins[0]]
        if op["op"] == "ADD":
            y = values[ins[0]] + values[ins[1]]
        else:
            weight, bias = constant(ins[1]), constant(ins[2])
            groups = 1
            if op["op"] == "DEPTHWISE_CONV_2D":
                weight = weight.permute(3, 0, 1, 2)
                groups = weight.shape[0]
            else:
                assert op["op"] == "CONV_2D", op["op"]
                weight = weight.permute(0, 3, 1, 2)
            assert op["padding"] == "SAME"
            stride, dilation = op["stride"], op["dilation"]
            y = same(values[ins[0]], weight.shape[2:], stride, dilation)
            y = F.conv2d(y, weight, bias, stride, 0, dilation, groups)
        if op["activation"] == "RELU6":
            y = y.clamp(0, 6)
        else:
            assert op["activation"] == "NONE", op["activation"]
        values[op["outputs"][0]] = y


def resnet(folder, x):
    index = json.loads(next(folder.glob("*.tensors.json")).read_text())
    file = (folder / index["file"]).read_bytes()
    p = {
        t["name"]: torch.tensor(
            numpy.frombuffer(file[t["offset"] : t["offset"] + t["bytes"]], numpy.float32)
            .reshape(t["shape"])
            .astype(numpy.float64)
        )
        for t in index["tensors"]
    }

    def norm(y, name):
        statistics = p[f"{name}.running_mean"], p[f"{name}.running_var"]
        return F.batch_norm(y, *statistics, p[f"{name}.weight"], p[f"{name}.bias"], eps=1e-5)

    mean = torch.tensor([0.485, 0.456, 0.406], dtype=torch.float64).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225], dtype=torch.float64).view(3, 1, 1)
    x = F.relu(norm(F.conv2d((x - mean) / std, p["conv1.weight"], padding=1), "bn1"))
    for stage in (1, 2, 3):
        block = 0
        while f"layer{stage}.{block}.conv1.weight" in p:
            name = f"layer{stage}.{block}"
            stride = 2 if stage > 1 and block == 0 else 1
            y = F.conv2d(x, p[f"{name}.conv1.weight"], stride=stride, padding=1)
            y = F.relu(norm(y, f"{name}.bn1"))
            y = norm(F.conv2d(y, p[f"{name}.conv2.weight"], padding=1), f"{name}.bn2")
            if stride == 2:
                quarter = y.shape[1] // 4
                x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, quarter, quarter))
            x = F.relu(x + y)
            block += 1
    return x


CASES = [  # name, images, their size, input size
    ("mobilenet_v1_imagenet", 2, 64, 64),
    ("mobilenet_v1_imagenet", 2, 96, 128),
    ("mobilenet_v2_imagenet", 2, 64, 64),
    ("mobilenet_v2_imagenet", 1, 96, 224),
    ("mobilenet_v2_birds", 2, 64, 64),
    ("mobilenet_v2_insects", 2, 64, 64),
    ("deeplab_v3_voc", 2, 64, 65),
    ("deeplab_v3_voc", 1, 513, 513),
    ("resnet20_cifar10", 2, 32, 32),
    ("resnet20_cifar10", 2, 80, 48),
    ("resnet56_cifar10", 2, 32, 32),
]

golden = []
for name, batch, image_size, input_size in CASES:
    network = resnet if name.startswith("resnet") else tflite
    features = network(DATA / name, resize(images(batch, image_size), input_size))
    patch = features.permute(0, 2, 3, 1).flatten(1, 2)
    golden.append(
        {
            "name": name,
            "batch": batch,
            "imageSize": image_size,
            "inputSize": input_size,
            "grid": list(features.shape[2:]),
            "cls": summary(patch.mean(1), 12),
            "patch": summary(patch, 12),
        }
    )
print(json.dumps(golden, indent=1))
