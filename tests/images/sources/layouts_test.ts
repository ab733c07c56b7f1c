/** Layouts of labelled sets, each with the labels that are read. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { listDataset } from "../../../lib/images/sources/dataset.ts";
import { labelTables } from "../../../lib/images/sources/label_table.ts";
import { labelledImages } from "../../../lib/images/sources/labelled_images.ts";
import { type Part, taskParts } from "../../../lib/images/sources/parts.ts";
import { sourceOf } from "./source_fixture.ts";

type Files = readonly string[] | Readonly<Record<string, string>>;

/** Train and test of a set as "name:class name:class | …", and the lines that say what was read. */
async function read(files: Files, split?: string[]): Promise<{ parts: string; lines: string[] }> {
  const dataset = listDataset(sourceOf(files));
  const tables = labelTables(dataset);
  const { train, test } = await taskParts(dataset, tables, split);
  const lines: string[] = [];
  const show = async (part: Part) => {
    const { classes, images, read = "" } = await labelledImages(dataset, part, tables);
    lines.push(read);
    return images.map(({ name, label }) => `${name}:${classes[label]}`).join(" ");
  };
  const shown = await show(train);
  return { parts: test === undefined ? shown : `${shown} | ${await show(test)}`, lines };
}

const x = "x";
const layouts: Record<string, [files: Files, parts: string, line?: string]> = {
  "class folders": [["a/1.png", "b/2.png"], "a/1.png:a b/2.png:b"],
  "wrapped class folders": [["set/a/1.png", "set/b/2.png"], "a/1.png:a b/2.png:b"],
  "wrapped twice, with a readme": [
    ["x/y/a/1.png", "x/y/b/2.png", "README.md"],
    "a/1.png:a b/2.png:b",
  ],
  "parts in any case": [
    ["Training/a/1.png", "TESTING/a/2.png"],
    "a/1.png:a | a/2.png:a",
  ],
  "validation where there is no test": [
    ["train/a/1.png", "Validation/a/2.png"],
    "a/1.png:a | a/2.png:a",
  ],
  "test before validation": [
    ["train/a/1.png", "val/a/2.png", "test/a/3.png"],
    "a/1.png:a | a/3.png:a",
  ],
  "a common prefix, wrapped again, beside unlabelled images": [
    ["seg_train/seg_train/a/1.png", "seg_test/seg_test/a/2.png", "seg_pred/3.png"],
    "a/1.png:a | a/2.png:a",
  ],
  "a common suffix": [["train2017/a/1.png", "val2017/a/2.png"], "a/1.png:a | a/2.png:a"],
  "parts below images": [["images/train/a/1.png", "images/val/a/2.png"], "a/1.png:a | a/2.png:a"],
  "a part alone": [["val/a/1.png", "val/b/2.png"], "a/1.png:a b/2.png:b"],
  "a table": [
    { "1.png": x, "2.png": x, "labels.csv": "image,label\n1.png,cat\n2.png,dog\n" },
    "1.png:cat 2.png:dog",
    "2 images; labels from labels.csv",
  ],
  "a table with CRLF, BOM, semicolons and other heads, of images in a folder": [
    {
      "images/1.png": x,
      "images/2.png": x,
      "data.csv": '\ufeffFile Name;note;"Class"\r\n1.png;"a;b"; cat \r\nimages/2.png;;dog\r\n',
    },
    "images/1.png:cat images/2.png:dog",
  ],
  "paths of another machine, and rows without image": [
    {
      "1.png": x,
      "2.png": x,
      "l.csv": "path,class\n/home/me/1.png,a\nC:\\\\me\\2.png,b\ngone.png,a\n",
    },
    "1.png:a 2.png:b",
    "2 images; labels from l.csv; 1 row of it name no image",
  ],
  "identifiers without ending, and an image without label": [
    { "1f.png": x, "2f.png": x, "3f.png": x, "l.csv": "id,label\n1f,a\n2f,b\n" },
    "1f.png:a 2f.png:b",
    "2 images; labels from l.csv; skipped 1: without label 1",
  ],
  "metadata.csv in each part": [
    {
      "train/1.png": x,
      "train/metadata.csv": "file_name,label\n1.png,a\n",
      "test/1.png": x,
      "test/metadata.csv": "file_name,label\n1.png,a\n",
    },
    "1.png:a | 1.png:a",
  ],
  "metadata.jsonl, before other tables": [
    {
      "1.png": x,
      "2.png": x,
      "metadata.jsonl": '{"file_name": "1.png", "label": 0}\n{"file_name": "2.png", "label": 1}\n',
      "other.csv": "image,label\n1.png,x\n",
    },
    "1.png:0 2.png:1",
  ],
  "a table for each part, of images in one folder": [
    {
      "images/1.png": x,
      "images/2.png": x,
      "train.csv": "image,label\n1.png,a\n",
      "test.csv": "image,label\n2.png,a\n",
    },
    "images/1.png:a | images/2.png:a",
  ],
  "a column of parts": [
    { "1.png": x, "2.png": x, "l.csv": "image,label,split\n1.png,a,train\n2.png,a,test\n" },
    "1.png:a | 2.png:a",
  ],
  "a table that is about something else": [
    { "a/1.png": x, "b/2.png": x, "results.csv": "epoch,loss\n1,2\n" },
    "a/1.png:a b/2.png:b",
    "2 images in 2 folders; skipped 1: .csv 1",
  ],
  "masks are no images": [
    ["a/1.jpg", "a/1_mask.png", "b/2.jpg", "b/2-mask.png"],
    "a/1.jpg:a b/2.jpg:b",
    "2 images in 2 folders; skipped 2: mask 2",
  ],
  "names with line breaks": [["a/1\n.png", "b/2.png"], "a/1\n.png:a b/2.png:b"],
};

