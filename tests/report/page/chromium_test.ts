/** A report as a browser draws it. */
import { assert, assertEquals } from "@std/assert";
import { pathToFileURL } from "node:url";
import { type BrowserPage, findBrowser, openBrowser } from "../../../lib/report/page/browser.ts";
import { plotlyScript } from "../../../lib/report/figures/plotly_script.ts";
import { renderReport } from "../../../lib/report/page/report.ts";
import { capturePage, setViewport } from "../../../lib/report/page/screenshot.ts";
import { madeUpRun } from "../run_fixture.ts";

const missing = await findBrowser() === undefined;

/** What a page complains of, and asks others for, from now on. */
function listen(page: BrowserPage) {
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("Runtime.exceptionThrown", (event) => complaints.push(JSON.stringify(event)));
  page.on("Runtime.consoleAPICalled", (event) => {
    if (event.type === "error" || event.type === "warning") complaints.push(JSON.stringify(event));
  });
  page.on("Log.entryAdded", (event) => complaints.push(JSON.stringify(event)));
  page.on("Network.requestWillBeSent", ({ request }) => {
    const { url } = request as { url: string };
    if (!/^(?:file|data|blob):/.test(url)) requests.push(url);
  });
  return { complaints, requests };
}

/** Figures of the page that are not drawn, and by how many pixels it is too wide. */
const examination = `JSON.stringify({
  figures: document.querySelectorAll(".figure").length,
  undrawn: [...document.querySelectorAll(".figure")].filter((figure) => {
    const box = figure.querySelector("svg.main-svg")?.getBoundingClientRect();
    const traces = figure.querySelectorAll(".trace, .bars .point, .hm");
    return !box || box.width < 100 || box.height < 100 || traces.length === 0;
  }).map(({ id }) => id),
  broken: [...document.images].filter((image) => image.naturalWidth === 0).length,
  overflow: Math.max(0, document.documentElement.scrollWidth - innerWidth),
})`;

Deno.test({
  name: missing
    ? "a report opens in a browser (skipped: no Chromium on this machine)"
    : "a report opens in a browser: all figures drawn, no error, no request, nothing cut",
  ignore: missing,
  fn: async () => {
    const file = await Deno.makeTempFile({ suffix: ".html" });
    try {
      await Deno.writeTextFile(file, renderReport(madeUpRun(), { plotly: await plotlyScript() }));
      await using browser = await openBrowser();
      const { page } = browser;
      const { complaints, requests } = listen(page);
      const pictures: Uint8Array[] = [];
      for (const scheme of ["light", "dark"] as const) {
        for (const width of [1280, 390]) {
          await setViewport(page, { width, scheme });
          await page.open(pathToFileURL(file).href);
          const { figures, ...faults } = JSON.parse(String(await page.evaluate(examination)));
          assert(figures >= 9, `${figures} figures`);
          assertEquals(faults, { undrawn: [], broken: 0, overflow: 0 }, `${scheme}, ${width} px`);
          pictures.push(await capturePage(page, { width, height: 900 }));
        }
      }
      assertEquals([complaints, requests], [[], []]);
      assert(pictures[0]?.join() !== pictures[2]?.join(), "light and dark differ");
    } finally {
      await Deno.remove(file);
    }
  },
});
