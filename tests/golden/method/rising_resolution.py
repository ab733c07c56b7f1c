"""A student on images of half its own size: losses and every gradient: python tests/golden/method/rising_resolution.py"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from reference import *

encoder = {"imageSize": 16, "patchSize": 4, "width": 16, "depth": 2, "heads": 2}
a = {"name": "a", "width": 5, "tokens": ["cls", "patch"], "grid": [4, 4]}
b = {"name": "b", "width": 6, "tokens": ["patch"], "grid": [2, 2]}
ladder_config = {"width": 16, "depth": 2, "grid": [4, 4], "teachers": [a, b]}

shapes = {f"encoder.{name}": shape for name, shape in transformer_shapes(encoder).items()}
shapes |= {f"ladder.{name}": shape for name, shape in ladder_shapes(ladder_config).items()}
p = {name: value.requires_grad_() for name, value in filled(shapes).items()}
below = lambda prefix: {k.removeprefix(prefix): v for k, v in p.items() if k.startswith(prefix)}
outputs = vision_transformer(below("encoder."), fill([3, 8, 8, 3], 82), encoder)
# On 2 x 2 places both teachers are compared on the student's grid, each by the heads of its own name.
small = lambda teacher: {**ladder_config, "grid": [2, 2], "teachers": [teacher]}
of_b = {f"patch.{name}": value for name, value in below("ladder.patch_2x2.").items()}
predictions = ladder(below("ladder."), outputs, small(a)) | ladder(of_b, outputs, small(b))
targets = {
    "a": {"cls": fill([3, 5], 70), "patch": pooled(fill([3, 16, 5], 71), [4, 4], [2, 2])},
    "b": {"patch": fill([3, 4, 6], 72)},
}
matrix = loss_matrix(predictions, targets)
matrix.mean().backward()
gradients = {name: value.grad for name, value in p.items() if value.grad is not None}
write(__file__, {"matrix": listed(matrix), "gradients": probes(gradients, shapes)})
