"""Image files and the pixels that Pillow and numpy decode them to, for tests/images/codec/decode_golden_test.ts.

    python tests/golden/images/decoding.py        (numpy, pillow 13 and pillow-heif)

writes decoding.json beside this file: files and pixels as base64. Pixels are those of the middle square, turned
upright by ImageOps.exif_transpose, laid on the ground by Image.alpha_composite, then resized by Image.resize with
BICUBIC and the square as its box. Pillow reads 16 bits only in part, so those files are written here, and laid on
their ground by numpy.
"""

import base64
import io
import json
import pathlib
import struct
import zlib

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, ImageOps

pillow_heif.register_heif_opener()
random = np.random.default_rng(17)
WHITE = (255, 255, 255)


def photo(height, width):
    """Smooth colours with edges and some noise."""
    y, x = np.mgrid[0:height, 0:width]
    y, x = y / height, x / width
    channels = [np.sin(7 * x + 3 * y), (x > y * 0.8) * 1.4 - 0.7, np.cos(9 * x * y + 2 * y)]
    image = np.stack(channels, -1) * 90 + 125 + random.normal(0, 5, (height, width, 3))
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def drawing(side):
    """A black drawing on a transparent ground, whose hidden colour is black as well."""
    y, x = (np.mgrid[0:side, 0:side] + 0.5) / side - 0.5
    ring = np.abs(np.hypot(x, y) - 0.3) < 0.06
    alpha = np.where(ring, 255, 0) + np.where(np.abs(x - y) < 0.02, 120, 0)
    image = np.zeros((side, side, 4), np.uint8)
    image[..., 3] = np.clip(alpha, 0, 255)
    return image


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def deep_png(values, colour_type):
    """A 16-bit PNG of [height, width, channels]."""
    height, width = values.shape[:2]
    rows = values.astype(">u2").tobytes()
    stride = len(rows) // height
    raw = b"".join(b"\0" + rows[i * stride : (i + 1) * stride] for i in range(height))

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(raw)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def resized(image, canvas):
    width, height = image.size
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    box = (left, top, left + side, top + side)
    return np.asarray(image.convert("RGB").resize((canvas, canvas), Image.BICUBIC, box=box))


def decoded(file, canvas, ground):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(file))).convert("RGBA")
    return resized(Image.alpha_composite(Image.new("RGBA", image.size, (*ground, 255)), image), canvas)


cases = []


def case(name, file, canvases, mean=1.0, ground=WHITE, expected=None):
    for canvas in canvases:
        pixels = resized(expected, canvas) if expected else decoded(file, canvas, ground)
        entry = {"name": name, "canvas": canvas, "mean": mean}
        if ground != WHITE:
            entry["background"] = "#%02x%02x%02x" % ground
        entry["file"] = base64.b64encode(file).decode()
        entry["pixels"] = base64.b64encode(pixels.tobytes()).decode()
        cases.append(entry)


# One rule for transparency, at every size.
for side, canvases in [(200, [64]), (32, [32]), (20, [32, 7])]:
    case(f"a drawing of {side} px on a transparent ground", saved(Image.fromarray(drawing(side)), "PNG"), canvases)
clear = Image.fromarray(np.dstack([photo(40, 56), np.linspace(0, 255, 56)[None].repeat(40, 0).astype(np.uint8)]))
case("PNG with alpha", saved(clear, "PNG"), [16], ground=(32, 64, 128))
case("WebP with alpha", saved(clear, "WEBP", lossless=True, exact=True), [16, 48])
case("TIFF with alpha", saved(clear, "TIFF"), [16, 48])
case("grey PNG with alpha", saved(clear.convert("LA"), "PNG"), [16, 48])
case("grey PNG with alpha on blue", saved(clear.convert("LA"), "PNG"), [16], ground=(32, 64, 200))
palette = clear.convert("RGB").quantize(16)
case("palette with transparency", saved(palette, "PNG", transparency=bytes([0, 90, 200] + [255] * 13)), [16, 48])
case("GIF with transparency", saved(palette, "GIF", transparency=3), [16, 48])

