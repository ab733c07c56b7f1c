/** `notebook-kernel`: registers the Deno kernel with Jupyter. */
import { homedir } from "node:os";
import { defineCommand, UsageError } from "../../command.ts";
import { userKernels, writeKernelSpec } from "./notebook_kernel_spec.ts";

/** The command, as a value. */
export const notebookKernel = defineCommand({
  name: "notebook-kernel",
  group: "use",
  summary:
    "Registers the Deno kernel with Jupyter, so that an interrupt ends a run with a checkpoint",
  example: "",
  options: {
    interrupt: {
      type: "text",
      value: "HOW",
      summary:
        'what interrupting does: "signal" (default) ends a run with a checkpoint; "message" ' +
        "stops any JavaScript at once, runs included",
    },
    folder: { type: "text", value: "FOLDER", summary: "folder of kernels; default this user's" },
  },
  run: async ({ options, say, emit }) => {
    const folder = options.folder ??
      userKernels(Deno.build.os, (name) => Deno.env.get(name), homedir());
    const { interrupt } = options;
    if (interrupt !== undefined && interrupt !== "signal" && interrupt !== "message") {
      throw new UsageError(`Found --interrupt ${interrupt}, expected signal or message`);
    }
    const path = await writeKernelSpec(folder, { interrupt });
    say(`Wrote ${path}`);
    say('Open a notebook of notebooks/ in JupyterLab or VS Code and choose the kernel "Deno".');
    say("Jupyter itself: pip install jupyterlab plotly");
    emit({ path });
  },
});
