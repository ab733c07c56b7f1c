/** Style sheet and script of a report, for light and dark. */

/** Style sheet of a report. */
export const reportStyle = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1c2127, #eceff2);
  --muted: light-dark(#68707a, #98a1ab);
  --faint: light-dark(#e4e7ea, #2b3138);
  --page: light-dark(#fcfcfb, #14171a);
  --card: light-dark(#ffffff, #1a1e22);
}
* { box-sizing: border-box; }
body {
  margin: 0;
  background: var(--page);
  color: var(--ink);
  font: 16px/1.55 Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", sans-serif;
  -webkit-font-smoothing: antialiased;
}
main { max-width: 1040px; margin: 0 auto; padding: 56px 32px 64px; }
header p.kicker {
  margin: 0 0 6px;
  color: var(--muted);
  font-size: 13px;
  letter-spacing: 0.04em;
}
h1 { margin: 0; font-size: 34px; line-height: 1.2; font-weight: 650; letter-spacing: -0.02em; }
h2 { margin: 56px 0 14px; font-size: 20px; font-weight: 620; letter-spacing: -0.01em; }
h3 { margin: 28px 0 4px; font-size: 15px; font-weight: 600; }
p.lede { margin: 14px 0 0; max-width: 46em; font-size: 18px; line-height: 1.5; }
p.note { margin: 8px 0 0; max-width: 52em; color: var(--muted); font-size: 14px; }
.facts {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(170px, 1fr));
  gap: 1px;
  margin: 32px 0 0;
  border: 1px solid var(--faint);
  border-radius: 12px;
  background: var(--faint);
  overflow: hidden;
}
.facts div { padding: 16px 20px 15px; background: var(--card); }
.facts dt { color: var(--muted); font-size: 13px; }
.facts dd { margin: 3px 0 0; font-size: 25px; font-weight: 620; letter-spacing: -0.02em; }
.facts dd small { color: var(--muted); font-size: 14px; font-weight: 400; letter-spacing: 0; }
.facts dd small.below { display: block; line-height: 1.4; }
.card {
  border: 1px solid var(--faint);
  border-radius: 12px;
  background: var(--card);
  padding: 14px 18px 10px;
}
.card + .card { margin-top: 16px; }
.card h3 { margin: 4px 0 0; }
.card + h3, .note + h3 { margin-top: 32px; }
.grid {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(280px, 1fr));
  gap: 16px;
  margin: 16px 0;
}
.grid .card + .card { margin-top: 0; }
.grid .card { min-width: 0; }
.figure { min-height: 190px; }
figure { margin: 0; }
figcaption { margin: 4px 0 8px; font-size: 15px; font-weight: 600; }
.scroll { overflow-x: auto; }
table {
  width: 100%;
  border-collapse: collapse;
  font-size: 15px;
  font-variant-numeric: tabular-nums;
}
th, td { padding: 8px 0 8px 20px; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { padding-left: 0; text-align: left; }
thead th { color: var(--muted); font-size: 13px; font-weight: 500; }
tbody tr { border-top: 1px solid var(--faint); }
tbody tr.student td { font-weight: 600; }
td small { color: var(--muted); font-size: 12px; font-weight: 400; }
td .best { border-bottom: 2px solid currentColor; }
tr.baseline td { color: var(--muted); }
.verdict { display: inline-block; min-width: 4.2em; text-align: left; }
.verdict.win { color: light-dark(#00704f, #36c39b); font-weight: 600; }
.verdict.loss { color: light-dark(#a8420a, #ef8a4c); font-weight: 600; }
.verdict.tie { color: var(--muted); }
table.pictures { width: auto; }
table.pictures tr { border: 0; }
table.pictures th, table.pictures td { padding: 3px 6px 3px 0; }
table.pictures th { padding-right: 16px; font-size: 14px; font-weight: 500; text-align: left; }
table.pictures th small { display: block; color: var(--muted); font-size: 12px; font-weight: 400; }
table.pictures img { display: block; width: 112px; height: 112px; border-radius: 4px; image-rendering: pixelated; }
ul.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 12px 0 6px; padding: 0; list-style: none; }
ul.legend li { color: var(--muted); font-size: 13px; }
.dot {
  display: inline-block;
  width: 10px;
  height: 10px;
  margin-right: 9px;
  border-radius: 3px;
  background: light-dark(var(--light), var(--dark));
}
details { margin-top: 12px; }
summary { cursor: pointer; color: var(--muted); font-size: 14px; }
pre {
  overflow-x: auto;
  margin: 12px 0 0;
  padding: 16px 20px;
  border: 1px solid var(--faint);
  border-radius: 12px;
  background: var(--card);
  font: 13px/1.5 ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, monospace;
}
.setting {
  display: grid;
  grid-template-columns: max-content 1fr;
  gap: 6px 24px;
  margin: 0;
  font-size: 15px;
}
.setting dt { color: var(--muted); }
.setting dd { margin: 0; overflow-wrap: anywhere; }
footer { margin-top: 56px; padding-top: 16px; border-top: 1px solid var(--faint); }
footer p { margin: 2px 0; color: var(--muted); font-size: 13px; overflow-wrap: anywhere; }
@media (max-width: 640px) {
  main { padding: 32px 16px 48px; }
  h1 { font-size: 27px; }
  .card { padding: 12px 12px 8px; }
  table.pictures img { width: 72px; height: 72px; }
}
@media print { main { padding: 0; } .card { break-inside: avoid; } }
`;

/**
 * Draws the figures in the colours of the reader's theme, and again when it changes. Colours in the
 * figures are names such as "@ink" that stand for a theme's colour.
 */
export const reportScript = `
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const [figures, themes] = [read("figures"), read("themes")];
const dark = matchMedia("(prefers-color-scheme: dark)");
const paint = (value, theme) => {
  if (typeof value === "string") return Object.hasOwn(theme, value) ? theme[value] : value;
  if (Array.isArray(value)) return value.map((item) => paint(item, theme));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, paint(item, theme)]));
};
const draw = () => {
  for (const [id, figure] of Object.entries(figures)) {
    const { data, layout } = paint(figure, dark.matches ? themes.dark : themes.light);
    Plotly.react(id, data, layout, { responsive: true, displayModeBar: false });
  }
};
dark.addEventListener("change", draw);
draw();
`;
