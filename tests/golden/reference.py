"""The method in PyTorch, double precision and autograd, written from the paper as plainly as possible.

The scripts in the folders beside it print golden values from it. Parameters have the package's names and shapes; every
input is a formula, `fill`, so that neither inputs nor parameters need storing.
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def fill(shape, seed, scale=1.0, offset=0.0):
    """Numbers that look random, rounded to float32 as the tests have them."""
    count = math.prod(shape)
    values = [offset + scale * math.sin(12.9898 * (i + 1) + 78.233 * seed) for i in range(count)]
    return torch.tensor(values).float().double().reshape(shape)


def filled(shapes, seed=0):
    """A dictionary of parameters: weights of norms around 1, everything else around 0."""
    result = {}
    for i, name in enumerate(sorted(shapes)):
        norm_weight = "norm" in name and name.endswith("weight")
        result[name] = fill(shapes[name], seed + i, 0.3, 1.0 if norm_weight else 0.0)
    return result


def listed(tensor):
    """One line of text, which keeps the files short."""
    return " ".join(f"{value:.8g}" for value in tensor.detach().reshape(-1).tolist())


def probes(gradients, shapes):
    """For every parameter the gradient's product with a filled direction, and its norm."""
    result = {}
    for i, name in enumerate(sorted(shapes)):
        gradient = gradients.get(name)
        if gradient is None:
            result[name] = "0 0"
        else:
            along = (gradient * fill(shapes[name], 500 + i)).sum()
            result[name] = listed(torch.stack([along, gradient.norm()]))
    return result


def write(script, values):
    path = pathlib.Path(script).with_suffix(".json")
    path.write_text(json.dumps(values, indent=2) + "\n")


def linear(p, name, x):
    return x @ p[f"{name}.weight"] + p[f"{name}.bias"]


def layer_norm(p, name, x):
    return F.layer_norm(x, x.shape[-1:], p[f"{name}.weight"], p[f"{name}.bias"], 1e-6)


def mlp(p, name, x):
    return linear(p, f"{name}.output", F.gelu(linear(p, f"{name}.hidden", x)))


def attention(p, name, x, heads):
    batch, tokens, width = x.shape
    parts = linear(p, f"{name}.qkv", x).chunk(3, dim=-1)
    query, key, value = (q.reshape(batch, tokens, heads, -1).transpose(1, 2) for q in parts)
    mixed = F.scaled_dot_product_attention(query, key, value)
    return linear(p, f"{name}.output", mixed.transpose(1, 2).reshape(batch, tokens, width))


def block(p, name, x, heads, drop=None):
    first, second = (1.0, 1.0) if drop is None else drop.reshape(2, -1, 1, 1)
    x = x + first * attention(p, f"{name}.attention", layer_norm(p, f"{name}.norm1", x), heads)
    return x + second * mlp(p, f"{name}.mlp", layer_norm(p, f"{name}.norm2", x))


def as_kernel(weight, size):
    """Our [row, column, channel; out] matrix as PyTorch's [out, channel, row, column]."""
    return weight.reshape(size, size, -1, weight.shape[1]).permute(3, 2, 0, 1)


def patch_embedding(p, name, images, size):
    pixels = images.permute(0, 3, 1, 2)
    kernel = as_kernel(p[f"{name}.weight"], size)
    return F.conv2d(pixels, kernel, p[f"{name}.bias"], stride=size).flatten(2).transpose(1, 2)


def convolution(p, name, x):
    kernel = as_kernel(p[f"{name}.weight"], 3)
    y = F.conv2d(x.permute(0, 3, 1, 2), kernel, p[f"{name}.bias"], stride=2, padding=1)
    return y.permute(0, 2, 3, 1)


def convolution_stem(p, name, x, stages):
    for i in range(stages):
        y = convolution(p, f"{name}.stages.{i}.convolution", x)
        x = F.gelu(layer_norm(p, f"{name}.stages.{i}.norm", y))
    return linear(p, f"{name}.output", x.flatten(1, 2))


def positions(position, before, after):
    """CLS kept, patches interpolated over a scale of (after + 0.1) / before."""
    picture = position[1:].reshape(1, *before, -1).permute(0, 3, 1, 2)
    scale = tuple((a + 0.1) / b for a, b in zip(after, before))
    grown = F.interpolate(picture, scale_factor=scale, mode="bicubic", antialias=False)
    assert grown.shape[2:] == torch.Size(after)
    return torch.cat([position[:1], grown.flatten(2).transpose(1, 2)[0]])


