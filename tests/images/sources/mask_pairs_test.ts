import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { pairMasks } from "../../../lib/images/sources/mask_pairs.ts";
import { sourceOf } from "./source_fixture.ts";

const paired: Record<string, [files: string[], images: string, masks: string, pairs: string[]]> = {
  "equal names": [
    ["i/b/2.jpg", "i/1.png", "m/1.png", "m/b/2.png"],
    "i",
    "m",
    ["i/1.png m/1.png", "i/b/2.jpg m/b/2.png"],
  ],
  "marked names": [["i/1.jpg", "m/1_mask.png"], "i", "m/", ["i/1.jpg m/1_mask.png"]],
  "marked names in one folder": [
    ["x/1.png", "x/1_mask.png", "x/2.png", "x/2_mask.png"],
    "x",
    "x",
    ["x/1.png x/1_mask.png", "x/2.png x/2_mask.png"],
  ],
  "JPEG and PNG at the top": [["1.jpg", "1.png"], ".", ".", ["1.jpg 1.png"]],
  "names that all begin and end alike": [
    [
      "i/a_1_leftImg8bit.png",
      "i/a_2_leftImg8bit.png",
      "m/gt_a_1_labelIds.png",
      "m/gt_a_2_labelIds.png",
    ],
    "i",
    "m",
    ["i/a_1_leftImg8bit.png m/gt_a_1_labelIds.png", "i/a_2_leftImg8bit.png m/gt_a_2_labelIds.png"],
  ],
};

for (const [name, [files, images, masks, expected]] of Object.entries(paired)) {
  Deno.test(`masks are paired: ${name}`, () => {
    const pairs = pairMasks(sourceOf(files), { images, masks });
    assertEquals(pairs.map(({ image, mask }) => `${files[image]} ${files[mask]}`), expected);
  });
}

const refused: Record<string, [files: string[], masks: string, fault: string]> = {
  "an image alone": [["i/1.jpg", "i/2.jpg", "m/1.png"], "m", 'none for the image "2"'],
  "a mask alone": [["i/1.jpg", "m/1.png", "m/2.png"], "m", 'no image for the mask "2"'],
  "two images of one name": [["i/1.jpg", "i/1.png", "m/1.png"], "m", "found 2 images"],
  "COCO annotations": [["i/1.jpg", "annotations/instances.json"], "annotations", "annToMask"],
  "a file of annotations": [["i/1.jpg", "instances.json"], "instances.json", "annToMask"],
};

for (const [name, [files, masks, fault]] of Object.entries(refused)) {
  Deno.test(`masks are refused: ${name}`, () => {
    assertThrows(() => pairMasks(sourceOf(files), { images: "i", masks }), UserError, fault);
  });
}
