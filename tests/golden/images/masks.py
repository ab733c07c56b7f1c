"""Masks and the values that Pillow reads of them, for tests/images/codec/decode_mask_test.ts.

    python tests/golden/images/masks.py        (numpy and pillow 13)

writes masks.json beside this file: files as base64, values by row.
"""

import base64
import io
import json
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image

SIDE = 13
y, x = np.mgrid[0:SIDE, 0:SIDE]
rings = np.hypot(x - 6, y - 5).astype(np.uint8)  # 0 to 10
halves = (x > y).astype(np.uint8)
ramp = (y * SIDE + x).astype(np.uint8)  # 0 to 168, so that rows are filtered
colours = np.random.default_rng(3).integers(0, 256, (256, 3), np.uint8)
cases = []


def case(name, image, values, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    data = base64.b64encode(file.getvalue()).decode()
    cases.append({"name": name, "file": data, "values": [int(value) for value in values.ravel()]})


def palette(values, bits):
    image = Image.fromarray(values, "P")
    image.putpalette(colours[: 2**bits].tobytes())
    return image


case("grey of 8 bits", Image.fromarray(ramp), ramp)
case("grey of 1 bit", Image.fromarray(halves * 255).convert("1"), halves)
case("grey of 16 bits", Image.fromarray(rings.astype(np.uint16)), rings)
case("a palette of 8 bits", palette(ramp, 8), ramp)
case("a palette of 4 bits", palette(rings, 4), rings, bits=4)
case("a palette of 2 bits", palette(rings % 4, 2), rings % 4, bits=2)
case("a palette of 1 bit", palette(halves, 1), halves, bits=1)
case("a palette with a transparent colour", palette(rings, 8), rings, transparency=0)
case("three equal channels", Image.fromarray(ramp).convert("RGB"), ramp)
case("a grey BMP", Image.fromarray(ramp), ramp, "BMP")
case("a BMP with a palette", palette(ramp, 8), ramp, "BMP")
case("a BMP of 1 bit", Image.fromarray(halves * 255).convert("1"), halves, "BMP")
case("a grey TIFF", Image.fromarray(ramp), ramp, "TIFF", compression="tiff_lzw")

def filtered_png(values):
    """An 8-bit grey PNG whose rows use the five filters in turn; Pillow chooses them as it likes."""
    above = np.zeros(values.shape[1], int)
    rows = b""
    for i, line in enumerate(values.astype(int)):
        left, corner = np.r_[0, line[:-1]], np.r_[0, above[:-1]]
        estimate = left + above - corner
        a, b, c = abs(estimate - left), abs(estimate - above), abs(estimate - corner)
        paeth = np.where((a <= b) & (a <= c), left, np.where(b <= c, above, corner))
        predicted = [0, left, above, (left + above) // 2, paeth][i % 5]
        rows += bytes([i % 5]) + ((line - predicted) % 256).astype(np.uint8).tobytes()
        above = line

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 8, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


busy = np.random.default_rng(5).integers(0, 8, (40, 40)).astype(np.uint8) * 30
file = filtered_png(busy)
assert (np.asarray(Image.open(io.BytesIO(file))) == busy).all()
data = base64.b64encode(file).decode()
cases.append({"name": "rows of every filter", "file": data, "values": [int(value) for value in busy.ravel()]})

path = pathlib.Path(__file__).with_suffix(".json")
path.write_text("[\n" + ",\n".join(json.dumps(entry) for entry in cases) + "\n]\n")
print(path.name, len(cases), "cases,", path.stat().st_size, "bytes")
