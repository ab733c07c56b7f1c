/** Links between the pages and into the code lead somewhere. */
import { assert } from "@std/assert";

const docs = new URL("../../docs/", import.meta.url);

Deno.test("every file that a page of docs points at exists", async () => {
  let links = 0;
  for await (const { name } of Deno.readDir(docs)) {
    if (!name.endsWith(".md")) continue;
    const text = await Deno.readTextFile(new URL(name, docs));
    for (const [, path = ""] of text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)) {
      const exists = await Deno.stat(new URL(path, docs)).then(() => true, () => false);
      assert(exists, `${name} points at ${path}`);
      links++;
    }
  }
  assert(links > 100, `found ${links} links`);
});
