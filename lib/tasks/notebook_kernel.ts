/** `deno task notebook-kernel`: makes the Deno kernel known to Jupyter. */
import { homedir } from "node:os";
import { defineCommand, main } from "./command.ts";
import { userKernels, writeKernelSpec } from "./notebook_kernel_spec.ts";

export const notebookKernel = defineCommand({
  name: "notebook-kernel",
  summary: "Makes the Deno kernel known to Jupyter, so that interrupting a cell does not end it",
  example: "deno task notebook-kernel",
  options: {
    folder: { type: "text", value: "FOLDER", summary: "folder of kernels; default this user's" },
  },
  run: async ({ options, say, emit }) => {
    const folder = options.folder ??
      userKernels(Deno.build.os, (name) => Deno.env.get(name), homedir());
    const path = await writeKernelSpec(folder);
    say(`Wrote ${path}`);
    say('Open a notebook of notebooks/ in JupyterLab or VS Code and choose the kernel "Deno".');
    say("Jupyter itself: pip install jupyterlab plotly");
    emit({ path });
  },
});

if (import.meta.main) await main(notebookKernel);
