/** What the README says of results is what the runs wrote. */
import { assert, assertStringIncludes } from "@std/assert";

const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));

Deno.test("every table of the README is the one that its run recorded", async () => {
  const readme = await read("README.md");
  const blocks = [
    ...readme.matchAll(/<!-- (data\/results\/[\w.]+)[^>]*-->\n([\s\S]*?)<!-- end -->/g),
  ];
  assert(blocks.length >= 2, `found ${blocks.length} tables`);
  for (const [, path = "", text = ""] of blocks) {
    assert(text.trim().length > 0, `${path} has no table in the README`);
    assertStringIncludes(await read(path), text.trim());
  }
});

Deno.test("the README's two commands are tasks", async () => {
  const { tasks } = JSON.parse(await read("deno.json"));
  const readme = await read("README.md");
  for (const [, name = ""] of readme.matchAll(/deno@2\.9\.6 task (\w+)/g)) {
    assert(name in tasks, `deno task ${name} is in the README, not in deno.json`);
  }
});

Deno.test("every file that the README points at exists", async () => {
  const readme = await read("README.md");
  for (const [, path = ""] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
    assert((await Deno.stat(new URL(`../../${path}`, import.meta.url))) !== undefined, path);
  }
});
