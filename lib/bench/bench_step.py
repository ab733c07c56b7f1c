"""The step that `deno task bench step` times, written independently in PyTorch.

Same shapes, same method: normalised images, ViT student with stochastic depth, ladder of two-layer
MLPs from every block to every teacher, standardised random targets, cosine + smooth-L1, teacher
dropping, fused AdamW, the losses read at the end. As PyTorch is used most: eager, with its fused
attention, autocast for bfloat16. Our step also computes the gradient's norm; this one does not.

Usage: bench_step.py '{"batch": 32, "threads": 2, ...}'. Then each line on standard input, "fp32" or
"bf16" (one step) or "gemm fp32" or "gemm bf16" (one product), is answered by a line of JSON.
"""
import json
import platform
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

from step_losses import optimizer_of, standardize, token_loss, update
from step_mobilenet import MobileNetStep


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x, kept):
        batch, tokens, width = x.shape
        qkv = self.qkv(self.norm1(x)).reshape(batch, tokens, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(q, k, v)
        x = x + kept[0] * self.out(attended.transpose(1, 2).reshape(batch, tokens, width))
        return x + kept[1] * self.mlp(self.norm2(x))


class Student(nn.Module):
    def __init__(self, s):
        super().__init__()
        width, depth, tokens = s["width"], s["depth"], (s["imageSize"] // s["patchSize"]) ** 2
        self.patch = nn.Conv2d(3, width, s["patchSize"], s["patchSize"])
        self.cls = nn.Parameter(torch.zeros(1, 1, width))
        self.position = nn.Parameter(torch.randn(1, tokens + 1, width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, s["heads"]) for _ in range(depth))
        # One layer per block serves all teachers at once; each teacher sums over the blocks.
        self.hidden = [s["hidden"]] * (depth - 1) + [s["lastHidden"]]
        self.rungs = nn.ModuleList(
            nn.ModuleList(nn.Linear(width, h * s["teachers"]) for h in self.hidden)
            for _ in range(2)
        )
        self.heads = nn.ModuleList(
            nn.ModuleList(
                nn.Linear(sum(self.hidden), s["teacherWidth"]) for _ in range(s["teachers"])
            )
            for _ in range(2)
        )

    def forward(self, images, drop_path):
        x = self.patch(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(len(x), -1, -1), x], 1) + self.position
        outputs = []
        for block, kept in zip(self.blocks, drop_path):
            x = block(x, kept)
            outputs.append(x)
        predictions = []
        for kind, tokens in enumerate((slice(0, 1), slice(1, None))):
            hidden = [F.gelu(rung(o[:, tokens])) for rung, o in zip(self.rungs[kind], outputs)]
            predictions.append([
                head(torch.cat([h[..., t * n:(t + 1) * n] for h, n in zip(hidden, self.hidden)], -1))
                for t, head in enumerate(self.heads[kind])
            ])
        return predictions


class Step:
    """One model with its optimiser and data; a call runs one step and returns its loss."""

    def __init__(self, s, autocast):
        torch.manual_seed(0)
        self.s, self.autocast = s, autocast
        self.model = Student(s)
        self.optimizer = optimizer_of([(list(self.model.parameters()), 3e-4, 0.03)])
        batch, teachers, width = s["batch"], s["teachers"], s["teacherWidth"]
        tokens = (s["imageSize"] // s["patchSize"]) ** 2
        self.images = torch.rand(batch, 3, s["imageSize"], s["imageSize"])
        self.features = [
            [torch.randn(batch, n, width) for _ in range(teachers)] for n in (1, tokens)
        ]
        self.statistics = [
            [[torch.zeros(width), torch.ones(width)] for _ in range(teachers)] for _ in range(2)
        ]
        rate = torch.linspace(0, 0.1, s["depth"]).reshape(-1, 1, 1, 1, 1)
        self.drop_path = (torch.rand(s["depth"], 2, batch, 1, 1) >= rate) / (1 - rate)

    def __call__(self):
        teachers = self.s["teachers"]
        targets = [
            [standardize(*pair) for pair in zip(*both)]
            for both in zip(self.features, self.statistics)
        ]
        images = (self.images - 0.45) / 0.225
        with torch.autocast(self.images.device.type, torch.bfloat16, enabled=self.autocast):
            cls, patch = self.model(images, self.drop_path)
        losses = torch.stack([
            0.5 * (token_loss(cls[t].float(), targets[0][t]).mean(1)
                   + token_loss(patch[t].float(), targets[1][t]).mean(1))
            for t in range(teachers)
        ], 1)
        return update(losses, self.optimizer)


class Gemm:
    """A square product; a call returns its rate in units of 10^9 operations per second."""

    def __init__(self, dtype, size):
        self.a, self.b = (torch.randn(size, size).to(dtype) for _ in range(2))

    def __call__(self):
        start = time.perf_counter()
        self.a @ self.b
        return 2 * len(self.a) ** 3 / (time.perf_counter() - start) / 1e9


def main(setting):
    torch.set_num_threads(setting["threads"])
    size = setting["gemmSize"]
    step = MobileNetStep if setting.get("student") == "mobilenet_v2" else Step
    things = {
        "fp32": step(setting, autocast=False),
        "bf16": step(setting, autocast=True),
        "gemm fp32": Gemm(torch.float32, size),
        "gemm bf16": Gemm(torch.bfloat16, size),
    }
    # Without AVX-512 (or arm's own) its bfloat16 products are plain loops: a step takes minutes.
    fast_bfloat16 = platform.machine() != "x86_64" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    print(json.dumps({"version": torch.__version__, "bfloat16": fast_bfloat16}), flush=True)
    for line in sys.stdin:
        start, processor_start = time.perf_counter(), time.process_time()
        value = things[line.strip()]()
        answer = {
            "milliseconds": (time.perf_counter() - start) * 1000,
            "processor": (time.process_time() - processor_start) * 1000,
            "value": value,
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
