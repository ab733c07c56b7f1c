import { assertEquals, assertThrows } from "@std/assert";
import { encodeHeader, openPackFile } from "../../../lib/images/packs/pack_file.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";

const header = {
  canvas: 1,
  classes: ["a"],
  labels: [0, 0, 0, 0, 0],
  names: ["0", "1", "2", "3", "4"],
  digest: "0".repeat(64),
};

Deno.test("any images in any order are read from their own places", () =>
  inTemporaryFolder(async (folder) => {
    const head = encodeHeader(header), path = `${folder}/a.pack`;
    const pixels = Uint8Array.from({ length: 15 }, (_, i) => Math.floor(i / 3));
    await Deno.writeFile(path, Uint8Array.of(...head, ...pixels));
    const pack = openPackFile(path)!;
    for (const indices of [[0, 2], [1, 3, 4], [3, 1], [2, 2], [0, 1, 2, 3, 4], [4, 3], []]) {
      assertEquals(
        [...pack.read(indices)],
        indices.flatMap((index) => [index, index, index]),
        `${indices}`,
      );
    }
    for (const beyond of [[5], [4, 5], [-1], [0.5]]) {
      assertThrows(() => pack.read(beyond), RangeError, "from 0 to 4");
    }
    pack.close();
  }));

Deno.test("a file of another length than its header says is no pack", () =>
  inTemporaryFolder(async (folder) => {
    const head = encodeHeader(header), path = `${folder}/a.pack`;
    for (const length of [14, 16, 0]) {
      await Deno.writeFile(path, Uint8Array.of(...head, ...new Uint8Array(length)));
      assertEquals(openPackFile(path), undefined, `${length} bytes of pixels`);
    }
    await Deno.writeFile(path, Uint8Array.of(...head.subarray(0, 20)));
    assertEquals(openPackFile(path), undefined);
    assertEquals(openPackFile(`${folder}/none.pack`), undefined);
  }));
