import { assert, assertEquals } from "@std/assert";
import { nearSize } from "../../../lib/images/codec/near_size.ts";

const jpeg = { width: 4003, height: 3001, format: "jpeg", isInk: false };

Deno.test("large files are decoded to twice the canvas or a little more, JPEGs shrunk by libjpeg", () => {
  for (
    const [canvas, shrink] of [[64, 8], [164, 8], [166, 4], [290, 4], [320, 2], [512, 2]] as const
  ) {
    const near = nearSize(jpeg, 3001 / canvas);
    assert(near !== undefined && near.fastShrinkOnLoad);
    assertEquals(near.spanned, [4003 - 4003 % shrink, 3001 - 3001 % shrink], `canvas ${canvas}`);
    assert(
      near.height >= 1.9 * canvas - 1 && near.height <= 3 * canvas,
      `${near.height} of ${canvas}`,
    );
  }
});

Deno.test("other formats, inks and smaller scales are spanned whole, and near sizes are left alone", () => {
  for (const picture of [{ ...jpeg, format: "png" }, { ...jpeg, isInk: true }]) {
    const near = nearSize(picture, 3001 / 281);
    assertEquals([near?.width, near?.height, near?.fastShrinkOnLoad], [750, 562, false]);
    assertEquals(near?.spanned, [4003, 3001]);
  }
  assertEquals(nearSize(jpeg, 5)?.fastShrinkOnLoad, false);
  assertEquals(nearSize(jpeg, 3.9), undefined);
});