def vision_transformer(p, images, config, drop=None, kept=None):
    """Output of every block; with `kept`, a list of places for each image, of those patches alone."""
    size, heads, depth = config["patchSize"], config["heads"], config["depth"]
    if config.get("stem") == "convolution":
        x = convolution_stem(p, "stem", images, int(math.log2(size)))
    else:
        x = patch_embedding(p, "stem", images, size)
    x = torch.cat([p["cls"].expand(len(x), 1, -1), x], dim=1)
    before = [config["imageSize"] // size] * 2
    after = [images.shape[1] // size, images.shape[2] // size]
    x = x + (p["position"] if before == after else positions(p["position"], before, after))
    if kept is not None:
        x = torch.stack([torch.cat([one[:1], one[1:][places]]) for one, places in zip(x, kept)])
    outputs = []
    for i in range(depth):
        x = block(p, f"blocks.{i}", x, heads, None if drop is None else drop[i])
        outputs.append(x)
    return outputs


def transformer_shapes(config):
    width, depth, size = config["width"], config["depth"], config["patchSize"]
    shapes = {"cls": [1, width], "position": [1 + (config["imageSize"] // size) ** 2, width]}

    def add_linear(name, inputs, outputs):
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = [inputs, outputs], [outputs]

    def add_norm(name, of):
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = [of], [of]

    if config.get("stem") == "convolution":
        stages, channels = int(math.log2(size)), 3
        for i in range(stages):
            outputs = width // 2 ** (stages - 1 - i)
            add_linear(f"stem.stages.{i}.convolution", 9 * channels, outputs)
            add_norm(f"stem.stages.{i}.norm", outputs)
            channels = outputs
        add_linear("stem.output", width, width)
    else:
        add_linear("stem", 3 * size * size, width)
    for i in range(depth):
        add_norm(f"blocks.{i}.norm1", width)
        add_linear(f"blocks.{i}.attention.qkv", width, 3 * width)
        add_linear(f"blocks.{i}.attention.output", width, width)
        add_norm(f"blocks.{i}.norm2", width)
        add_linear(f"blocks.{i}.mlp.hidden", width, 4 * width)
        add_linear(f"blocks.{i}.mlp.output", 4 * width, width)
    add_norm("norm", width)
    return shapes


def ladder_groups(config):
    """(name, token, grid, teachers) in the order of the package."""
    groups = {}
    for token in ("cls", "patch"):
        for teacher in config["teachers"]:
            if token not in teacher["tokens"]:
                continue
            grid = [min(pair) for pair in zip(config["grid"], teacher["grid"])]
            coarse = token == "patch" and grid != config["grid"]
            name = f"patch_{grid[0]}x{grid[1]}" if coarse else token
            groups.setdefault(name, (name, token, grid, []))[3].append(teacher)
    return list(groups.values())


def hidden_width(config, index):
    last = index == config["depth"] - 1
    return config.get("lastHidden", 4 * config["width"]) if last else config.get("hidden", config["width"])


def ladder_blocks(config):
    return config.get("blocks", list(range(config["depth"])))


def ladder_shapes(config):
    shapes = {}
    blocks = ladder_blocks(config)
    for name, _, _, teachers in ladder_groups(config):
        for index in blocks:
            hidden = len(teachers) * hidden_width(config, index)
            shapes[f"{name}.hidden.{index}.weight"] = [config["width"], hidden]
            shapes[f"{name}.hidden.{index}.bias"] = [hidden]
        for teacher in teachers:
            total = sum(hidden_width(config, index) for index in blocks)
            shapes[f"{name}.output.{teacher['name']}.weight"] = [total, teacher["width"]]
            shapes[f"{name}.output.{teacher['name']}.bias"] = [len(blocks) * teacher["width"]]
    return shapes


def head(p, name, position, count, teacher, index, config):
    """The separate two-layer head of one teacher and block, cut out of the concatenated matrices."""
    blocks = ladder_blocks(config)
    hidden = hidden_width(config, index)
    mine = slice(position * hidden, (position + 1) * hidden)
    above = sum(hidden_width(config, other) for other in blocks[: blocks.index(index)])
    own = f"{name}.output.{teacher['name']}"
    order = blocks.index(index) * teacher["width"]
    return (
        p[f"{name}.hidden.{index}.weight"][:, mine],
        p[f"{name}.hidden.{index}.bias"][mine],
        p[f"{own}.weight"][above : above + hidden],
        p[f"{own}.bias"][order : order + teacher["width"]],
    )


def ladder(p, outputs, config, kept=None):
    """The sum of separate perceptrons, as the paper has it."""
    predictions = {teacher["name"]: {} for teacher in config["teachers"]}
    for name, token, grid, teachers in ladder_groups(config):
        for position, teacher in enumerate(teachers):
            total = 0
            for index in ladder_blocks(config):
                x = outputs[index][:, 0] if token == "cls" else pooled(outputs[index][:, 1:], config["grid"], grid, kept)
                w1, b1, w2, b2 = head(p, name, position, len(teachers), teacher, index, config)
                total = total + F.gelu(x @ w1 + b1) @ w2 + b2
            predictions[teacher["name"]][token] = total
    return predictions


def pooled(tokens, before, after, kept=None):
    """Averages over areas; the golden cases use whole multiples."""
    if before == after:
        return tokens
    if kept is not None:
        return torch.stack([pooled_kept(one, places, before, after) for one, places in zip(tokens, kept)])
    picture = tokens.reshape(len(tokens), *before, -1).permute(0, 3, 1, 2)
    return F.adaptive_avg_pool2d(picture, after).flatten(2).transpose(1, 2)


def pooled_kept(tokens, places, before, after):
    """Averages over areas of the tokens that there are; of all where an area has none."""
    high, wide = before[0] // after[0], before[1] // after[1]
    areas = [(place // before[1] // high) * after[1] + place % before[1] // wide for place in places]
    means = []
    for area in range(after[0] * after[1]):
        inside = [i for i, other in enumerate(areas) if other == area]
        means.append(tokens[inside].mean(0) if inside else tokens.mean(0))
    return torch.stack(means)


def token_loss(prediction, target):
    cosine = F.cosine_similarity(prediction, target, dim=-1)
    smooth = F.smooth_l1_loss(prediction, target, reduction="none", beta=1.0).mean(-1)
    return 0.5 * (1 - cosine) + 0.5 * smooth


def loss_matrix(predictions, targets):
    columns = []
    for name, tokens in predictions.items():
        losses = []
        for token, prediction in tokens.items():
            loss = token_loss(prediction, targets[name][token])
            losses.append(loss if token == "cls" else loss.mean(1))
        columns.append(torch.stack(losses).mean(0))
    return torch.stack(columns, 1)


def coefficients(losses, uniforms, probability):
    keep = (uniforms >= probability).double()
    for row, hardest in enumerate(losses.argmax(1).tolist()):
        keep[row, hardest] = 1
    return (keep / keep.sum()).detach()
