/** Classes of a classifier, and which of them the classes of an image set are. */

/** One output of a classifier. */
export interface NamedClass {
  /** Identifier, where there is one, such as WordNet's "n01443537". */
  readonly id?: string;
  /** Names, separated by commas, such as "goldfish, Carassius auratus". */
  readonly name: string;
}

/**
 * Classes from a text of one line each, in the order of the outputs: identifier, tab, names, or names
 * alone.
 *
 * @example
 * ```ts
 * import { parseClasses } from "./class_names.ts";
 * const [first, second] = parseClasses("background\nn01440764\ttench, Tinca tinca\n");
 * if (first?.name !== "background" || second?.id !== "n01440764") throw new Error("Two classes");
 * ```
 */
export function parseClasses(text: string): NamedClass[] {
  return text.trimEnd().split(/\r?\n/).map((line) => {
    const tab = line.indexOf("\t");
    return tab < 0 ? { name: line } : { id: line.slice(0, tab), name: line.slice(tab + 1) };
  });
}

/**
 * Finds the output of each class of an image set: the one with that identifier, or else with that name,
 * or with it among its names. Capitals do not matter, nor whether words are joined by spaces, hyphens or
 * underscores.
 *
 * @param names Names of the set's classes, which are those of its folders.
 * @returns For each, the place among `classes`; undefined where none or several fit.
 *
 * @example
 * ```ts
 * import { matchClasses } from "@hashigo/hashigo/teachers";
 * import { parseClasses } from "./class_names.ts";
 * const classes = parseClasses("n1\tcrane\nn2\tcrane\nn3\tlady's slipper, orchid");
 * const places = matchClasses(["n2", "Orchid", "crane"], classes);
 * if (places.join() !== "1,2,") throw new Error("Two cranes cannot be told apart by name");
 * ```
 */
export function matchClasses(
  names: readonly string[],
  classes: readonly NamedClass[],
): (number | undefined)[] {
  const rules: ((named: NamedClass) => readonly string[])[] = [
    ({ id }) => id === undefined ? [] : [id],
    ({ name }) => [name],
    ({ name }) => name.split(","),
  ];
  const tables = rules.map((keysOf) => {
    const table = new Map<string, number[]>();
    classes.forEach((named, place) => {
      for (const key of new Set(keysOf(named).map(plain))) {
        table.set(key, [...table.get(key) ?? [], place]);
      }
    });
    return table;
  });
  return names.map((name) => {
    const places = tables.map((table) => table.get(plain(name))).find((places) => places);
    return places?.length === 1 ? places[0] : undefined;
  });
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]+/g, " ").trim();
}
