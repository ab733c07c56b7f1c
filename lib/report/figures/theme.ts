/** Colours that stay apart for colour-blind eyes, on white and on black. */

/** The part that a model plays in a comparison. */
export type ModelRole = "student" | "teacher" | "baseline";

/** Colours of a figure. */
export interface Theme {
  /** Text, and the student. */
  readonly ink: string;
  /** Secondary text. */
  readonly muted: string;
  /** Grid lines. */
  readonly faint: string;
  /** Teachers, in the order of the recipe. */
  readonly teachers: readonly string[];
  /** Random networks, pixels and other baselines. */
  readonly baselines: readonly string[];
}

/** On white. The hues are those of Okabe and Ito, "Color universal design" (2008). */
export const lightTheme: Theme = {
  ink: "#1c2127",
  muted: "#68707a",
  faint: "#e4e7ea",
  teachers: [
    "#0072b2",
    "#e08e0b",
    "#009e73",
    "#c25e95",
    "#c4500a",
    "#4ba9de",
    "#9a8a00",
    "#6a51a3",
  ],
  baselines: ["#a3abb3", "#cdd2d7", "#b8bec5"],
};

/** On near black: the same hues, lighter. */
export const darkTheme: Theme = {
  ink: "#eceff2",
  muted: "#98a1ab",
  faint: "#2b3138",
  teachers: [
    "#56a9e3",
    "#f2b047",
    "#36c39b",
    "#e29bc3",
    "#ef8a4c",
    "#9bd4f5",
    "#d3c34a",
    "#ab98dc",
  ],
  baselines: ["#6d757e", "#4a5159", "#5b636b"],
};

/**
 * The colour of every model: ink for the student, one hue for each teacher, greys for the rest.
 * Teachers get their hues in the order of `models`, so that they keep them in every figure.
 *
 * @example
 * ```ts
 * import { lightTheme } from "@hashigo/hashigo/report";
 * import { modelColours } from "./theme.ts";
 * const colours = modelColours([["student", "student"], ["digits", "teacher"]], lightTheme);
 * if (colours.get("digits") !== lightTheme.teachers[0]) throw new Error("First teacher");
 * ```
 */
export function modelColours(
  models: Iterable<readonly [name: string, role: ModelRole]>,
  theme: Theme,
): Map<string, string> {
  const colours = new Map<string, string>();
  let [teachers, baselines] = [0, 0];
  for (const [name, role] of models) {
    const pick = (list: readonly string[], i: number) => list[i % list.length] ?? theme.muted;
    if (role === "teacher") colours.set(name, pick(theme.teachers, teachers++));
    else if (role === "baseline") colours.set(name, pick(theme.baselines, baselines++));
    else colours.set(name, theme.ink);
  }
  return colours;
}
