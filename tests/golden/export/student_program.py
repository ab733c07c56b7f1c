"""What the student.py beside an export computes, for tests/export/student_program_test.ts.

Needs torch, and deno for the files. Run it again whenever the program changes: python tests/golden/export/student_program.py
"""
import hashlib
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from made_up import images

here = pathlib.Path(__file__).parent
program = """
import { startEngine } from "./lib/engine/backend.ts";
import { exportStudent } from "./lib/export/export_student.ts";
import { studentConfigs, studentFile } from "./tests/export/student_program_fixture.ts";
const [folder] = Deno.args;
await startEngine();
for (const [i, config] of Object.values(studentConfigs).entries()) {
  await Deno.mkdir(`${folder}/${i}`);
  await Deno.writeFile(`${folder}/made.safetensors`, studentFile(config));
  await exportStudent(`${folder}/made.safetensors`, {
    format: "safetensors",
    out: `${folder}/${i}/student.safetensors`,
  });
}
console.log(JSON.stringify(Object.keys(studentConfigs)));
"""


with tempfile.TemporaryDirectory() as folder:
    command = ["deno", "eval", "--ext=ts", program, folder]
    names = json.loads(subprocess.run(command, check=True, cwd=here.parents[2], capture_output=True).stdout)
    golden = {}
    for i, name in enumerate(names):
        path = pathlib.Path(folder) / str(i) / "student.py"
        spec = importlib.util.spec_from_file_location(f"student{i}", path)
        student = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(student)
        with torch.inference_mode():
            weights, config, image = student.load()
            # Double precision, of images that the test rounds to float32 and that must be resized.
            weights = {name: value.double() for name, value in weights.items()}
            cls, patch = student.features(images(2, 24).float().double(), weights, config, image)
        golden[name] = {
            "program": hashlib.sha256(path.read_bytes()).hexdigest(),
            "cls": " ".join(f"{value:.8g}" for value in cls.flatten().tolist()),
            "patch": " ".join(f"{value:.8g}" for value in patch.flatten().tolist()),
        }
    (here / "student_program.json").write_text(json.dumps(golden, indent=1) + "\n")
