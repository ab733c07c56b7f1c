"""Golden values of the convolutional encoders: every stage's output and every parameter's gradient, for
tests/nn/convolutional/golden_test.ts. The networks are written from the papers' tables, in double precision. Needs torch:

    python tests/golden/nn/convolutional.py

writes convolutional.json.
"""

import math
import pathlib
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from reference import fill, listed, write


def divisible(channels):
    """The rounding of the published MobileNets: to eighths, never below nine tenths."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


class Network:
    """Makes parameters as they are asked for, and collects the outputs of the stages."""

    def __init__(self, scaled):
        self.scaled, self.parameters, self.outputs = scaled, {}, []

    def parameter(self, name, shape, scale, offset=0.0):
        # A seed from the name, so that both sides agree without counting.
        seed = sum(ord(letter) for letter in name)
        tensor = fill(shape, seed, scale, offset).requires_grad_()
        return self.parameters.setdefault(name, tensor)

    def convolve(self, name, x, outputs, kernel=1, stride=1, dilation=1, depthwise=False, same=True):
        name = f"stages.{len(self.outputs)}.{name}"
        inputs = x.shape[1]
        shape = [kernel, kernel, inputs, 1 if depthwise else outputs]
        fan_in = kernel * kernel * (1 if depthwise else inputs)
        weight = self.parameter(f"{name}.weight", shape, math.sqrt(4 / fan_in))
        bias = self.parameter(f"{name}.bias", [outputs], 0.1)
        # [height, width, in, out] and [height, width, channels, 1] as PyTorch has them.
        weight = weight.permute(2, 3, 0, 1) if depthwise else weight.permute(3, 2, 0, 1)
        if self.scaled:
            weight = weight * self.parameter(f"{name}.scale", [outputs], 0.2, 1.0).reshape(-1, 1, 1, 1)
        sides = []
        for size in (x.shape[3], x.shape[2]):
            reach = (kernel - 1) * dilation
            missing = max((math.ceil(size / stride) - 1) * stride + reach + 1 - size, 0)
            sides += [missing // 2, missing - missing // 2] if same else [reach // 2, reach // 2]
        groups = inputs if depthwise else 1
        return F.conv2d(F.pad(x, sides), weight, bias, stride, 0, dilation, groups)

    def stage(self, map):
        self.outputs.append(map)
        return map


def inverted_residual(net, x, expansion, outputs, stride, kernel, dilation=1):
    y, hidden = x, expansion * x.shape[1]
    if expansion > 1:
        y = F.relu6(net.convolve("expand", y, hidden))
    y = F.relu6(net.convolve("depthwise", y, hidden, kernel, stride, dilation, depthwise=True))
    y = net.convolve("project", y, outputs)
    return net.stage(x + y if stride == 1 and outputs == x.shape[1] else y)


def mobilenet_v2(net, x, width, depth, output_stride, head):
    table = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
    x = net.stage(F.relu6(net.convolve("convolution", x, divisible(32 * width), 3, 2)))
    total, dilation = 2, 1
    for expansion, channels, repeats, first in table:
        for i in range(math.ceil(repeats * depth)):
            stride, own = (first if i == 0 else 1), dilation
            if total * stride > output_stride:
                dilation, stride = dilation * stride, 1
            total *= stride
            x = inverted_residual(net, x, expansion, divisible(channels * width), stride, 3, own)
    if head:
        net.stage(F.relu6(net.convolve("convolution", x, 1280)))


def efficientnet_lite(net, x, width, depth):
    table = [(1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5), (6, 192, 4, 2, 5), (6, 320, 1, 1, 3)]
    x = net.stage(F.relu6(net.convolve("convolution", x, 32, 3, 2)))
    for row, (expansion, channels, repeats, first, kernel) in enumerate(table):
        count = repeats if row in (0, 6) else math.ceil(repeats * depth)
        for i in range(count):
            x = inverted_residual(net, x, expansion, divisible(channels * width), first if i == 0 else 1, kernel)
    net.stage(F.relu6(net.convolve("convolution", x, 1280)))


def resnet_cifar(net, x, width, blocks):
    x = net.stage(F.relu(net.convolve("convolution", x, divisible(16 * width), 3)))
    for resolution in range(3):
        outputs = divisible(16 * 2**resolution * width)
        for i in range(blocks):
            stride = 2 if resolution > 0 and i == 0 else 1
            y = F.relu(net.convolve("first", x, outputs, 3, stride, same=False))
            y = net.convolve("second", y, outputs, 3, same=False)
            new = outputs - x.shape[1]
            shortcut = F.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, new // 2, new - new // 2))
            x = net.stage(F.relu(y + shortcut))


def resnet(net, x, width, counts, bottleneck):
    x = F.relu(net.convolve("convolution", x, divisible(64 * width), 7, 2, same=False))
    x = net.stage(F.max_pool2d(x, 3, 2, 1))
    for resolution, count in enumerate(counts):
        hidden = divisible(64 * 2**resolution * width)
        outputs = 4 * hidden if bottleneck else hidden
        for i in range(count):
            stride = 2 if resolution > 0 and i == 0 else 1
            if bottleneck:
                y = F.relu(net.convolve("first", x, hidden))
                y = F.relu(net.convolve("second", y, hidden, 3, stride, same=False))
                y = net.convolve("third", y, outputs)
            else:
                y = F.relu(net.convolve("first", x, outputs, 3, stride, same=False))
                y = net.convolve("second", y, outputs, 3, same=False)
            if stride > 1 or outputs != x.shape[1]:
                x = net.convolve("shortcut", x, outputs, 1, stride)
            x = net.stage(F.relu(y + x))


def tokens(map):
    """The mean over all places, then the places row by row, `[batch, 1 + places, channels]`."""
    places = map.flatten(2).transpose(1, 2)
    return torch.cat([places.mean(1, keepdim=True), places], 1)


def along(tensor, seed):
    """Two numbers that see every entry: the product with a filled direction, and the norm."""
    return torch.stack([(tensor * fill(tensor.shape, seed)).sum(), tensor.norm()])


def case(size, run, scaled=False):
    net = Network(scaled)
    run(net, fill([2, size, size, 3], 82).permute(0, 3, 1, 2))
    outputs = [tokens(map) for map in net.outputs]
    seen = [along(output, 300 + i) for i, output in enumerate(outputs)]
    sum(one[0] for one in seen).backward()
    gradients = {
        name: listed(along(net.parameters[name].grad, 500))
        for name in sorted(net.parameters)
    }
    return {
        "stages": [
            {"shape": list(output.shape), "probe": listed(one)} for output, one in zip(outputs, seen)
        ],
        "gradients": gradients,
    }


if __name__ == "__main__":
    write(__file__, {
        "mobilenet_v2": case(40, lambda net, x: mobilenet_v2(net, x, 0.35, 0.5, 32, True)),
        "mobilenet_v2 of 16 pixels a place, scaled": case(40, lambda net, x: mobilenet_v2(net, x, 0.35, 0.5, 16, False), True),
        "efficientnet_lite": case(38, lambda net, x: efficientnet_lite(net, x, 0.25, 0.5)),
        "resnet_cifar": case(17, lambda net, x: resnet_cifar(net, x, 0.5, 2)),
        "resnet 18": case(40, lambda net, x: resnet(net, x, 0.125, (2, 2, 2, 2), False)),
        "resnet 50, scaled": case(40, lambda net, x: resnet(net, x, 0.125, (3, 4, 6, 3), True), True),
    })
