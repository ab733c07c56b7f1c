/** The Jupyter kernel that the process may be. */

/** What of a kernel is used here: `Deno.jupyter` has it. */
export interface NotebookKernel {
  /** Shows contents by MIME type; with `update` in the place of those of the same `display_id`. */
  display(bundle: unknown, options: Record<string, unknown>): Promise<void>;
}

/** The kernel, undefined outside a notebook: there Deno throws where it is asked for. */
export function kernelHere(): NotebookKernel | undefined {
  try {
    return (Deno as { jupyter?: NotebookKernel }).jupyter;
  } catch {
    return undefined;
  }
}
