"""Numbers rounded to 16 bits by PyTorch, as bits. Run: python half_precision.py > half_precision.json"""
import json
import random
import struct

import torch

random.seed(0)
bits = [0, 0x80000000, 0x3F800000, 0x3F808000, 0x3F818000, 0x3F807FFF, 0x3F808001, 0x3FFFFFFF, 0x477FE000, 0x7F7F0000]
bits += [0x33000000, 0x33000001, 0x33800000, 0x387FE000, 0x387FF000, 0x00000001, 0x00400000, 0x007FFFFF, 0x00008000, 0x00018000]
bits += [random.getrandbits(1) << 31 | random.randrange(100, 142) << 23 | random.getrandbits(23) for _ in range(200)]
bits += [random.getrandbits(1) << 31 | random.randrange(110, 140) << 23 | random.getrandbits(7) << 16 | 0x8000 for _ in range(40)]
bits += [random.getrandbits(1) << 31 | random.randrange(110, 140) << 23 | random.getrandbits(10) << 13 | 0x1000 for _ in range(40)]
values = torch.tensor([struct.unflatten("<f", struct.pack("<I", b))[0] for b in bits], dtype=torch.float32)
print(json.dumps({
    "float32": bits,
    "float16": [h & 0xFFFF for h in values.to(torch.float16).view(torch.int16).tolist()],
    "bfloat16": [h & 0xFFFF for h in values.to(torch.bfloat16).view(torch.int16).tolist()],
}))
