"""Images resized by PyTorch with antialiasing, for tests/nn/resize_test.ts.

    python resize.py > resize.json
"""
import json

import torch
import torch.nn.functional as F


def image(height, width):
    """[1, 2, height, width] of whole numbers that any language makes alike."""
    y, x, c = torch.meshgrid(*(torch.arange(n) for n in (height, width, 2)), indexing="ij")
    return ((x * x * (c + 2) + 5 * y * x + 11 * y + 3 * c) % 17).permute(2, 0, 1)[None].double()


CASES = [((5, 7), (3, 4)), ((5, 7), (9, 13)), ((12, 6), (5, 6)), ((4, 9), (4, 2)), ((6, 6), (12, 3))]
golden = []
for source, target in CASES:
    y = F.interpolate(image(*source), target, mode="bilinear", antialias=True, align_corners=False)
    values = [round(v, 9) for v in y[0].permute(1, 2, 0).reshape(-1).tolist()]
    golden.append({"from": source, "to": target, "values": values})
print(json.dumps(golden))
