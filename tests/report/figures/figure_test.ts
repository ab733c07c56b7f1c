import { assertEquals, assertNotEquals } from "@std/assert";
import { lineDash, lineSymbol } from "../../../lib/report/figures/figure.ts";
import { escapeLabel } from "../../../lib/report/figures/labels.ts";

Deno.test("names are no markup for plotly", () => {
  assertEquals(escapeLabel("<b>A&B</b>"), "&lt;b&gt;A&amp;B&lt;/b&gt;");
});

Deno.test("neighbouring lines differ, and there are as many as one likes", () => {
  for (let place = 0; place < 20; place++) {
    assertNotEquals(lineSymbol(place), lineSymbol(place + 1));
    assertNotEquals(lineDash(place), lineDash(place + 1));
  }
});
