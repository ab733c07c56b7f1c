"""The step of a MobileNetV2 that starts from its first teacher, written independently in PyTorch.

Batch norm is folded, so a convolution has a bias. The first stages are frozen and their output is
given; the others, and a ladder on the pooled outputs of some stages, are trained. Channels last, as
PyTorch is fastest on processors.
"""
import torch
import torch.nn.functional as F
from torch import nn

from step_losses import optimizer_of, standardize, token_loss, update

# Expansion, output channels, repeats, stride of the first (table 2 of the paper).
GROUPS = [
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
    (6, 320, 1, 1),
]


class InvertedResidual(nn.Module):
    def __init__(self, inputs, hidden, outputs, stride):
        super().__init__()
        self.residual = stride == 1 and inputs == outputs
        layers = [nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden), nn.ReLU6(inplace=True),
                  nn.Conv2d(hidden, outputs, 1)]
        if hidden != inputs:
            layers = [nn.Conv2d(inputs, hidden, 1), nn.ReLU6(inplace=True), *layers]
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.layers(x) if self.residual else self.layers(x)


def stages():
    """Each stage with its output channels and stride: stem, 17 blocks, head."""
    made = [(nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1), nn.ReLU6(inplace=True)), 32, 2)]
    inputs = 32
    for expansion, outputs, repeats, first in GROUPS:
        for repeat in range(repeats):
            stride = first if repeat == 0 else 1
            block = InvertedResidual(inputs, expansion * inputs, outputs, stride)
            made.append((block, outputs, stride))
            inputs = outputs
    head = nn.Sequential(nn.Conv2d(inputs, 1280, 1), nn.ReLU6(inplace=True))
    return [*made, (head, 1280, 1)]


class Student(nn.Module):
    def __init__(self, s):
        super().__init__()
        widths = s["teacherWidths"]
        all_stages = stages()
        self.freeze, self.blocks, self.hidden = s["freeze"], s["blocks"], s["hidden"]
        self.stages = nn.ModuleList(stage for stage, _, _ in all_stages[self.freeze:])
        read = [all_stages[block][1] for block in self.blocks]
        # One layer per block serves all teachers at once; each teacher sums over the blocks.
        self.rungs = nn.ModuleList(nn.Linear(n, self.hidden * len(widths)) for n in read)
        self.heads = nn.ModuleList(nn.Linear(len(read) * self.hidden, width) for width in widths)
        self.inputs = [(torch.zeros(n), torch.ones(n)) for n in read]

    def forward(self, x):
        pooled = {self.freeze - 1: x.mean((2, 3))}
        for number, stage in enumerate(self.stages, self.freeze):
            x = stage(x)
            if number in self.blocks:
                pooled[number] = x.mean((2, 3))
        hidden = [
            F.gelu(rung((pooled[block] - mean) / deviation)).chunk(len(self.heads), 1)
            for rung, block, (mean, deviation) in zip(self.rungs, self.blocks, self.inputs)
        ]
        return pooled[self.blocks[-1]], [
            head(torch.cat([parts[t] for parts in hidden], 1)) for t, head in enumerate(self.heads)
        ]


class MobileNetStep:
    """One model with its optimiser and data; a call runs one step and returns its loss."""

    def __init__(self, s, autocast):
        torch.manual_seed(0)
        self.autocast = autocast
        self.model = Student(s).to(memory_format=torch.channels_last)
        heads = [*self.model.rungs.parameters(), *self.model.heads.parameters()]
        backbone = list(self.model.stages.parameters())
        self.optimizer = optimizer_of([(backbone, 2e-4, 0.0), (heads, 2e-3, 0.03)])
        side, channels = s["imageSize"], 3
        for _, outputs, stride in stages()[:s["freeze"]]:
            side, channels = -(-side // stride), outputs
        self.images = torch.randn(s["batch"], channels, side, side)
        self.images = self.images.contiguous(memory_format=torch.channels_last)
        self.features = [torch.randn(s["batch"], width) for width in s["teacherWidths"]]
        self.statistics = [[torch.zeros(n), torch.ones(n)] for n in s["teacherWidths"]]

    def __call__(self):
        before = self.statistics[0]
        mean, std = before[0], before[1]
        targets = [standardize(*pair) for pair in zip(self.features, self.statistics)]
        with torch.autocast("cpu", torch.bfloat16, enabled=self.autocast):
            last, predictions = self.model(self.images)
        # The student starts from its first teacher: its last stage is part of that prediction.
        predictions[0] = predictions[0] + (last - mean) / (std + 1e-6)
        losses = torch.stack([
            token_loss(prediction.float(), target)
            for prediction, target in zip(predictions, targets)
        ], 1)
        return update(losses, self.optimizer, limit=3)
