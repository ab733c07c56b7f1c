"""Small checkpoints of every kind, and what PyTorch reads from them: python tests/golden/weights/checkpoints.py

Needs torch and safetensors, and deno for the file that our own writer makes. The files lie in checkpoints/.
"""

import argparse
import collections
import json
import pathlib
import subprocess

import safetensors.torch
import torch

here = pathlib.Path(__file__).parent
folder = here / "checkpoints"
folder.mkdir(exist_ok=True)
values = {}


def numbers(*shape, seed=1.0):
    count = torch.Size(shape).numel()
    return torch.sin(torch.arange(count, dtype=torch.float64) * 12.9898 + seed).float().reshape(shape)


def listed(tensors):
    """Exact: every float32 is a double, and JSON keeps doubles."""
    return {
        name: {
            "dtype": str(tensor.dtype).removeprefix("torch."),
            "shape": list(tensor.shape),
            "data": tensor.detach().float().reshape(-1).tolist(),
        }
        for name, tensor in tensors.items()
    }


def save(name, tree, tensors, **options):
    path = folder / name
    torch.save(tree, path, **options)
    values[name] = listed(tensors)


types = {
    "float64": numbers(3).double() / 3,
    "float32": numbers(2, 3),
    "float16": numbers(5).half(),
    "bfloat16": numbers(2, 1, 3).bfloat16(),
    "int64": torch.tensor([-(2**40), 7, 2**53]),
    "int32": torch.tensor([[-5], [2**30]], dtype=torch.int32),
    "int16": torch.tensor([-300, 300], dtype=torch.int16),
    "int8": torch.tensor([-128, 127], dtype=torch.int8),
    "uint8": torch.tensor([0, 255], dtype=torch.uint8),
    "bool": torch.tensor([True, False]),
    "scalar": torch.tensor(2.5),
    "count": torch.tensor(12345),
    "empty": torch.zeros(0, 4),
}
save("types.pth", types, types)

whole = numbers(4, 6)
views = {
    "whole": whole,
    "same": whole,
    "transposed": whole.t(),
    "rows": whole[1:3],
    "column": whole[:, 2],
    "every_other": whole[::2, 1::3],
    "one": whole[2, 3],
    "permuted": numbers(2, 3, 4, seed=2).permute(2, 0, 1),
    "halves": numbers(3, 4, seed=3).half().t(),
    "unsqueezed": torch.arange(5.0).expand(1, 5),
}
save("views.pt", views, views)

model = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 2), torch.nn.BatchNorm2d(3))
for i, parameter in enumerate(model.parameters()):
    parameter.data = numbers(*parameter.shape, seed=10 + i)
wrapped = collections.OrderedDict((f"module.backbone.{name}", value) for name, value in model.state_dict().items())
wrapped._metadata = model.state_dict()._metadata
optimizer = torch.optim.AdamW(model.parameters())
model(torch.ones(1, 2, 3, 3)).sum().backward()
optimizer.step()
training = {
    "epoch": 3,
    "args": argparse.Namespace(lr=1e-3, blocks=[1, 2], out="runs", sizes=torch.Size([2, 3]), type=torch.float32),
    "optimizer": optimizer.state_dict(),
    "best": torch.tensor(0.5),
    "state_dict": {name: value.clone() for name, value in wrapped.items()},
}
plain = {name.removeprefix("module.backbone."): value for name, value in training["state_dict"].items()}
save("training.pth.tar", training, plain)

several = {
    "teacher": {"a": numbers(2, seed=20), "b": numbers(1, seed=21)},
    "student": {"module.a": torch.nn.Parameter(numbers(2, seed=22)), "head": numbers(1, seed=23)},
    "ema": {"nested": {"a": numbers(2, seed=24)}, "b": numbers(2, seed=25)},
}
save("several.pth", several, several["teacher"])

save("old.th", training, plain, _use_new_zipfile_serialization=False)
torch.save(views, folder / "old_views.th", _use_new_zipfile_serialization=False)
values["old_views.th"] = listed(views)
torch.save(types, folder / "protocol4.pth", pickle_protocol=4)
values["protocol4.pth"] = listed(types)

contiguous = {f"module.{name}": value.contiguous() for name, value in types.items()}
safetensors.torch.save_file(contiguous, folder / "types.safetensors", metadata={"format": "pt"})
values["types.safetensors"] = listed(types)

# A network as an object, and a program, which is refused.
torch.save(model, folder / "module.pth")
torch.jit.save(torch.jit.script(torch.nn.ReLU()), folder / "script.pt")

# Our writer's file, and what PyTorch sees in it.
program = """
import { encodeTorchCheckpoint } from "./lib/weights/torch/torch_writer.ts";
import { tree } from "./tests/weights/written_tree_fixture.ts";
Deno.writeFileSync("tests/golden/weights/checkpoints/written.pth", encodeTorchCheckpoint(tree));
"""
subprocess.run(["deno", "eval", "--ext=ts", program], check=True, cwd=here.parents[2])
seen = torch.load(folder / "written.pth", weights_only=True)
mapped = torch.load(folder / "written.pth", weights_only=True, mmap=True)
assert all(torch.equal(seen["model"][name], mapped["model"][name]) for name in seen["model"])
values["written.pth"] = listed(seen["model"])
seen["model"] = list(seen["model"])
values["seen"] = {"repr": repr(seen)}

(here / "checkpoints.json").write_text(json.dumps(values) + "\n")
