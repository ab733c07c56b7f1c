"""The step that `deno task bench step` times, written independently in PyTorch.

Same shapes, same method: ViT student, ladder of two-layer MLPs to every teacher from every block,
standardised random targets, cosine + smooth-L1, teacher dropping, AdamW. Prints one JSON object
with the median milliseconds in fp32 and under bf16 autocast. Usage: bench_step.py '{"batch": 32, ...}'
"""
import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        batch, tokens, width = x.shape
        qkv = self.qkv(self.norm1(x)).reshape(batch, tokens, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(q, k, v)
        x = x + self.out(attended.transpose(1, 2).reshape(batch, tokens, width))
        return x + self.mlp(self.norm2(x))


class Student(nn.Module):
    def __init__(self, s):
        super().__init__()
        width, depth, tokens = s["width"], s["depth"], (s["imageSize"] // s["patchSize"]) ** 2
        self.patch = nn.Conv2d(3, width, s["patchSize"], s["patchSize"])
        self.cls = nn.Parameter(torch.zeros(1, 1, width))
        self.position = nn.Parameter(torch.randn(1, tokens + 1, width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, s["heads"]) for _ in range(depth))
        hidden = [s["hidden"]] * (depth - 1) + [s["lastHidden"]]
        # A rung of the ladder serves all teachers at once; each teacher sums its rungs.
        self.hidden = hidden
        self.rungs = nn.ModuleList(
            nn.ModuleList(nn.Linear(width, h * s["teachers"]) for h in hidden) for _ in range(2)
        )
        self.heads = nn.ModuleList(
            nn.ModuleList(nn.Linear(sum(hidden), s["teacherWidth"]) for _ in range(s["teachers"]))
            for _ in range(2)
        )

    def forward(self, images):
        x = self.patch(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(len(x), -1, -1), x], 1) + self.position
        outputs = []
        for block in self.blocks:
            x = block(x)
            outputs.append(x)
        predictions = []
        for kind, tokens in enumerate((slice(0, 1), slice(1, None))):
            hidden = [F.gelu(rung(o[:, tokens])) for rung, o in zip(self.rungs[kind], outputs)]
            predictions.append([
                head(torch.cat([h[..., t * n:(t + 1) * n] for h, n in zip(hidden, self.hidden)], -1))
                for t, head in enumerate(self.heads[kind])
            ])
        return predictions


def token_loss(prediction, target):
    cosine = 1 - F.cosine_similarity(prediction, target, dim=-1)
    return 0.5 * cosine + 0.5 * F.smooth_l1_loss(prediction, target, reduction="none").mean(-1)


def standardize(feature, statistics, weight=0.5):
    """Normalise by the running statistics from before this batch, then update them."""
    mean, std = statistics
    standardized = (feature - mean) / (std + 1e-6)
    rows = feature.flatten(0, 1)
    statistics[0] = mean.lerp(rows.mean(0), weight)
    statistics[1] = std.lerp(rows.std(0) + 1e-6, weight)
    return standardized


def median_step(s, autocast):
    torch.manual_seed(0)
    model = Student(s)
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": 0.03}, {"params": plain, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=3e-4, betas=(0.9, 0.99), fused=True)
    batch, teachers, width = s["batch"], s["teachers"], s["teacherWidth"]
    tokens = (s["imageSize"] // s["patchSize"]) ** 2
    images = torch.randn(batch, 3, s["imageSize"], s["imageSize"])
    features = [[torch.randn(batch, n, width) for _ in range(teachers)] for n in (1, tokens)]
    statistics = [[[torch.zeros(width), torch.ones(width)] for _ in range(teachers)] for _ in range(2)]
    times = []
    for _ in range(s["repeats"] + 3):
        start = time.perf_counter()
        targets = [[standardize(*pair) for pair in zip(*both)] for both in zip(features, statistics)]
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            cls, patch = model(images)
        losses = torch.stack([
            0.5 * (token_loss(cls[t].float(), targets[0][t]).mean(1)
                   + token_loss(patch[t].float(), targets[1][t]).mean(1))
            for t in range(teachers)
        ], 1)
        keep = (torch.rand(batch, teachers) >= 0.5) | F.one_hot(losses.argmax(1), teachers).bool()
        loss = (keep / keep.sum() * losses).sum()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        loss.item()
        times.append((time.perf_counter() - start) * 1000)
    return sorted(times[3:])[s["repeats"] // 2]


def gemm_rate(dtype, size=2048):
    a, b = (torch.randn(size, size, dtype=torch.float32).to(dtype) for _ in range(2))
    a @ b
    times = []
    for _ in range(7):
        start = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - start)
    return 2 * size**3 / sorted(times)[3] / 1e9


if __name__ == "__main__":
    setting = json.loads(sys.argv[1])
    torch.set_num_threads(setting["threads"])
    print(json.dumps({
        "version": torch.__version__,
        "fp32Ms": median_step(setting, False),
        "bf16Ms": median_step(setting, True),
        "gemmGflops": gemm_rate(torch.float32),
        "bf16GemmGflops": gemm_rate(torch.bfloat16),
    }))
