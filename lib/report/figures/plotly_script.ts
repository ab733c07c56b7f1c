/** The source of the plotting library, so that a report needs no network. */

/**
 * Source of plotly's cartesian bundle (lines, bars, heat maps), 1.5 MB (MIT licence).
 *
 * @example
 * ```ts
 * import { plotlyScript } from "@hashigo/hashigo/report";
 * if (!(await plotlyScript()).includes("plotly.js")) throw new Error("Another file");
 * ```
 */
export async function plotlyScript(): Promise<string> {
  // Imported as text: the address of a package that nothing imports is no file.
  const { default: source }: { readonly default: string } = await import(
    "plotly.js-cartesian-dist-min",
    {
      with: { type: "text" },
    }
  );
  // Inside a script element this would end the element.
  return source.replaceAll("</script", "<\\/script");
}
