"""The step of bench_step.py on a graphics card: its model compiled, products in bfloat16.

Usage: gpu_step.py '{"batch": 32, "device": "cuda", ...}'. Each line on standard input is one step, which is
answered by a line of JSON.
"""
import json
import sys
import time
from pathlib import Path

import torch

sys.path.append(str(Path(__file__).resolve().parent.parent))
from bench_step import Step  # noqa: E402


def moved(tensors, device):
    """The same nested lists on a device."""
    return [moved(t, device) for t in tensors] if isinstance(tensors, list) else tensors.to(device)


class DeviceStep(Step):
    def __init__(self, s):
        super().__init__(s, autocast=True)
        self.model.to(s["device"])
        self.model = torch.compile(self.model)
        for name in ("images", "features", "statistics", "drop_path"):
            setattr(self, name, moved(getattr(self, name), s["device"]))


def main(setting):
    if setting["device"] == "cuda" and not torch.cuda.is_available():
        sys.exit("this PyTorch sees no graphics card")
    step = DeviceStep(setting)
    print(json.dumps({"version": torch.__version__}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        # The loss is read, for which the card has to be done.
        loss = step()
        print(json.dumps({"milliseconds": (time.perf_counter() - start) * 1000, "value": loss}), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
