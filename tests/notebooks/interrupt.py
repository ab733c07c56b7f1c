"""Interrupts a distillation in a real Deno kernel. Arguments: folder of the cells, folder of the run."""
import json
import sys
import time

import jupyter_client

cells, run = sys.argv[1:]
manager = jupyter_client.KernelManager(kernel_name="deno")
manager.start_kernel(cwd=cells)
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=60)


def execute(code, interrupt_at=None):
    """What the cell printed; interrupts it once that has been printed."""
    asked, said, begun = client.execute(code), "", time.time()
    while time.time() - begun < 90:
        try:
            message = client.get_iopub_msg(timeout=1)
        except Exception:
            continue
        if message["parent_header"].get("msg_id") != asked:
            continue
        if message["msg_type"] == "stream":
            said += message["content"]["text"]
            if interrupt_at and interrupt_at in said:
                interrupt_at = None
                manager.interrupt_kernel()
        if message["msg_type"] == "error":
            said += message["content"]["evalue"]
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return said
    return said + " TIMEOUT"


setup = """
import { distill, startEngine } from "../../mod.ts";
import { recipe } from "./interrupted_recipe_fixture.ts";
await startEngine();
let step = 0;
const wait = () => new Promise((resolve) => setTimeout(resolve, 50));
"""
loop = """
for await (const report of distill(recipe, { folder: "%s", resume: %s })) {
  step = report.step;
  if (step === %d) console.log("far enough");
  %s
}
console.log("left at", step);
await wait();
"""
manager_answer = {
    "setup": execute(setup),
    "left": execute(loop % (run, "false", 3, ""), interrupt_at="far enough"),
    "idle": (manager.interrupt_kernel(), execute("console.log('alive', step); await wait();"))[1],
    "resumed": execute(loop % (run, "true", 0, "break;")),
}
manager.shutdown_kernel(now=True)
print(json.dumps(manager_answer))
