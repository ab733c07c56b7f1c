"""What timm's models compute with exports of convolutional students, for tests/export/timm_stages_test.ts.

Needs torch and timm, and deno for the files. Each export is loaded into the model that its metadata name, all
of its tensors and no other. Run it again whenever an export changes: python tests/golden/export/timm_students.py
"""
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

import timm
import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from made_up import images

here = pathlib.Path(__file__).parent
program = """
import { startEngine } from "./lib/engine/backend.ts";
import { exportStudent } from "./lib/export/export_student.ts";
import { studentFile } from "./tests/export/student_program_fixture.ts";
import { timmConfigs } from "./tests/export/timm_stages_fixture.ts";
const [folder] = Deno.args;
await startEngine();
for (const [i, config] of Object.values(timmConfigs).entries()) {
  await Deno.writeFile(`${folder}/made.safetensors`, studentFile(config));
  await exportStudent(`${folder}/made.safetensors`, { format: "timm", out: `${folder}/${i}.pth` });
  await exportStudent(`${folder}/made.safetensors`, { format: "timm", out: `${folder}/${i}.safetensors` });
}
console.log(JSON.stringify(Object.keys(timmConfigs)));
"""


with tempfile.TemporaryDirectory() as folder:
    command = ["deno", "eval", "--ext=ts", program, folder]
    names = json.loads(subprocess.run(command, check=True, cwd=here.parents[2], capture_output=True).stdout)
    golden = {}
    for i, name in enumerate(names):
        saved = torch.load(pathlib.Path(folder) / f"{i}.pth", weights_only=True)
        model = eval(saved["timm"], {"timm": timm}).eval()
        model.load_state_dict(saved["state_dict"])
        image = json.loads(saved["input"])
        mean, std = (torch.tensor(image[name]).reshape(3, 1, 1) for name in ("mean", "std"))
        x = F.interpolate(images(2, 48).float().double(), [image["size"]] * 2, mode="bilinear", antialias=True)
        with torch.inference_mode():
            pooled = model.double()((x - mean) / std).flatten()
        golden[name] = {
            "command": saved["timm"],
            "file": hashlib.sha256((pathlib.Path(folder) / f"{i}.safetensors").read_bytes()).hexdigest(),
            "names": hashlib.sha256("\n".join(sorted(
                f"{key} {' '.join(map(str, value.shape))}" for key, value in model.state_dict().items()
                if not key.endswith("num_batches_tracked")
            )).encode()).hexdigest(),
            "every": 8,
            "pooled": " ".join(f"{value:.8g}" for value in pooled[::8].tolist()),
        }
    (here / "timm_students.json").write_text(json.dumps(golden, indent=1) + "\n")
