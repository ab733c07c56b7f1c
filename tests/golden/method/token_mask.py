"""A student that sees six of sixteen patches: losses and every gradient: python tests/golden/method/token_mask.py"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from reference import *

encoder = {"imageSize": 16, "patchSize": 4, "width": 16, "depth": 2, "heads": 2}
ladder_config = {
    "width": 16, "depth": 2, "grid": [4, 4],
    "teachers": [
        {"name": "a", "width": 5, "tokens": ["cls", "patch"], "grid": [4, 4]},
        {"name": "b", "width": 6, "tokens": ["patch"], "grid": [2, 2]},
    ],
}
# In the first image no patch of the second quarter is left.
kept = [sorted((5 * i + 3 * image) % 16 for i in range(6)) for image in range(3)]

shapes = {f"encoder.{name}": shape for name, shape in transformer_shapes(encoder).items()}
shapes |= {f"ladder.{name}": shape for name, shape in ladder_shapes(ladder_config).items()}
p = {name: value.requires_grad_() for name, value in filled(shapes).items()}
below = lambda prefix: {k.removeprefix(prefix): v for k, v in p.items() if k.startswith(prefix)}
own = fill([3, 16, 5], 71)
targets = {
    "a": {"cls": fill([3, 5], 70), "patch": torch.stack([one[places] for one, places in zip(own, kept)])},
    "b": {"patch": fill([3, 4, 6], 72)},
}
outputs = vision_transformer(below("encoder."), fill([3, 16, 16, 3], 82), encoder, None, kept)
matrix = loss_matrix(ladder(below("ladder."), outputs, ladder_config, kept), targets)
matrix.mean().backward()
gradients = {name: value.grad for name, value in p.items() if value.grad is not None}
write(__file__, {"kept": kept, "matrix": listed(matrix), "gradients": probes(gradients, shapes)})
