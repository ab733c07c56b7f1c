"""Features of residual networks in PyTorch, double precision, for tests/teachers/convolutional/families_test.ts.

ResNet-18, -34 and -50 (He et al., 2016, table 1) as torch modules under torchvision's names, an eighth as
wide, with weights that are a formula of names. Writes resnet.json:

    python tests/golden/teachers/resnet.py
"""
import json
import pathlib
import sys

import torch
from torch import nn

from efficientnet_lite import formula

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from made_up import images, resize, summary

WIDTH = 8
DEPTHS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}


class Block(nn.Module):
    """Convolutions (channels out, side, stride) in a row beside a shortcut."""

    def __init__(self, inputs, layers):
        super().__init__()
        before, total = inputs, 1
        self.count = len(layers)
        for i, (outputs, side, stride) in enumerate(layers, 1):
            convolution = nn.Conv2d(before, outputs, side, stride, side // 2, bias=False)
            setattr(self, f"conv{i}", convolution)
            setattr(self, f"bn{i}", nn.BatchNorm2d(outputs))
            before, total = outputs, total * stride
        self.downsample = None
        if before != inputs or total > 1:
            convolution = nn.Conv2d(inputs, before, 1, total, bias=False)
            self.downsample = nn.Sequential(convolution, nn.BatchNorm2d(before))

    def forward(self, x):
        y = x
        for i in range(1, self.count + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            if i < self.count:
                y = torch.relu(y)
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.conv1 = nn.Conv2d(3, WIDTH, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTH)
        inputs = WIDTH
        for number, repeats in enumerate(DEPTHS[depth], 1):
            width, row = WIDTH * 2 ** (number - 1), []
            for i in range(repeats):
                stride = 2 if number > 1 and i == 0 else 1
                layers = [(width, 3, stride), (width, 3, 1)]
                if depth == 50:
                    layers = [(width, 1, 1), (width, 3, stride), (4 * width, 1, 1)]
                row.append(Block(inputs, layers))
                inputs = layers[-1][0]
            setattr(self, f"layer{number}", nn.Sequential(*row))

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for number in (1, 2, 3, 4):
            x = getattr(self, f"layer{number}")(x)
        return x


def main():
    cases = []
    mean = torch.tensor([0.485, 0.456, 0.406], dtype=torch.float64).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225], dtype=torch.float64).view(3, 1, 1)
    # 75 pixels give odd maps, which PyTorch pads on all sides alike as it does even ones.
    for depth, size in ((18, 64), (34, 75), (50, 96)):
        model = ResNet(depth).double().eval()
        names = {name: list(value.shape) for name, value in model.state_dict().items() if value.dim() > 0}
        model.load_state_dict({name: formula(name, of) for name, of in names.items()}, strict=False)
        with torch.no_grad():
            features = model((resize(images(2, size), size) - mean) / std)
        patch = features.permute(0, 2, 3, 1).flatten(1, 2)
        cases.append(
            {
                "name": f"ResNet-{depth}",
                "inputSize": size,
                "grid": list(features.shape[2:]),
                "tensors": [" ".join([name, *map(str, of)]) for name, of in names.items()],
                "cls": summary(patch.mean(1), 23),
                "patch": summary(patch, 23),
            }
        )
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main()
