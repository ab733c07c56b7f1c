import { assertEquals } from "@std/assert";
import { spreadOverClasses } from "../../../lib/images/packs/spread_over_classes.ts";

Deno.test("images are taken from all classes in turn, and stay in the order of the folder", () => {
  const images = [0, 0, 0, 1, 1, 2].map((label, file) => ({ file, name: `${file}.png`, label }));
  const kept = (limit: number) =>
    spreadOverClasses({ classes: ["a", "b", "c"], images }, limit).images.map(({ file }) => file);
  assertEquals(kept(3), [0, 3, 5]);
  assertEquals(kept(4), [0, 1, 3, 5]);
  assertEquals(kept(100), [0, 1, 2, 3, 4, 5]);
});
