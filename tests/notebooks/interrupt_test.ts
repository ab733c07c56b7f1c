/** An interrupt in a real kernel: the run is saved, the kernel lives, the run goes on. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { fileURLToPath } from "node:url";
import { writeKernelSpec } from "../../lib/cli/commands/notebooks/notebook_kernel_spec.ts";
import { notebookPython } from "../../lib/cli/commands/notebooks/notebooks.ts";

const { home, python } = notebookPython();
const there = await Deno.stat(`${home}/complete`).then(() => true, () => false);

Deno.test({
  name: `an interrupt ends a run with a checkpoint, and not the kernel${
    there ? "" : " (skipped: deno task notebooks has not been run)"
  }`,
  ignore: !there,
  fn: async () => {
    const data = await Deno.makeTempDir();
    const run = await Deno.makeTempDir();
    await Deno.remove(run);
    try {
      await writeKernelSpec(`${data}/jupyter/kernels`);
      const { stdout, stderr } = await new Deno.Command(python, {
        args: [
          fileURLToPath(new URL("./interrupt.py", import.meta.url)),
          fileURLToPath(new URL(".", import.meta.url)),
          run,
        ],
        env: { XDG_DATA_HOME: data, NO_COLOR: "1" },
      }).output();
      const line = new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "";
      assert(line.startsWith("{"), new TextDecoder().decode(stderr).slice(-800));
      const said = JSON.parse(line);
      const [, left = ""] = /left at (\d+)/.exec(said.left) ?? [];
      assert(Number(left) >= 3 && Number(left) < 100_000, said.left);
      assertMatch(said.idle, new RegExp(`alive ${left}`));
      const kept = [...Deno.readDirSync(`${run}/checkpoints`)].map(({ name }) => name);
      assert(kept.some((name) => Number(name.replace("step-", "")) === Number(left)), kept.join());
      assertEquals(/left at (\d+)/.exec(said.resumed)?.[1], String(Number(left) + 1), said.resumed);
    } finally {
      await Deno.remove(data, { recursive: true });
      await Deno.remove(run, { recursive: true }).catch(() => {});
    }
  },
});
