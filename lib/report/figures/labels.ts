/** Names of models and tasks in figures, and the room that they take. */

/** A name as it is written in a figure: one that would take the room of the plot loses its middle. */
export function label(name: string): string {
  return escapeLabel(shortened(name));
}

/** Labels of names on one axis, which must differ where the names do. */
export function labelsOf(names: readonly string[]): string[] {
  const labels = names.map(label);
  return labels.map((text, i) => {
    const alike = [...new Set(names.filter((_, k) => labels[k] === text))];
    const place = alike.indexOf(names[i]!);
    return place === 0 ? text : `${text} (${place + 1})`;
  });
}

/** Text of a label: plotly reads a little HTML there, and names come from outside. */
export function escapeLabel(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Letters of a label, at most. */
const longest = 28;

function shortened(name: string): string {
  const letters = [...name];
  if (letters.length <= longest) return name;
  return `${letters.slice(0, longest - 12).join("")}…${letters.slice(-11).join("")}`;
}

/** About how wide a label is at 13 px; browsers differ, so it is a little more than most need. */
function roughWidth(name: string): number {
  return 7.5 * [...shortened(name)].length;
}

/** About how high a legend above a plot of 680 px is: in columns as wide as the longest name. */
export function legendHeight(entries: readonly string[]): number {
  const widths = entries.map((name) => 48 + roughWidth(name));
  const columns = Math.max(1, Math.floor(680 / Math.max(1, ...widths)));
  const inOneRow = widths.reduce((sum, width) => sum + width, 0) <= 680;
  return 20 * (inOneRow ? 1 : Math.ceil(entries.length / columns));
}

/** How names stand below a plot of 680 px (slanted or upright where they are long or many), and how high beyond one line. */
export function namesBelow(names: readonly string[]): { tickangle: number; below: number } {
  const room = 680 / Math.max(1, names.length);
  const widest = Math.max(0, ...names.map(roughWidth));
  if (widest + 8 <= room) return { tickangle: 0, below: 0 };
  return room > 36 ? { tickangle: -30, below: 0.5 * widest } : { tickangle: 90, below: widest };
}