for (const [name, [files, parts, line]] of Object.entries(layouts)) {
  Deno.test(`labels are read: ${name}`, async () => {
    const found = await read(files);
    assertEquals(found.parts, parts);
    if (line !== undefined) assertEquals(found.lines[0], line);
  });
}

Deno.test("a user names the parts, by folder or by what they are for", async () => {
  const files = ["TRAIN_SET/a/1.png", "holdout/a/2.png", "Validation/a/3.png"];
  assertEquals((await read(files, ["train_set", "holdout"])).parts, "a/1.png:a | a/2.png:a");
  assertEquals((await read(files, ["holdout", "val"])).parts, "a/2.png:a | a/3.png:a");
  assertEquals((await read(files, ["./holdout/"])).parts, "a/2.png:a");
  const { message } = await assertRejects(() => read(files, ["no"]), UserError);
  assertStringIncludes(message, 'found "TRAIN_SET", "Validation", "holdout" there');
});

const refused: Record<string, [files: Files, fault: string]> = {
  "two labels": [
    { "1.png": x, "l.csv": "image,label\n1.png,a\n1.png,b\n" },
    '"1.png" has two, "a" and "b"',
  ],
  "two tables": [
    { "1.png": x, "l.csv": "image,label\n1.png,a\n", "m.csv": "image,label\n1.png,b\n" },
    'found 2 tables of them, "l.csv", "m.csv"',
  ],
  "a short line": [
    { "1.png": x, "l.csv": "image,label\n1.png\n" },
    "line 2 has 1 cells, expected 2",
  ],
  "lines that are no JSON": [{ "1.png": x, "metadata.jsonl": "{" }, "line 1 is no JSON"],
  "several labels": [
    { "1.png": x, "metadata.jsonl": '{"file_name": "1.png", "label": [1, 2]}' },
    '"label" is no single label',
  ],
  "classes beside a test part": [["a/1.png", "b/1.png", "test/1.png"], "look like splits"],
  "masks in a folder of their own": [
    ["images/1.jpg", "masks/1.png"],
    "Masks and COCO annotations are measured by a manifest",
  ],
  "COCO annotations beside images": [
    ["images/1.jpg", "annotations/instances.json"],
    "see docs/own_data.md",
  ],
};

for (const [name, [files, fault]] of Object.entries(refused)) {
  Deno.test(`labels are refused: ${name}`, async () => {
    const { message } = await assertRejects(() => read(files), UserError);
    assertStringIncludes(message, fault);
  });
}
