/** Layouts that systems and programs make: each case as a zip, and unpacked as a folder. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { openClassificationTask } from "../../../lib/evaluation/tasks/classification_task.ts";
import { openParts } from "../../../lib/evaluation/tasks/labelled_parts.ts";
import { packImages } from "../../../lib/images/packs/pack.ts";
import { listDataset } from "../../../lib/images/sources/dataset.ts";
import { openSourceFiles } from "../../../lib/images/sources/source.ts";
import { describeDataset } from "../../../lib/images/sources/summary.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { inFolder } from "../images_fixture.ts";
import { unpackZip } from "../zip_fixture.ts";

const cases = fileURLToPath(new URL("../../cases", import.meta.url));

/** What measuring reads of a case: images of train and test, and the line. */
const tasks: Record<string, { classes?: string; train?: number; test?: number; listed: string }> = {
  plain: { listed: "train: 8 images in 2 folders | test: 8 images in 2 folders" },
  wrapped: { listed: "pets/train: 8 images in 2 folders | pets/test: 8 images in 2 folders" },
  split_validation: {
    listed: "train: 8 images in 2 folders | validation: 8 images in 2 folders",
  },
  backslash: { listed: "train: 8 images in 2 folders | test: 8 images in 2 folders" },
  eadir: { listed: "train: 8 images in 2 folders | test: 8 images in 2 folders" },
  nfc_nfd: {
    classes: "café,naïve",
    listed: "train: 8 images in 2 folders | test: 8 images in 2 folders",
  },
  lost_found: {
    train: 6,
    test: 2,
    listed: "8 images in 2 folders; 2 images held out by the seed",
  },
};

for (const [name, { classes = "cat,dog", train = 8, test = 8, listed }] of Object.entries(tasks)) {
  Deno.test(`measuring reads ${name}, zipped and unpacked`, () =>
    inFolder(async (folder) => {
      const zip = `${cases}/${name}.zip`;
      await unpackZip(zip, `${folder}/unpacked`);
      for (const path of [zip, `${folder}/unpacked`]) {
        const task = await openClassificationTask(path, { canvas: 16, cache: folder });
        assertEquals(task.listed, listed);
        assertEquals([task.train.count, task.test.count], [train, test]);
        assertEquals(task.train.classes.join(), classes);
        task.close();
      }
    }));
}

Deno.test("a set is opened and listed once for both of its parts", async () => {
  const path = `${cases}/plain.zip`;
  const part = (folder: string) => ({ path, folder });
  const manifest = { name: "x", kind: "classification", description: "x" } as const;
  for (
    const parts of [
      await openParts(path, undefined, undefined),
      await openParts(path, { ...manifest, train: part("train"), test: part("TEST") }, undefined),
    ]
  ) {
    assert(parts.train.files === parts.test?.files);
    parts.close();
  }
});

Deno.test("a zip packed by bzip2 is named, with what to do", () =>
  inFolder(async (folder) => {
    const path = `${cases}/bzip2.zip`;
    const open = () => openClassificationTask(path, { canvas: 16, cache: folder });
    const { message } = await assertRejects(open, UserError);
    assertStringIncludes(message, "packed by bzip2");
    assertStringIncludes(message, "pack it again as deflate");
  }));

Deno.test("no image is passed over without a word", async () => {
  const source = await openSourceFiles(`${cases}/mixed_extensions.zip`);
  const dataset = listDataset(source);
  assertEquals(dataset.images.length + dataset.passed.length, 32);
  const skipped = Number(/skipped (\d+)/.exec(describeDataset(dataset))?.[1] ?? 0);
  assertEquals(dataset.images.length + skipped, 32);
  source.close();
});

Deno.test("no class is passed over without a word", async () => {
  const opened = await openParts(`${cases}/one_class_bmp.zip`, undefined, undefined)
    .then(
      (parts) => (parts.close(), parts.train.labelled.classes.join()),
      ({ message }) => message,
    );
  if (opened === "cat,dog,fox") return;
  assertStringIncludes(opened, '"fox" holds no image that can be read');
  assertStringIncludes(opened, ".bmp");
});

Deno.test("a library of photos is distilled without labels, zipped and unpacked", () =>
  inFolder(async (folder) => {
    const zip = `${cases}/photo_library.zip`;
    await unpackZip(zip, `${folder}/unpacked`);
    const digests = new Set<string>();
    for (const path of [zip, `${folder}/unpacked`]) {
      const options = { canvas: 16, cache: folder, labels: "unused" } as const;
      const pack = await packImages({ path }, options);
      assertEquals(pack.count, 13);
      assertEquals(pack.listed, "13 images in 2 folders");
      digests.add(pack.digest);
      pack.close();
      const open = () => openClassificationTask(path, { canvas: 16, cache: folder });
      await assertRejects(open, UserError, '"empty album" holds no image');
    }
    assertEquals(digests.size, 1);
  }));
