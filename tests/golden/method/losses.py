"""Golden values of the token loss and its gradient: python tests/golden/method/losses.py"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from reference import *

prediction = fill([3, 4, 5], 1, 2.0).requires_grad_()
target = fill([3, 4, 5], 2, 1.5)
loss = token_loss(prediction, target)
(loss * fill([3, 4], 3)).sum().backward()
write(__file__, {"loss": listed(loss), "gradient": listed(prediction.grad)})
