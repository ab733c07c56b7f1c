import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { arrangeImageFolder } from "../../../lib/images/sources/image_folder.ts";
import { spreadOverClasses } from "../../../lib/images/packs/spread_over_classes.ts";
import { UserError } from "../../../lib/errors/user_error.ts";

function arrange(files: string[], options: { split?: string; folders?: string[] } = {}) {
  return arrangeImageFolder(
    { description: 'folder "x"', files, folders: options.folders ?? [] },
    options.split,
  );
}

function refusal(files: string[], options: { split?: string; folders?: string[] } = {}): string {
  return assertThrows(() => arrange(files, options), UserError).message;
}

Deno.test("classes and names are sorted, labels are positions of classes", () => {
  const { classes, images } = arrange(["b/2.png", "a-b/9.JPG", "a/10.webp", "a/1.jpeg"]);
  assertEquals(classes, ["a", "a-b", "b"]);
  assertEquals(images, [
    { file: 1, name: "a-b/9.JPG", label: 1 },
    { file: 3, name: "a/1.jpeg", label: 0 },
    { file: 2, name: "a/10.webp", label: 0 },
    { file: 0, name: "b/2.png", label: 2 },
  ]);
});

Deno.test("a split selects the first level and is not part of the names", () => {
  const { classes, images } = arrange(["train/a/1.png", "test/b/2.png"], { split: "test" });
  assertEquals(classes, ["b"]);
  assertEquals(images.map(({ name }) => name), ["b/2.png"]);
});

Deno.test("images in no folder are one unnamed class", () => {
  const { classes, images } = arrange(["2.png", "1.png", "readme.txt"]);
  assertEquals(classes, [""]);
  assertEquals(images.map(({ name, label }) => `${name} ${label}`), ["1.png 0", "2.png 0"]);
});

Deno.test("folders within a class belong to it", () => {
  assertEquals(arrange(["a/images/1.png", "a/boxes.txt", "b/2.png"]).classes, ["a", "b"]);
});

Deno.test("hidden files, __MACOSX and other files are left out", () => {
  const files = ["a/1.png", "a/._1.png", ".cache/2.png", "__MACOSX/a/1.png", "a/notes.txt"];
  const { classes, images } = arrange(files, { folders: ["a", ".git", "__MACOSX"] });
  assertEquals([classes.length, images.length], [1, 1]);
});

Deno.test("splits are not taken for classes", () => {
  const message = refusal(["train/a/1.png", "val/a/2.png"]);
  assertStringIncludes(message, '"train", "val"');
  assertStringIncludes(message, "Name one as the split");
});

Deno.test("the error of an unknown split lists those that exist", () => {
  assertStringIncludes(refusal(["train/a/1.png"], { split: "test" }), 'found "train"');
});

Deno.test("an empty class is named", () => {
  const options = { folders: ["cat", "dog"] };
  assertStringIncludes(refusal(["cat/1.png", "dog/1.txt"], options), '"dog" holds no image');
  const split = { split: "train", folders: ["train", "train/cat", "train/dog", "test"] };
  assertStringIncludes(refusal(["train/cat/1.png"], split), '"dog" holds no image');
});

Deno.test("no image, and images beside classes, are refused", () => {
  assertStringIncludes(refusal(["a/1.txt"]), "found 1 files, none with a name in .png");
  assertStringIncludes(refusal(["a/1.png", "2.png"]), '"2.png" in folder "x"');
});

Deno.test("a limit is spread over the classes", () => {
  const all = arrange(["a/1.png", "a/2.png", "a/3.png", "b/1.png", "c/1.png", "c/2.png"]);
  const names = (limit: number) => spreadOverClasses(all, limit).images.map(({ name }) => name);
  assertEquals(names(2), ["a/1.png", "b/1.png"]);
  assertEquals(names(5), ["a/1.png", "a/2.png", "b/1.png", "c/1.png", "c/2.png"]);
  assertEquals(names(99).length, 6);
  assertEquals(spreadOverClasses(all, 1).classes, ["a", "b", "c"]);
});
