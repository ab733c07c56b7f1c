/** What notebooks show: every kind in every form, live output that leaves the run its time. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import sharp from "sharp";
import { figurePng } from "../../../lib/report/pictures/figure_picture.ts";
import { heatMap } from "../../../lib/report/figures/heat_map.ts";
import { liveView, show } from "../../../lib/report/notebook/show.ts";
import {
  jupyterDisplay,
  notebookFigure,
  notebookPicture,
  notebookTable,
} from "../../../lib/report/notebook/view.ts";
import { lightTheme } from "../../../lib/report/figures/theme.ts";

const figure = {
  data: [{ x: [1, 2, 3], y: [3, 1, 2], name: "digits" }],
  layout: { height: 300, xaxis: { title: { text: "step" } } },
};

Deno.test("a figure is plotly's, a picture of its own size, and words", async () => {
  const bundle = await notebookFigure(figure, "a course")[jupyterDisplay]();
  const { data: traces, layout } = figure;
  assertEquals(bundle["application/vnd.plotly.v1+json"], {
    data: traces,
    // Dark notebooks would show dark letters on their own ground.
    layout: { ...layout, paper_bgcolor: "#ffffff" },
  });
  assertEquals(bundle["text/plain"], "a course");
  const png = Uint8Array.fromBase64(String(bundle["image/png"]));
  const { width, height, channels, data } = await sharp(png).raw().toBuffer({
    resolveWithObject: true,
  })
    .then(({ data, info }) => ({ ...info, data }));
  assertEquals([width, height], [1520, 600]);
  // Not a blank page: the line is drawn in plotly's blue.
  let blue = 0;
  for (let i = 0; i < data.length; i += channels) {
    if (data[i]! < 80 && data[i + 2]! > 140) blue++;
  }
  assert(blue > 500, `${blue} blue pixels`);
});

Deno.test("a heat map has its colours in the picture", async () => {
  const input = {
    title: "t",
    digits: 0,
    scale: "from zero",
    rows: ["a"],
    columns: ["b", "c"],
  } as const;
  const map = heatMap({ ...input, values: [[0, 100]] }, lightTheme);
  const { data, info } = await sharp(await figurePng(map)).raw().toBuffer({
    resolveWithObject: true,
  });
  let dark = 0;
  for (let i = 0; i < data.length; i += info.channels) if (data[i]! + data[i + 1]! < 260) dark++;
  assert(dark > info.width * info.height / 20, `${dark} dark pixels`);
});

Deno.test("a table escapes what it shows, and has a text form; a picture is base64", async () => {
  const table = await notebookTable(["model"], [["<b>"]])[jupyterDisplay]();
  assertStringIncludes(String(table["text/html"]), ">&lt;b&gt;</td>");
  assertStringIncludes(table["text/plain"], "<b>");
  const picture = await notebookPicture(Uint8Array.of(255), "white")[jupyterDisplay]();
  assertEquals(picture["image/png"], "/w==");
});

/** What a function prints. */
async function printed(run: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => void lines.push(line);
  try {
    await run();
  } finally {
    console.log = log;
  }
  return lines;
}

Deno.test("outside a notebook text is printed, of a live view only the last", async () => {
  const lines = await printed(async () => {
    await show("hello");
    const live = liveView("a");
    await live.update(() => notebookPicture(new Uint8Array(), "first"));
    await live.end(() => notebookPicture(new Uint8Array(), "last"));
  });
  assertEquals(lines, ["hello", "last"]);
});
