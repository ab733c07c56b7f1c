/** `deno task notebook-kernel`: makes the Deno kernel known to Jupyter. */
import { homedir } from "node:os";
import { UserError } from "../../errors/user_error.ts";
import { defineCommand, main } from "../command.ts";
import { userKernels, writeKernelSpec } from "./notebook_kernel_spec.ts";

export const notebookKernel = defineCommand({
  name: "notebook-kernel",
  summary:
    "Makes the Deno kernel known to Jupyter, so that an interrupt ends a run with a checkpoint",
  example: "deno task notebook-kernel",
  options: {
    interrupt: {
      type: "text",
      value: "HOW",
      summary:
        'what interrupting does: "signal" (default) ends a run with a checkpoint; "message" ' +
        "cuts off any JavaScript, runs too",
    },
    folder: { type: "text", value: "FOLDER", summary: "folder of kernels; default this user's" },
  },
  run: async ({ options, say, emit }) => {
    const folder = options.folder ??
      userKernels(Deno.build.os, (name) => Deno.env.get(name), homedir());
    const { interrupt } = options;
    if (interrupt !== undefined && interrupt !== "signal" && interrupt !== "message") {
      throw new UserError(`Found --interrupt ${interrupt}, expected signal or message`);
    }
    const path = await writeKernelSpec(folder, interrupt === undefined ? {} : { interrupt });
    say(`Wrote ${path}`);
    say('Open a notebook of notebooks/ in JupyterLab or VS Code and choose the kernel "Deno".');
    say("Jupyter itself: pip install jupyterlab plotly");
    emit({ path });
  },
});

if (import.meta.main) await main(notebookKernel);
