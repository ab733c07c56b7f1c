"""The job that `deno task bench job` times, as it is written in plain PyTorch.

Images are opened by Pillow and transformed by torchvision in the workers of a DataLoader; teachers and
student run eagerly, or after `torch.compile`. Kept features are float16 files that are mapped into memory,
of the one view that the image's number seeds. Each line on standard input names a part, and is answered by
a line of JSON: seconds, processor seconds of this process and its workers, images.

Usage: job.py '{"student": "transformer", "files": FOLDER, "compile": false, ...}'
"""
import glob
import json
import os
import resource
import sys
import time

import numpy
import torch
import torchvision
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

sys.path.append(os.path.join(os.path.dirname(__file__), ".."))
from job_networks import (  # noqa: E402
    MobileNetStudent,
    MobileNetTeacher,
    TransformerStudent,
    TransformerTeacher,
    numbers_of,
)
from step_losses import optimizer_of, standardize, token_loss, update  # noqa: E402


def augmentation_of(s):
    blur = s["blur"]
    return transforms.Compose([
        transforms.RandomResizedCrop(s["size"], scale=(0.08, 1)),
        transforms.RandomHorizontalFlip(),
        transforms.RandomApply([transforms.ColorJitter(0.4, 0.4, 0.2, 0.1)], 0.8),
        transforms.RandomGrayscale(0.2),
        transforms.RandomApply([transforms.GaussianBlur(blur["kernel"], blur["sigma"])], 0.2),
        transforms.RandomSolarize(128, 0.2),
        transforms.ToTensor(),
    ])


class Images(Dataset):
    """Images with their numbers: opened and transformed, each seeded by its number where it is kept."""

    def __init__(self, paths, transform, seeded=False):
        self.paths, self.transform, self.seeded = paths, transform, seeded

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        if self.seeded:
            torch.manual_seed(i)
        source = self.paths[i]
        image = Image.open(source).convert("RGB") if isinstance(source, str) else source
        return self.transform(image), i


