"""Reference values for tests/augmentation, computed in double precision with other means than the package.

    python tests/golden/augmentation/images.py        (numpy, torch and pillow)

writes images.json beside this file. Resizing is Pillow's on bytes and torch's on floats; the colour
operations are written here from their definitions, hue by way of colorsys.
"""

import colorsys
import json
import pathlib

import numpy as np
import torch
from PIL import Image

random = np.random.default_rng(4)
SIDE = 24
WEIGHTS = np.array([0.2989, 0.587, 0.114])


def picture(side):
    """Smooth shapes with some noise, so that resizing has edges and flat parts to deal with."""
    y, x = np.mgrid[0:side, 0:side] / side
    channels = [np.sin(7 * x + 3 * y), (x > y) * 1.0, np.cos(9 * x * y)]
    image = np.stack(channels, -1) * 90 + 120 + random.normal(0, 12, (side, side, 3))
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def with_torch(image, size):
    planes = torch.from_numpy(image.astype(np.float64)).permute(2, 0, 1)[None]
    resized = torch.nn.functional.interpolate(
        planes, size=(size, size), mode="bicubic", antialias=True, align_corners=False
    )
    return resized[0].permute(1, 2, 0).numpy()


def grey(image):
    return (image * WEIGHTS).sum(-1, keepdims=True)


def blend(image, other, factor):
    return np.clip(factor * image + (1 - factor) * other, 0, 1)


def brightness(image, factor):
    return blend(image, 0, factor)


def contrast(image, factor):
    return blend(image, grey(image).mean(), factor)


def saturation(image, factor):
    return blend(image, grey(image), factor)


def hue(image, turns):
    def turned(pixel):
        h, s, v = colorsys.rgb_to_hsv(*pixel)
        return colorsys.hsv_to_rgb((h + turns) % 1, s, v)

    return np.array([[turned(pixel) for pixel in row] for row in image])


def blur(image, kernel, sigma):
    reach = kernel // 2
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    padded = np.pad(image, ((reach, reach), (reach, reach), (0, 0)), mode="reflect")
    height, width = image.shape[:2]
    result = np.zeros_like(image)
    for i in range(kernel):
        for j in range(kernel):
            result += weights[i] * weights[j] * padded[i : i + height, j : j + width]
    return result


def solarize(image, threshold):
    return np.where(image >= threshold, 1 - image, image)


def rounded(array):
    return [round(float(value), 6) for value in np.asarray(array).ravel()]


photo = picture(SIDE)
resizes = []
for top, left, height, width, size in [
    (0, 0, 24, 24, 9),
    (3, 5, 16, 12, 20),
    (0, 0, 24, 24, 31),
    (7, 1, 5, 22, 8),
]:
    crop = np.ascontiguousarray(photo[top : top + height, left : left + width])
    pillow = np.asarray(Image.fromarray(crop).resize((size, size), Image.BICUBIC))
    resizes.append(
        {
            "window": {"top": top, "left": left, "height": height, "width": width},
            "size": size,
            "pillow": [int(value) for value in pillow.ravel()],
            "torch": [round(float(value), 2) for value in with_torch(crop, size).ravel()],
        }
    )

colours = random.uniform(0, 1, (6, 6, 3))
colours[0, 0] = 0.5  # grey: no hue
colours[0, 1] = 0
colours[0, 2] = 1
colours[0, 3] = [0.7, 0.7, 0.2]  # two channels share the maximum
colours[0, 4] = [0.2, 0.7, 0.7]
colours[0, 5] = [0.7, 0.2, 0.7]
operations = [
    {"name": "brightness", "value": 1.4, "result": rounded(brightness(colours, 1.4))},
    {"name": "brightness", "value": 0.6, "result": rounded(brightness(colours, 0.6))},
    {"name": "contrast", "value": 1.35, "result": rounded(contrast(colours, 1.35))},
    {"name": "contrast", "value": 0.6, "result": rounded(contrast(colours, 0.6))},
    {"name": "saturation", "value": 1.2, "result": rounded(saturation(colours, 1.2))},
    {"name": "saturation", "value": 0.0, "result": rounded(saturation(colours, 0.0))},
    {"name": "hue", "value": 0.1, "result": rounded(hue(colours, 0.1))},
    {"name": "hue", "value": -0.1, "result": rounded(hue(colours, -0.1))},
    {"name": "hue", "value": 0.5, "result": rounded(hue(colours, 0.5))},
    {"name": "hue", "value": 0.0, "result": rounded(colours)},
    {"name": "grey", "value": 1, "result": rounded(np.repeat(grey(colours), 3, -1))},
    {"name": "blur", "value": [5, 1.3], "result": rounded(blur(colours, 5, 1.3))},
    {"name": "blur", "value": [9, 5.0], "result": rounded(blur(colours, 9, 5.0))},
    {"name": "solarize", "value": 0.5, "result": rounded(solarize(colours, 0.5))},
]

# Whole chains, in the order of the reference, one per image of a batch.
steps = {"brightness": brightness, "contrast": contrast, "saturation": saturation, "hue": hue}
chains = []
for window, flip, order, values, is_grey, sigma, is_solarized in [
    ((3, 5, 16, 12), True, ["hue", "contrast", "brightness", "saturation"], [0.07, 1.3, 0.8, 1.1], False, 0.9, True),
    ((0, 0, 24, 24), False, ["saturation", "brightness", "hue", "contrast"], [0.85, 1.3, -0.09, 0.7], False, None, False),
    ((7, 1, 5, 22), True, ["contrast", "saturation", "brightness", "hue"], [1.2, 1.15, 1.25, 0.02], True, 2.0, True),
    ((2, 2, 20, 20), False, [], [], False, None, True),
]:
    top, left, height, width = window
    crop = np.ascontiguousarray(photo[top : top + height, left : left + width])
    view = np.clip(with_torch(crop, 16) / 255, 0, 1)
    if flip:
        view = view[:, ::-1]
    for name, value in zip(order, values):
        view = steps[name](view, value)
    if is_grey:
        view = np.repeat(grey(view), 3, -1)
    if sigma is not None:
        view = blur(view, 5, sigma)
    if is_solarized:
        view = solarize(view, 0.5)
    chains.append(
        {
            "window": dict(zip(["top", "left", "height", "width"], window)),
            "flip": flip,
            "order": order,
            "values": values,
            "grey": is_grey,
            "sigma": sigma,
            "solarize": is_solarized,
            "result": [round(float(value), 5) for value in view.ravel()],
        }
    )

path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(
    json.dumps(
        {
            "side": SIDE,
            "photo": [int(value) for value in photo.ravel()],
            "resizes": resizes,
            "colours": rounded(colours),
            "operations": operations,
            "chains": chains,
        }
    )
    + "\n"
)
print(path.name, path.stat().st_size, "bytes")
