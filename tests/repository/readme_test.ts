/** The README names tasks and files that exist; result_pages_test.ts compares its tables. */
import { assert } from "@std/assert";

const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));

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
