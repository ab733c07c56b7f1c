import { assertEquals, assertNotEquals } from "@std/assert";
import { readableImages, selectImages } from "../../../lib/images/packs/select_images.ts";
import { madeUpPack } from "./made_up_pack_fixture.ts";

const pack = madeUpPack(10, ["cat", "dog"], [0, 1, 0, 1]);

Deno.test("chosen images keep their labels, names and pixels", () => {
  const chosen = selectImages(pack, [3, 0]);
  assertEquals([chosen.count, ...chosen.labels, ...chosen.names], [2, 1, 0, "13.png", "10.png"]);
  assertEquals([...chosen.read([1, 0])], [10, 10, 10, 13, 13, 13]);
});

Deno.test("another choice has another digest", () => {
  const digests = [[3, 0], [0, 3], [0]].map((indices) => selectImages(pack, indices).digest);
  assertEquals(new Set([...digests, pack.digest]).size, 4);
  assertNotEquals(
    selectImages({ ...pack, digest: "other" }, [3, 0]).digest,
    digests[0],
  );
});

Deno.test("unreadable images are left out by their names", () => {
  const quarantined = [{ name: "11.png", reason: "cut short" }];
  const readable = readableImages({ ...pack, quarantined });
  assertEquals(readable.names, ["10.png", "12.png", "13.png"]);
  assertEquals([...readable.labels], [0, 0, 1]);
  assertEquals(readableImages(pack), pack);
});
