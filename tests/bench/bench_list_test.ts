import { assertEquals, assertMatch } from "@std/assert";
import { benchList, listTable } from "../../lib/bench/bench_list.ts";

Deno.test("the bench's own zip and folder are listed whole, each in a process of its own", async () => {
  const result = await benchList({ zipImages: 250, folderImages: 120 });
  assertEquals([result.zip.images, result.folder.images], [250, 120]);
  const table = listTable(result).join("\n");
  assertMatch(table, /zip of 250 images: listed in \d+\.\d\d s, \d+ MB/);
  assertMatch(table, /folder of 120 images/);
});
