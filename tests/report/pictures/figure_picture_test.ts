/** Pictures of figures as they are seen: mostly plot, no label cut, none upon another. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { JSDOM } from "jsdom";
import { heatMap } from "../../../lib/report/figures/heat_map.ts";
import { labelsOf } from "../../../lib/report/figures/labels.ts";
import { lightTheme } from "../../../lib/report/figures/theme.ts";
import { boxOnPage } from "../../../lib/report/pictures/svg_boxes.ts";
import { measureLetters, textWidth } from "../../../lib/report/pictures/text_widths.ts";
import { everyFigure, type FiguresOf } from "./every_figure_fixture.ts";
import { examine } from "./figure_examination_fixture.ts";

const numbered = (count: number, name: string) =>
  Array.from({ length: count }, (_, i) => `${name}_${i + 1}`);

/** Each picture takes a quarter of a second or more: where names or numbers are unusual, not every kind is drawn. */
const cases: readonly (FiguresOf & { title: string; only?: readonly string[] })[] = [
  {
    title: "an ordinary run",
    teachers: ["world_shape", "world_palette", "world_background", "world_parts"],
    tasks: ["world_shape", "world_palette", "world_count", "world_background", "world_texture"],
    steps: 200,
  },
  { title: "one teacher, one task, one step", teachers: ["a"], tasks: ["digits"], steps: 1 },
  {
    title: "very long names",
    teachers: numbered(5, "vit_large_patch14_reg4_dinov2.lvd142m_512_finetuned_on_in22k"),
    tasks: numbered(5, "satellite images of land use in forty countries of the earth"),
    steps: 20,
    only: ["run", "comparison", "profile", "bars", "Few weights", "matrix"],
  },
  {
    title: "names of other scripts",
    teachers: ["教師モデル", "Учитель", "Δάσκαλος & <Sohn>", "öğretmen"],
    tasks: ["数字", "здания", "ψηφία"],
    steps: 20,
    only: ["losses", "comparison", "matrix"],
  },
  {
    title: "forty teachers",
    teachers: numbered(40, "teacher"),
    tasks: numbered(8, "task"),
    steps: 3,
    only: ["losses", "comparison", "matrix"],
  },
];

for (const { title, only, ...of } of cases) {
  Deno.test(`pictures of figures, ${title}: half of each is plot, every label is whole`, async () => {
    const faults: string[] = [];
    for (const [name, figure] of everyFigure(of)) {
      if (only?.includes(name) === false) continue;
      const { plotShare, cutPixels, overlappingPixels, letterPixels } = await examine(figure);
      const found = `${name}: ${Math.round(100 * plotShare)} % plot, ${cutPixels} pixels cut, ` +
        `${overlappingPixels} of ${letterPixels} of letters upon others`;
      if (plotShare < 0.5 || cutPixels > 0 || overlappingPixels > 0 || letterPixels < 100) {
        faults.push(found);
      }
    }
    assertEquals(faults, []);
  });
}

Deno.test("of nothing every figure says that nothing was measured, and holds no value that is no number", () => {
  for (const [name, { data, layout }] of everyFigure({ teachers: [], tasks: [], steps: 0 })) {
    const { annotations } = layout as { annotations?: { text: string }[] };
    const empty = !JSON.stringify(data).match(/"[yz]":\[+-?[0-9]/);
    if (empty) {
      assertEquals(annotations?.map(({ text }) => text), ["nothing was measured yet"], name);
    }
  }
  const { data } = heatMap({
    ...{ rows: ["a"], columns: ["b", "c"], digits: 0, scale: "from zero", title: "" },
    values: [[NaN, 4]],
  }, lightTheme);
  assertEquals([data[0]?.z, data[0]?.text, data[0]?.zmax], [[[null, 4]], [["", "4"]], 4]);
});

Deno.test("labels keep both ends of a long name, and differ where names do", () => {
  const long = (middle: string) => `vit_large_patch14_${middle}_finetuned_in22k`;
  const labels = labelsOf([long("dinov2"), long("dinov3"), long("dinov2"), long("dinov3")]);
  const short = "vit_large_patch1…tuned_in22k";
  assertEquals(labels, [short, `${short} (2)`, short, `${short} (2)`]);
  assertEquals(labelsOf(["a<b", "c"]), ["a&lt;b", "c"]);
});

Deno.test("a letter is as wide as it is drawn, in every weight", async () => {
  assert(await measureLetters("Wi", ["sans-serif"]), "this machine has no font");
  const width = (text: string, bold = false) =>
    textWidth(text, 100, { family: "sans-serif", bold });
  assert(width("W") > 2 * width("i") && width("i") > 15, `${width("W")}, ${width("i")}`);
  assert(width("World", true) > width("World"));
  const { window } = new JSDOM(
    '<svg><g transform="translate(10,20) rotate(90)"><text x="4" ' +
      'y="0" text-anchor="end" style="font-size: 100px; font-family: sans-serif">Wi</text></g></svg>',
  );
  const box = boxOnPage(window.document.querySelector("text")!, textWidth)!;
  // Turned clockwise: what went up goes right, and the text ends 4 px below its place.
  assertAlmostEquals(box.bottom, 24, 0.01);
  assertAlmostEquals(box.bottom - box.top, width("Wi"), 0.01);
  assertAlmostEquals(box.right, 10 + 93, 0.01);
});

Deno.test("the examination sees what it looks for", async () => {
  const line = { x: [1, 2], y: [1, 2] };
  const margin = { l: 60, r: 10, t: 10, b: 40 };
  const good = await examine({ data: [line], layout: { margin } });
  assert(good.plotShare > 0.7 && good.cutPixels === 0 && good.overlappingPixels === 0);
  const small = await examine({ data: [line], layout: { margin: { ...margin, l: 600 } } });
  assert(small.plotShare < 0.2, `${small.plotShare}`);
  const cut = await examine({ data: [line], layout: { margin: { l: 4, r: 4, t: 4, b: 4 } } });
  assert(cut.cutPixels > 20, `${cut.cutPixels}`);
  const narrow = {
    legend: { orientation: "h", title: { text: "x".repeat(60), side: "top left" } },
  };
  const clipped = await examine({
    data: [1, 2, 3].map(() => ({ ...line, name: "y".repeat(20) })),
    layout: narrow,
  });
  assert(clipped.cutPixels > 20, `${clipped.cutPixels}`);
  const words = { text: "a label", showarrow: false, x: 1.5, y: 1.5 };
  const twice = { margin, annotations: [words, words] };
  const { overlappingPixels } = await examine({ data: [line], layout: twice });
  assert(overlappingPixels > 20, `${overlappingPixels}`);
});
