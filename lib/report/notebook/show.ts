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
  /**
   * Redraws the output, once a second where that takes less than a sixtieth of the time, and every two seconds where
   * it takes more; pictures are left out.
   */
  update(view: () => NotebookView): Promise<void>;
  /** Redraws the output in any case, with its picture. */
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
 * import { liveView, runBoard } from "@hashigo/hashigo/notebook";
 * const reports: StepReport[] = [];
 * const live = liveView("run");
 * for await (const report of distill(recipe)) {
 *   reports.push(report);
 *   await live.update(() => runBoard(reports));
 * }
 * await live.end(() => runBoard(reports));
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
  // The run does not wait for the kernel: what goes wrong there is told at the next call.
  let sending: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;
  const send = (bundle: NotebookBundle) => {
    const options = { display_id: name, update: shown };
    shown = true;
    sending = display(kernel, bundle, options).catch((error) => {
      failure = { error };
    }).finally(() => {
      sending = undefined;
    });
  };
  const tellFailure = () => {
    if (failure !== undefined) throw failure.error;
  };
  return {
    async update(view) {
      tellFailure();
      if (kernel === undefined || sending !== undefined || now() < next) return;
      const begun = now();
      send(await view()[jupyterDisplay]({ live: true }));
      next = begun + Math.min(2000, Math.max(1000, 60 * (now() - begun)));
    },
    async end(view) {
      await sending;
      send(await view()[jupyterDisplay]());
      await sending;
      tellFailure();
    },
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
