import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { spreadOverClasses } from "../../../lib/images/packs/spread_over_classes.ts";
import { listDataset } from "../../../lib/images/sources/dataset.ts";
import { labelTables } from "../../../lib/images/sources/label_table.ts";
import { labelledImages } from "../../../lib/images/sources/labelled_images.ts";
import { namedPart, wholePart } from "../../../lib/images/sources/parts.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { sourceOf } from "./source_fixture.ts";

type Options = { split?: string; folders?: string[] };

// deno-lint-ignore require-await -- so that its errors are rejections
async function arrange(files: string[], { split, folders }: Options = {}) {
  const dataset = listDataset(sourceOf(files, folders));
  const part = split === undefined ? wholePart(dataset) : namedPart(dataset, split);
  return labelledImages(dataset, part, labelTables(dataset));
}

async function refusal(files: string[], options: Options = {}): Promise<string> {
  return (await assertRejects(() => arrange(files, options), UserError)).message;
}

Deno.test("classes and names are sorted, labels are positions of classes", async () => {
  const { classes, images } = await arrange(["b/2.png", "a-b/9.JPG", "a/10.webp", "a/1.jpeg"]);
  assertEquals(classes, ["a", "a-b", "b"]);
  assertEquals(images, [
    { file: 1, name: "a-b/9.JPG", label: 1 },
    { file: 3, name: "a/1.jpeg", label: 0 },
    { file: 2, name: "a/10.webp", label: 0 },
    { file: 0, name: "b/2.png", label: 2 },
  ]);
});

Deno.test("a split selects the first level and is not part of the names", async () => {
  const files = ["train/a/1.png", "test/b/2.png"];
  const { classes, images } = await arrange(files, { split: "test" });
  assertEquals(classes, ["b"]);
  assertEquals(images.map(({ name }) => name), ["b/2.png"]);
});

Deno.test("images in no folder are one unnamed class", async () => {
  const { classes, images } = await arrange(["2.png", "1.png", "readme.txt"]);
  assertEquals(classes, [""]);
  assertEquals(images.map(({ name, label }) => `${name} ${label}`), ["1.png 0", "2.png 0"]);
});

Deno.test("folders within a class belong to it", async () => {
  const { classes } = await arrange(["a/images/1.png", "a/boxes.txt", "b/2.png"]);
  assertEquals(classes, ["a", "b"]);
});

Deno.test("hidden files and others are left out, and counted", async () => {
  const files = ["a/1.png", ".cache/2.png", ".cache/notes", "a/notes.txt", "a/x.JXL"];
  const { classes, images, read } = await arrange(files, { folders: ["a", ".git"] });
  assertEquals([classes.length, images.length], [1, 1]);
  assertEquals(read, "1 image in 1 folder; skipped 3: .txt 1, JPEG XL 1, hidden 1");
});

Deno.test("splits are not taken for classes", async () => {
  const message = await refusal(["train/a/1.png", "val/a/2.png"]);
  assertStringIncludes(message, '"train", "val"');
  assertStringIncludes(message, "Name one as the split");
  assertStringIncludes(
    await refusal(["cat/1.png", "dog/1.png", "test/1.png"]),
    '"test" look like splits, not classes',
  );
  assertEquals((await arrange(["bus/1.png", "train/1.png"])).classes, ["bus", "train"]);
});

Deno.test("the error of an unknown split lists those that exist", async () => {
  assertStringIncludes(await refusal(["train/a/1.png"], { split: "test" }), 'found "train"');
});

Deno.test("a class whose files were all passed over is named, with their endings", async () => {
  const options = { folders: ["cat", "dog", "elk"] };
  const message = await refusal(["cat/1.png", "dog/1.txt", "fox/1.jxl"], options);
  assertStringIncludes(message, '"dog", "elk", "fox" hold no image');
  assertStringIncludes(message, 'in "fox" is 1 other file: JPEG XL 1 (.jxl)');
  const split = { split: "train", folders: ["train", "train/cat", "train/dog", "test"] };
  assertStringIncludes(await refusal(["train/cat/1.png"], split), '"dog" holds no image');
});

Deno.test("no image, and images beside classes, are refused", async () => {
  assertStringIncludes(await refusal(["a/1.txt"]), "found 1 files, none with a name in .png");
  assertStringIncludes(await refusal(["a/1.png", "2.png"]), '"2.png" in the folder "x"');
});

Deno.test("classes that differ only in case or spaces are remarked", async () => {
  const { classes, read } = await arrange(["Cat/1.png", "cat /2.png", "dog/3.png"]);
  assertEquals(classes.length, 3);
  assertStringIncludes(read ?? "", '"Cat" and "cat " differ only in case or spaces');
});

Deno.test("a limit is spread over the classes", async () => {
  const all = await arrange(["a/1.png", "a/2.png", "a/3.png", "b/1.png", "c/1.png", "c/2.png"]);
  const names = (limit: number) => spreadOverClasses(all, limit).images.map(({ name }) => name);
  assertEquals(names(2), ["a/1.png", "b/1.png"]);
  assertEquals(names(5), ["a/1.png", "a/2.png", "b/1.png", "c/1.png", "c/2.png"]);
  assertEquals(names(99).length, 6);
  assertEquals(spreadOverClasses(all, 1).classes, ["a", "b", "c"]);
});
