import { assertEquals, assertLess } from "@std/assert";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { listDataset } from "../../lib/images/sources/dataset.ts";
import { labelTables } from "../../lib/images/sources/label_table.ts";
import { labelledImages } from "../../lib/images/sources/labelled_images.ts";
import { namedPart } from "../../lib/images/sources/parts.ts";
import { packImages } from "../../lib/images/packs/pack.ts";
import { openSourceFiles } from "../../lib/images/sources/source.ts";
import { inFolder } from "./images_fixture.ts";

interface Entry {
  readonly file: string;
  readonly classes: number;
  readonly train: number;
  readonly test: number;
  readonly sha256: string;
}

const folder = fileURLToPath(new URL("../../data/images", import.meta.url));
const manifest: Record<string, Entry> = JSON.parse(
  Deno.readTextFileSync(`${folder}/manifest.json`),
);

Deno.test("the demo sets match the manifest", async () => {
  let bytes = 0;
  for (const { file, sha256, ...expected } of Object.values(manifest)) {
    const content = await Deno.readFile(`${folder}/${file}`);
    bytes += content.length;
    assertEquals(createHash("sha256").update(content).digest("hex"), sha256, file);
    const source = await openSourceFiles(`${folder}/${file}`);
    const dataset = listDataset(source);
    for (const split of ["train", "test"] as const) {
      const part = namedPart(dataset, split);
      const { classes, images } = await labelledImages(dataset, part, labelTables(dataset));
      assertEquals([classes.length, images.length], [expected.classes, expected[split]], file);
    }
    source.close();
  }
  assertEquals(Object.keys(manifest).sort(), ["characters", "chest_xray", "digits", "land_use"]);
  assertLess(bytes, 12e6);
});

Deno.test("the demo images decode, and are not blank", async () => {
  await inFolder(async (cache) => {
    for (const { file } of Object.values(manifest)) {
      const source = { path: `${folder}/${file}`, split: "test" };
      const pack = await packImages(source, { canvas: 32, cache, workers: 0, limit: 20 });
      for (let i = 0; i < pack.count; i++) {
        const image = pack.read([i]);
        assertLess(5, Math.max(...image) - Math.min(...image), `${file} ${pack.names[i]}`);
      }
      pack.close();
    }
  });
});
