import { assertLess } from "@std/assert";
import { decodeImage } from "../../../lib/images/codec/decode.ts";
import golden from "../../golden/images/decoding.json" with { type: "json" };

for (const { name, canvas, mean, background, file, pixels } of golden) {
  Deno.test(`${name} at ${canvas} px: Pillow's pixels, to ${mean} of 255 on average`, async () => {
    const expected = Uint8Array.fromBase64(pixels);
    const decoded = await decodeImage(Uint8Array.fromBase64(file), canvas, { background });
    let sum = 0;
    decoded.forEach((value, i) => sum += Math.abs(value - expected[i]!));
    assertLess(sum / decoded.length, mean);
  });
}
