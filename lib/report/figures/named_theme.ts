/** Colours by name, which a page replaces by those of the reader's theme when it is opened. */
import { darkTheme, lightTheme, type Theme } from "./theme.ts";

/** Names instead of colours, such as "@ink". */
export const namedTheme: Theme = {
  ink: "@ink",
  muted: "@muted",
  faint: "@faint",
  teachers: lightTheme.teachers.map((_, i) => `@teacher${i}`),
  baselines: lightTheme.baselines.map((_, i) => `@baseline${i}`),
};

/** The colour of a theme for each name. */
function coloursByName(theme: Theme): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ["@ink", theme.ink],
    ["@muted", theme.muted],
    ["@faint", theme.faint],
    ...theme.teachers.map((colour, i) => [`@teacher${i}`, colour]),
    ...theme.baselines.map((colour, i) => [`@baseline${i}`, colour]),
  ]);
}

/** The colours of the two themes of a page, by name. */
export const pageThemes = { light: coloursByName(lightTheme), dark: coloursByName(darkTheme) };