class Job:
    def __init__(self, s):
        self.s, self.compiled = s, s["compile"]
        self.paths = sorted(glob.glob(os.path.join(s["files"], "*.jpg")))[:s["images"]]
        self.teachers = {
            "mobilenet_v2_imagenet": MobileNetTeacher(s["mobilenetSize"]),
            "world_shape": TransformerTeacher(16),
            "world_texture": TransformerTeacher(8),
        }
        widths = [1280, 96, 96]
        if s["student"] == "transformer":
            self.grids, self.kinds = [s["mobilenetSize"] // 32, 4, 8], 2
            self.student = TransformerStudent(s, widths, self.grids)
        else:
            self.grids, self.kinds = [0, 0, 0], 1
            self.student = MobileNetStudent(s, widths).to(memory_format=torch.channels_last)
        self.parameters = {
            "student": numbers_of(self.student),
            "teachers": {name: numbers_of(teacher) for name, teacher in self.teachers.items()},
        }
        self.optimizer = optimizer_of([(list(self.student.parameters()), 3e-4, 0.03)])
        self.statistics = [
            [[torch.zeros(n), torch.ones(n)] for n in widths] for _ in range(self.kinds)
        ]
        self.shapes = [(1 + (grid ** 2 if self.kinds == 2 else 0), n)
                       for grid, n in zip(self.grids, widths)]
        networks = [teacher.eval().requires_grad_(False) for teacher in self.teachers.values()]
        self.ask = [torch.compile(network) if self.compiled else network for network in networks]
        self.predict = torch.compile(self.student) if self.compiled else self.student
        self.views = torch.rand(s["batch"], 3, s["size"], s["size"])
        self.features = self.features_of(self.views)

    def loader(self, transform, sources=None, seeded=False):
        images = Images(sources or self.paths, transform, seeded)
        return DataLoader(images, self.s["batch"], shuffle=True, drop_last=True,
                          num_workers=self.s["workers"])

    @torch.no_grad()
    def features_of(self, views):
        """CLS and, where the student learns them, patches of every teacher, `[batch, tokens, width]`."""
        return [ask(views)[:, :tokens] for ask, (tokens, _) in zip(self.ask, self.shapes)]

    def take_step(self, views, features):
        targets = [
            [standardize(f[:, kind:None if kind else 1], s)
             for f, s in zip(features, self.statistics[kind])]
            for kind in range(self.kinds)
        ]
        predictions = self.predict(views)
        losses = [
            torch.stack([token_loss(p, t).mean(1) for p, t in zip(*both)], 1)
            for both in zip(predictions, targets)
        ]
        return update(torch.stack(losses).mean(0), self.optimizer)

    # The parts; each returns how many images it took, and the seconds that it waited for them.

    def decode(self):
        canvas = self.s["canvas"]
        transform = transforms.Compose([
            transforms.Resize(canvas), transforms.CenterCrop(canvas), transforms.PILToTensor(),
        ])
        return sum(len(views) for views, _ in self.loader(transform)), None

    def augment(self):
        canvas = self.s["canvas"]
        opened = self.s["images"] * [Image.new("RGB", (canvas, canvas), (90, 120, 150))]
        return sum(len(views) for views, _ in self.loader(augmentation_of(self.s), opened)), None

    def ask_teachers(self):
        batches = len(self.paths) // self.s["batch"]
        for _ in range(batches):
            self.features_of(self.views)
        return batches * self.s["batch"], None

    def steps(self):
        batches = len(self.paths) // self.s["batch"]
        for _ in range(batches):
            self.take_step(self.views, self.features)
        return batches * self.s["batch"], None

    def live(self):
        return self.run(self.loader(augmentation_of(self.s)), lambda views, _: self.features_of(views))

    def kept(self, mode):
        """Files of features `[images, tokens, width]`, mapped into memory."""
        return [
            numpy.lib.format.open_memmap(
                os.path.join(self.s["scratch"], f"{name}.npy"), mode, "float16",
                (len(self.paths), *shape))
            for name, shape in zip(self.teachers, self.shapes)
        ]

    def keep(self):
        """Keeps the features of the seeded views; it is not timed."""
        files = self.kept("w+")
        for views, numbers in self.loader(augmentation_of(self.s), seeded=True):
            for file, features in zip(files, self.features_of(views)):
                file[numbers.numpy()] = features.half().numpy()
        return 0, None

    def cached(self):
        files = self.kept("r")
        read = lambda _, numbers: [torch.from_numpy(f[numbers.numpy()]).float() for f in files]
        return self.run(self.loader(augmentation_of(self.s), seeded=True), read)

    def run(self, loader, features_of):
        images, waited, batches = 0, 0.0, iter(loader)
        while True:
            begun = time.perf_counter()
            batch = next(batches, None)
            waited += time.perf_counter() - begun
            if batch is None:
                return images, waited
            views, numbers = batch
            self.take_step(views, features_of(views, numbers))
            images += len(views)


def processor_seconds():
    return sum(resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime
               for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def main(setting):
    torch.manual_seed(0)
    torch.set_num_threads(setting["threads"])
    job = Job(setting)
    parts = {
        "decode": job.decode, "augment": job.augment, "teachers": job.ask_teachers,
        "step": job.steps, "live": job.live, "keep": job.keep, "cached": job.cached,
    }
    # The first calls compile, or make plans.
    job.features_of(job.views)
    job.take_step(job.views, job.features)
    print(json.dumps({"version": torch.__version__, "torchvision": torchvision.__version__,
                      "parameters": job.parameters}), flush=True)
    for line in sys.stdin:
        begun, used = time.perf_counter(), processor_seconds()
        images, waited = parts[line.strip()]()
        seconds = time.perf_counter() - begun
        print(json.dumps({
            "images": images,
            "seconds": seconds,
            "processorSeconds": processor_seconds() - used,
            "waitShare": None if waited is None else waited / seconds,
        }), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
