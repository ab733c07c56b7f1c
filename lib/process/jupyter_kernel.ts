/** The Jupyter kernel that the process may be. */

/** The part of `Deno.jupyter` that is used here. */
export interface NotebookKernel {
  /** Shows contents by MIME type; with `update` they replace those of the same `display_id`. */
  display(bundle: unknown, options: Record<string, unknown>): Promise<void>;
}

/** The kernel, undefined outside a notebook, where `Deno.jupyter` throws. */
export function kernelHere(): NotebookKernel | undefined {
  try {
    return (Deno as { jupyter?: NotebookKernel }).jupyter;
  } catch {
    return undefined;
  }
}
