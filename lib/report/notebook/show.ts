/** Output of a notebook's cells that is not lost: shown once, or updated in its place. */
import { kernelHere, type NotebookKernel } from "../../process/jupyter_kernel.ts";
import { jupyterDisplay, type NotebookBundle, type NotebookView } from "./view.ts";

/**
 * Shows a view, or a line of text, and waits until it has left the kernel: Deno's kernel may report a cell as
 * finished before its last output is out, which is then lost. Outside a notebook the text is printed.
 *
 * @example
 * ```ts ignore
 * import { show } from "@hashigo/hashigo/notebook";
 * import { notebookTable } from "@hashigo/hashigo/notebook";
 * await show(notebookTable(["model", "accuracy"], [["student", "90.1"]]));
 * ```
 */
export async function show(view: NotebookView | string): Promise<void> {
  const bundle = typeof view === "string" ? { "text/plain": view } : await view[jupyterDisplay]();
  await display(kernelHere(), bundle);
}

/** One output of a cell that is redrawn while a run goes on. */
export interface LiveView {
  /** Redraws the output, at most twice a second and in at most a tenth of the time. */
  update(view: () => NotebookView): Promise<void>;
  /** Redraws the output in any case. */
  end(view: () => NotebookView): Promise<void>;
}

/**
 * An output that is redrawn in its place, such as the curves of a run. Outside a notebook only the last view
 * is printed.
 *
 * @param name A name for each output of a notebook.
 * @param options kernel: default that of this notebook, if any; now: clock in milliseconds, default
 *   `performance.now`.
 *
 * @example
 * ```ts ignore
 * import { distill, type StepReport } from "@hashigo/hashigo";
 * import { liveView } from "@hashigo/hashigo/notebook";
 * import { lossFigure } from "@hashigo/hashigo/report";
 * import { notebookFigure } from "@hashigo/hashigo/notebook";
 * const reports: StepReport[] = [];
 * const live = liveView("losses");
 * const curves = () => notebookFigure(lossFigure(reports), "Losses by teacher");
 * for await (const report of distill(recipe)) {
 *   reports.push(report);
 *   await live.update(curves);
 * }
 * await live.end(curves);
 * ```
 */
export function liveView(
  name: string,
  options: {
    readonly kernel?: NotebookKernel | undefined;
    readonly now?: (() => number) | undefined;
  } = {},
): LiveView {
  const { kernel = kernelHere(), now = () => performance.now() } = options;
  let shown = false;
  let next = -Infinity;
  const draw = async (view: () => NotebookView) => {
    const begun = now();
    await display(kernel, await view()[jupyterDisplay](), { display_id: name, update: shown });
    shown = true;
    // Drawing takes time: the run gets nine times as much until the next.
    next = now() + Math.max(500, 9 * (now() - begun));
  };
  return {
    async update(view) {
      if (kernel !== undefined && now() >= next) await draw(view);
    },
    end: draw,
  };
}

async function display(
  kernel: NotebookKernel | undefined,
  bundle: NotebookBundle,
  options: Record<string, unknown> = {},
): Promise<void> {
  if (kernel === undefined) return console.log(bundle["text/plain"]);
  await kernel.display(bundle, { raw: true, ...options });
  // After a turn of the timers, all output that was queued before is out.
  await new Promise((resolve) => setTimeout(resolve, 20));
}
