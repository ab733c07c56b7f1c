/** What each teacher has that another lacks, as a heat map. */
import type { Selection } from "../../evaluation/selection/selection.ts";
import type { Figure, FigureOptions } from "./figure.ts";
import { heatMap } from "./heat_map.ts";
import { lightTheme } from "./theme.ts";

/**
 * The part of each teacher's features (column) that another's (row), or all others' together, do not predict:
 * 1 - R² on held-out images, a little above 1 where nothing is predicted. Dark columns have much of their own.
 *
 * @example
 * ```ts
 * import { complementFigure } from "@hashigo/hashigo/notebook";
 * const teachers = [{ name: "a" }, { name: "b" }];
 * const { data } = complementFigure({ teachers, complements: [[0, 0.8], [0.3, 0]], ownPart: [0.3, 0.8] });
 * if (JSON.stringify(data[0]?.z) !== "[[null,0.8],[0.3,null],[0.3,0.8]]") throw new Error("b has more");
 * ```
 */
export function complementFigure(
  { teachers, complements, ownPart }: {
    readonly teachers: readonly { readonly name: string }[];
    readonly complements: Selection["complements"];
    readonly ownPart: Selection["ownPart"];
  },
  options: Pick<FigureOptions, "theme"> = {},
): Figure {
  const names = teachers.map(({ name }) => name);
  return heatMap({
    rows: [...names.map((name) => `beside ${name}`), "beside all others"],
    columns: names,
    values: [
      ...complements.map((row, known) => row.map((value, other) => known === other ? null : value)),
      ownPart,
    ],
    scale: "from zero",
    highest: 1,
    digits: 2,
    title: "part of the column's features that is new",
  }, options.theme ?? lightTheme);
}