# 16 bits: numpy lays them on white before they become bytes.
wide = random.integers(0, 65536, (24, 30, 1)) // 2 + np.linspace(0, 32767, 30)[None, :, None].astype(int)
alpha = np.linspace(0, 65535, 24)[:, None, None].astype(int).repeat(30, 1)
mixed = (wide * alpha + 65535 * (65535 - alpha)) / 65535
case("16-bit grey", deep_png(wide, 0), [12], expected=Image.fromarray((wide[..., 0] // 257).astype(np.uint8)))
case(
    "16-bit grey with alpha", deep_png(np.dstack([wide, alpha]), 4), [12],
    expected=Image.fromarray((mixed[..., 0] / 257).astype(np.uint8)),
)
case(
    "16-bit colour with alpha", deep_png(np.dstack([wide, wide, wide, alpha]), 6), [12, 24],
    expected=Image.fromarray((mixed[..., 0] / 257).astype(np.uint8)),
)

# Orientations, oblong and with odd sides.
upright = Image.fromarray(photo(31, 22))
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    kind = "JPEG" if orientation % 2 else "PNG"
    options = {"quality": 95, "subsampling": 0} if kind == "JPEG" else {}
    case(f"{kind} of orientation {orientation}", saved(upright, kind, exif=exif, **options), [12])

# Sizes: shrinking and enlarging, odd sides, and those that libjpeg shrinks while it decodes.
case("odd PNG", saved(Image.fromarray(photo(37, 24)), "PNG"), [5, 16, 24, 31, 50])
large = Image.fromarray(photo(403, 637))
case("large JPEG", saved(large, "JPEG", quality=60), [8, 16, 30, 48])
case("large WebP", saved(large, "WEBP", quality=60), [20])

# Kinds of files.
small = Image.fromarray(photo(18, 23))
for name, image, kind, options in [
    ("grey PNG", small.convert("L"), "PNG", {}),
    ("1-bit PNG", small.convert("1"), "PNG", {}),
    ("palette PNG", small.quantize(9), "PNG", {}),
    ("BMP", small, "BMP", {}),
    ("grey BMP", small.convert("L"), "BMP", {}),
    ("palette BMP", small.quantize(16), "BMP", {}),
    ("1-bit BMP", small.convert("1"), "BMP", {}),
    ("GIF of several frames", small.quantize(64), "GIF", {"save_all": True, "append_images": [small.transpose(0)]}),
    ("TIFF of several pages", small, "TIFF", {"save_all": True, "append_images": [small.transpose(0)]}),
    ("LZW TIFF", small, "TIFF", {"compression": "tiff_lzw"}),
    ("palette TIFF", small.quantize(16), "TIFF", {}),
    ("1-bit TIFF", small.convert("1"), "TIFF", {"compression": "group4"}),
    ("animated WebP", small, "WEBP", {"lossless": True, "save_all": True, "append_images": [small.transpose(0)]}),
]:
    case(name, saved(image, kind, **options), [16])
down = bytearray(saved(small, "BMP"))
rows = down[54:]
stride = len(rows) // small.height
down[22:26] = struct.pack("<i", -small.height)
down[54:] = b"".join(rows[i * stride : (i + 1) * stride] for i in reversed(range(small.height)))
case("BMP from the top down", bytes(down), [16], expected=small)
smooth = Image.fromarray(photo(48, 64)).resize((64, 48), Image.BOX)
case("AVIF", saved(smooth, "AVIF", quality=95), [16], mean=1.5)
case("HEIC", saved(smooth, "HEIF", quality=95), [16, 40], mean=1.5)
exif = Image.Exif()
exif[0x0112] = 6
case("HEIC of orientation 6", saved(smooth, "HEIF", quality=95, exif=exif), [16], mean=1.5)

# Inks without a profile: Pillow's plain formula. Its JPEGs are inverted, as Adobe's are.
inks = Image.merge("CMYK", [*Image.fromarray(photo(36, 50)).split(), Image.fromarray(photo(36, 50)[..., 2] // 3)])
case("CMYK JPEG", saved(inks, "JPEG", quality=95), [8, 24, 50])
case("CMYK TIFF", saved(inks, "TIFF"), [24])

# BMP of 16 and 32 bits, whose bits of each colour the header names.
deep_colours = photo(18, 23)


def masked_bmp(bits, masks, values):
    rows = b"".join(row.tobytes() + b"\0" * (-row.nbytes % 4) for row in values[::-1])
    head = struct.pack("<IiiHHIIiiII", 56, 23, 18, 1, bits, 3, len(rows), 0, 0, 0, 0) + struct.pack("<4I", *masks)
    return b"BM" + struct.pack("<IHHI", 14 + len(head) + len(rows), 0, 0, 14 + len(head)) + head + rows


r, g, b = (deep_colours[..., i].astype(np.uint32) for i in range(3))
five = (r >> 3 << 11 | g >> 2 << 5 | b >> 3).astype("<u2")
levels = np.stack([(r >> 3) * 255 / 31, (g >> 2) * 255 / 63, (b >> 3) * 255 / 31], -1).round().astype(np.uint8)
case("BMP of 16 bits", masked_bmp(16, (0xF800, 0x7E0, 0x1F, 0), five), [18], expected=Image.fromarray(levels))
opacity = np.linspace(0, 255, 23).astype(np.uint32)[None].repeat(18, 0)
swapped = (opacity << 24 | b << 16 | g << 8 | r).astype("<u4")
rgba = Image.fromarray(np.dstack([deep_colours, opacity.astype(np.uint8)]))
case(
    "BMP with alpha", masked_bmp(32, (0xFF, 0xFF00, 0xFF0000, 0xFF000000), swapped), [12],
    expected=Image.alpha_composite(Image.new("RGBA", rgba.size, (*WHITE, 255)), rgba),
)

# A profile that exchanges red and blue shows whether it was applied: made of sRGB's own, tags renamed.
profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
exchanged = Image.fromarray(np.asarray(smooth)[..., ::-1])
for kind, options in [("HEIF", {"quality": 95}), ("AVIF", {"quality": 95}), ("PNG", {}), ("TIFF", {})]:
    file = saved(smooth, kind, icc_profile=bytes(profile), **options)
    case(f"{kind} with a profile", file, [16], mean=2, expected=exchanged)

path = pathlib.Path(__file__).with_suffix(".json")
path.write_text("[\n" + ",\n".join(json.dumps(entry) for entry in cases) + "\n]\n")
print(path.name, len(cases), "cases,", path.stat().st_size, "bytes")
