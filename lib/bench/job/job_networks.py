"""The networks of a job, written independently in PyTorch: teachers, students, the ladder between."""
import math
import os
import sys

import torch
import torch.nn.functional as F
from torch import nn

sys.path.append(os.path.join(os.path.dirname(__file__), ".."))
from bench_step import Block  # noqa: E402
from step_mobilenet import stages  # noqa: E402


class Stem(nn.Module):
    """Small convolutions in place of a patch embedding: each stage halves the picture."""

    def __init__(self, patch, width):
        super().__init__()
        count, inputs = int(math.log2(patch)), 3
        self.convolutions, self.norms = nn.ModuleList(), nn.ModuleList()
        for stage in range(count):
            outputs = width >> (count - 1 - stage)
            self.convolutions.append(nn.Conv2d(inputs, outputs, 3, 2, 1))
            self.norms.append(nn.LayerNorm(outputs, eps=1e-6))
            inputs = outputs
        self.output = nn.Linear(width, width)

    def forward(self, x):
        for convolution, norm in zip(self.convolutions, self.norms):
            x = F.gelu(norm(convolution(x).permute(0, 2, 3, 1))).permute(0, 3, 1, 2)
        return self.output(x.flatten(2).transpose(1, 2))


class Patches(nn.Module):
    def __init__(self, patch, width):
        super().__init__()
        self.convolution = nn.Conv2d(3, width, patch, patch)

    def forward(self, x):
        return self.convolution(x).flatten(2).transpose(1, 2)


class Transformer(nn.Module):
    """A vision transformer; gives the output of every block, and the last one after the norm."""

    def __init__(self, size, patch, width, depth, heads, stem=Patches):
        super().__init__()
        self.stem = stem(patch, width)
        self.cls = nn.Parameter(torch.zeros(1, 1, width))
        self.position = nn.Parameter(torch.randn(1, (size // patch) ** 2 + 1, width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width, eps=1e-6)

    def forward(self, images, drop_path):
        x = self.stem(images)
        x = torch.cat([self.cls.expand(len(x), -1, -1), x], 1) + self.position
        outputs = []
        for block, kept in zip(self.blocks, drop_path):
            x = block(x, kept)
            outputs.append(x)
        return outputs


class TransformerTeacher(nn.Module):
    """Tokens `[batch, 1 + patches, width]` of images `[batch, 3, size, size]` in [0, 1]."""

    def __init__(self, patch):
        super().__init__()
        self.size = 64
        self.network = Transformer(self.size, patch, 96, 4, 3, Stem)
        self.whole = [(1.0, 1.0)] * 4

    def forward(self, images):
        tokens = self.network(resized((images - 0.45) / 0.225, self.size), self.whole)[-1]
        return self.network.norm(tokens)


class MobileNetTeacher(nn.Module):
    """The same of a MobileNetV2: the mean of its last map, then the map's places."""

    def __init__(self, size):
        super().__init__()
        self.size, self.stages = size, nn.Sequential(*(stage for stage, _, _ in stages()))

    def forward(self, images):
        images = resized((images - 0.5) / 0.5, self.size)
        tokens = self.stages(images.contiguous(memory_format=torch.channels_last))
        tokens = tokens.flatten(2).transpose(1, 2)
        return torch.cat([tokens.mean(1, keepdim=True), tokens], 1)


def resized(images, size):
    if images.shape[-1] == size:
        return images
    return F.interpolate(images, (size, size), mode="bilinear", antialias=True, align_corners=False)


class Ladder(nn.Module):
    """For each teacher and kind of token, the sum over the blocks of a two-layer perceptron."""

    def __init__(self, widths, hidden, teachers, kinds):
        super().__init__()
        self.heads = nn.ModuleList(
            nn.ModuleList(
                nn.ModuleList(
                    nn.Sequential(nn.Linear(width, n), nn.GELU(), nn.Linear(n, teacher))
                    for width, n in zip(widths, hidden)
                )
                for teacher in teachers
            )
            for _ in range(kinds)
        )

    def forward(self, kind, teacher, tokens):
        return sum(head(x) for head, x in zip(self.heads[kind][teacher], tokens))


class TransformerStudent(nn.Module):
    """Predictions by kind of token and teacher; patches are averaged to the grid of the teacher."""

    def __init__(self, s, teachers, grids):
        super().__init__()
        width, depth = s["width"], s["depth"]
        self.grid, self.grids = s["size"] // s["patchSize"], grids
        self.encoder = Transformer(s["size"], s["patchSize"], width, depth, s["heads"])
        hidden = [width] * (depth - 1) + [4 * width]
        self.ladder = Ladder([width] * depth, hidden, teachers, 2)
        self.rate = torch.linspace(0, 0.1, depth).reshape(-1, 1, 1, 1, 1)

    def on_grid(self, x, grid):
        if grid == self.grid:
            return x
        maps = x.transpose(1, 2).unflatten(2, (self.grid, self.grid))
        return F.avg_pool2d(maps, self.grid // grid).flatten(2).transpose(1, 2)

    def forward(self, images):
        shape = (len(self.rate), 2, len(images), 1, 1)
        drop_path = (torch.rand(shape) >= self.rate) / (1 - self.rate)
        outputs = self.encoder((images - 0.45) / 0.225, drop_path)
        cls = [x[:, :1] for x in outputs]
        patches = {
            grid: [self.on_grid(x[:, 1:], grid) for x in outputs] for grid in set(self.grids)
        }
        return [
            [self.ladder(0, t, cls) for t in range(len(self.grids))],
            [self.ladder(1, t, patches[grid]) for t, grid in enumerate(self.grids)],
        ]


class MobileNetStudent(nn.Module):
    """The same of a MobileNetV2, of CLS alone: the standardised means of the maps of some stages."""

    def __init__(self, s, teachers):
        super().__init__()
        made, self.blocks = stages(), s["blocks"]
        self.stages = nn.ModuleList(stage for stage, _, _ in made)
        widths = [made[block][1] for block in self.blocks]
        self.teachers = len(teachers)
        self.ladder = Ladder(widths, [s["hidden"]] * len(widths), teachers, 1)
        for i, width in enumerate(widths):
            self.register_buffer(f"mean_{i}", torch.zeros(width))
            self.register_buffer(f"deviation_{i}", torch.ones(width))

    def forward(self, images):
        x = ((images - 0.5) / 0.5).contiguous(memory_format=torch.channels_last)
        pooled = []
        for number, stage in enumerate(self.stages):
            x = stage(x)
            if number in self.blocks:
                i = len(pooled)
                mean, deviation = getattr(self, f"mean_{i}"), getattr(self, f"deviation_{i}")
                pooled.append(((x.mean((2, 3)) - mean) / deviation)[:, None])
        return [[self.ladder(0, t, pooled) for t in range(self.teachers)]]


def numbers_of(module):
    return sum(x.numel() for x in [*module.parameters(), *module.buffers()])
