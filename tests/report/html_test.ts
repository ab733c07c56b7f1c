import { assertEquals } from "@std/assert";
import { html, jsonScript, Markup } from "../../lib/report/html.ts";

const hostile = `<b a="1" c='2'>&amp;</b>`;

Deno.test("inserted texts are escaped for elements and attributes, markup stays", () => {
  assertEquals(
    html`<p title="${hostile}">${hostile}</p>`.text.split(">").length,
    3,
    "no bracket of the text is left",
  );
  assertEquals(
    html`${hostile}`.text,
    "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;&lt;/b&gt;",
  );
  assertEquals(html`${[new Markup("<i>"), 1, undefined, ["<"]]}`.text, "<i>1&lt;");
});

Deno.test("data cannot end its script, and are read back as they were", () => {
  const { text } = jsonScript('a"', { name: "</script><script>" });
  assertEquals(text.match(/<\/script>/g)?.length, 1);
  assertEquals(text.startsWith('<script type="application/json" id="a&quot;">'), true);
  const json = text.replace(/^<[^>]*>/, "").replace(/<.*$/, "");
  assertEquals(JSON.parse(json), { name: "</script><script>" });
});
