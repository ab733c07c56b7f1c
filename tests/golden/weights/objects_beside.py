"""Checkpoints with all kinds of objects beside the weights, as trainers leave them: python tests/golden/weights/objects_beside.py

Needs torch, numpy and omegaconf. The files lie in checkpoints/; each has the tensors "w" and "b" of two numbers.
Reading one of them with an ordinary unpickler would write the file hashigo_was_here.
"""
import argparse
import collections
import dataclasses
import datetime
import enum
import functools
import pathlib
import random
import sys

import numpy
import omegaconf
import torch

folder = pathlib.Path(__file__).parent / "checkpoints"


class Stage(enum.Enum):
    WARM = 1


@dataclasses.dataclass
class Settings:
    rate: float = 0.1
    stage: Stage = Stage.WARM


class Names(collections.OrderedDict):
    pass


class Slots:
    __slots__ = ("a",)


class Evil:
    def __reduce__(self):
        return exec, ("open('hashigo_was_here', 'w').close()",)


slots = Slots()
slots.a = 1
cycle = []
cycle.append((cycle, {"self": cycle}))
weights = {"w": torch.tensor([1.0, 2.0]), "b": torch.tensor([3.0, 4.0])}
beside = {
    "numpy": numpy.random.get_state(),
    "generator": numpy.random.default_rng(1),
    "array": numpy.arange(6.0).reshape(2, 3).T,
    "objects": numpy.array([None, "a"], dtype=object),
    "scalar": numpy.float64(0.5),
    "python": random.getstate(),
    "rng": torch.get_rng_state(),
    "config": omegaconf.OmegaConf.create({"lr": 0.1, "blocks": [1, {"a": None}], "same": "${lr}"}),
    "path": pathlib.PosixPath("/a/b"),
    "windows": pathlib.PureWindowsPath("c:/a"),
    "sets": [{1, 2}, frozenset({"a"}), set()],
    "dataclass": Settings(),
    "enum": Stage.WARM,
    "args": argparse.Namespace(lr=0.1, milestones=[1, 2]),
    "partial": functools.partial(int, base=2),
    "function": torch.nn.functional.relu,
    "class": Settings,
    "time": datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc),
    "delta": datetime.timedelta(days=1),
    "ordered": Names(a=1),
    "default": collections.defaultdict(list, a=[1]),
    "counter": collections.Counter("aab"),
    "deque": collections.deque([1, 2], maxlen=3),
    "complex": 1 + 2j,
    "bytes": [b"a", bytearray(b"b" * 300)],
    "big": 2**200,
    "slots": slots,
    "cycle": cycle,
    "evil": Evil(),
    "device": torch.device("cpu"),
    "dtype": torch.bfloat16,
    "sparse": torch.eye(2).to_sparse(),
    "quantised": torch.quantize_per_tensor(torch.ones(2), 0.5, 0, torch.qint8),
    "complex tensor": torch.ones(2, dtype=torch.complex64),
    "expanded": torch.ones(1).expand(4),
    "fp8": torch.ones(2).to(torch.float8_e4m3fn),
    "nested": {"lists": [[[(1, [2])]]]},
    "schedule": torch.optim.lr_scheduler.LambdaLR(torch.optim.SGD([torch.nn.Parameter(torch.ones(1))]), [functools.partial(pow, 0.9)]),
}
for module in (Stage, Settings, Names, Slots, Evil):
    module.__module__ = "somebody.trainer"  # which no reader can import
sys.modules["somebody"] = sys.modules["somebody.trainer"] = sys.modules["__main__"]

tree = {"state_dict": collections.OrderedDict(weights), **beside}
for protocol in (2, 3, 4, 5):
    torch.save(tree, folder / f"beside{protocol}.pth", pickle_protocol=protocol)
torch.save(tree, folder / "beside_old.pth", _use_new_zipfile_serialization=False)
