/** How long the runs of a notebook are. */

/**
 * Steps of a run in a notebook: `full`, or `short` where `HASHIGO_SHORT` is set, as by `deno task notebooks
 * --short`.
 *
 * @example
 * ```ts
 * import { notebookSteps } from "@hashigo/hashigo/notebook";
 * const steps = notebookSteps(600, 12);
 * if (steps !== 600 && steps !== 12) throw new Error("One of the two");
 * ```
 */
export function notebookSteps(full: number, short: number): number {
  return Deno.env.get("HASHIGO_SHORT") ? short : full;
}
