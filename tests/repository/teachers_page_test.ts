/** docs/teachers.md: its own teacher runs, its table is complete, its links lead somewhere. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { convolutionalFamilies } from "../../lib/teachers/convolutional/families.ts";
import { teacherFamilies } from "../../lib/teachers/families/families.ts";

const page = new URL("../../docs/teachers.md", import.meta.url);
const text = await Deno.readTextFile(page);

Deno.test("the teacher of one's own has under 25 lines, and runs as it stands", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--doc", "--quiet", page.pathname],
    env: { NO_COLOR: "1" },
  }).output();
  const report = new TextDecoder().decode(stdout);
  assertEquals(code, 0, report);
  assertStringIncludes(report, "1 passed");
  const [, object = ""] = text.match(/(const input = [\s\S]*?^};)/m) ?? [];
  assertStringIncludes(object, "const colours: Teacher");
  assert(object.split("\n").length < 25);
});

Deno.test("the table has every family and its licence", () => {
  const [, section = ""] = text.match(/^## The families\n([\s\S]*?)^## /m) ?? [];
  const rows = [...section.matchAll(/^\| `(\w+)`.*\| ([^|]+?) +\|$/gm)]
    .map(([, name = "", licence = ""]) => [name, licence]);
  assertEquals(
    Object.fromEntries(rows),
    Object.fromEntries(
      Object.entries({ ...teacherFamilies, ...convolutionalFamilies }).map(([name, { licence }]) =>
        [name, licence === "NOASSERTION" ? "the file's own" : licence] as const
      ),
    ),
  );
});

Deno.test("every file that the page points at exists", async () => {
  for (const [, path = ""] of text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
    assert((await Deno.stat(new URL(path, page))).isFile, path);
  }
});
