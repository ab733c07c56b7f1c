/** What all pages with figures share: style, themes, the plotting library, and the script that draws. */
import { pageThemes } from "../figures/named_theme.ts";
import { html, jsonScript, Markup, type Part } from "../html.ts";
import { reportScript, reportStyle } from "./report_style.ts";
import type { Section } from "./sections/section.ts";

/** The parts of a page. */
export interface PageParts {
  /** Title of the window, before the name of the package. */
  readonly title: string;
  /** Above the sections. */
  readonly head: Markup;
  /** In order. */
  readonly sections: readonly Section[];
  /** Below the sections. */
  readonly foot: Part;
  /** Source of the plotting library, which becomes part of the page. */
  readonly plotly: string;
}

/** One self-contained page, which asks for nothing. */
export function framedPage({ title, head, sections, foot, plotly }: PageParts): string {
  const figures = Object.assign({}, ...sections.map((section) => section.figures ?? {}));
  const page = html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title} · Hashigo</title>
        <style>${new Markup(reportStyle)}</style>
      </head>
      <body>
    <main>
    ${head}
    ${sections.map(({ markup }) => markup)}
    <footer>
    ${foot}
    </footer>
    </main>
    <noscript><p class="note">The figures need JavaScript; the tables do not.</p></noscript>
    ${jsonScript("figures", figures)}
    ${jsonScript("themes", pageThemes)}
    <script>${new Markup(plotly)}</script>
    <script>${new Markup(reportScript)}</script>
      </body>
    </html>
  `;
  return page.text;
}
