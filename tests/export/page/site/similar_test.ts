import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { startEngine } from "../../../../lib/engine/backend.ts";
import { decodeImage } from "../../../../lib/images/codec/decode.ts";
import { decide } from "../../../../lib/inference/head.ts";
import { nearestImages, neighbourIndex } from "../../../../lib/inference/neighbours.ts";
import { preparePixels } from "../../../../lib/export/page/site/prepare.ts";
import {
  decideClass,
  galleryOf,
  nearest,
  patchColours,
} from "../../../../lib/export/page/site/similar.ts";
import { randomStream } from "../../../../lib/tensors/random.ts";
import sharp from "sharp";
import { png } from "../../../images/images_fixture.ts";

Deno.test("the page finds the neighbours that the search command finds", async () => {
  await startEngine();
  const width = 7, random = randomStream(0);
  const features = random.at("gallery").normal(30 * width).map((value) => value + 5);
  const feature = random.at("query").normal(width).map((value) => value + 5);
  const [expected] = await nearestImages(
    neighbourIndex({ features, width }),
    { features: feature, width },
    { count: 6 },
  );
  const found = nearest(galleryOf(features, width), feature, 6);
  assertEquals(found.map(({ image }) => image), expected!.map(({ image }) => image));
  found.forEach(({ similarity }, i) =>
    assertAlmostEquals(similarity, expected![i]!.similarity, 1e-5)
  );
});

Deno.test("the page decides as the classify command does", () => {
  const classes = ["ill", "well", "other"];
  const matrix = { classes, costs: Float64Array.of(0, 9, 1, 1, 0, 2, 3, 1, 0) };
  for (
    const [costs, rejection] of [[undefined, undefined], [undefined, 0.4], [matrix, 0.5]] as const
  ) {
    for (const probabilities of [[0.7, 0.2, 0.1], [0.1, 0.85, 0.05], [0.34, 0.33, 0.33]]) {
      const row = Float32Array.from(probabilities);
      const [expected] = decide({ classes, costs, rejection }, row);
      const own = decideClass({ classes, costs: costs && [...costs.costs], rejection }, row);
      assertEquals([classes[own.class], own.unsure], [expected!.class, expected!.unsure]);
    }
  }
});

Deno.test("a photo of any size is prepared as it was in training", async () => {
  for (const [width, height] of [[80, 60], [33, 90], [16, 16]] as const) {
    const file = await png(3, width, height);
    const { data } = await sharp(file).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    const input = { size: 16, mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3] };
    const values = preparePixels({ data: new Uint8ClampedArray(data), width, height }, input);
    const expected = await decodeImage(file, 16);
    values.forEach((value, i) => {
      const channel = Math.floor(i / 256), pixel = i % 256;
      const byte = 255 * (value * input.std[channel]! + input.mean[channel]!);
      assertAlmostEquals(byte, expected[3 * pixel + channel]!, 1e-3);
    });
  }
});

Deno.test("what is transparent is laid on white", () => {
  const pixels = { data: Uint8ClampedArray.of(0, 0, 0, 0), width: 1, height: 1 };
  const values = preparePixels(pixels, { size: 1, mean: [0, 0, 0], std: [1, 1, 1] });
  assertEquals([...values], [1, 1, 1]);
});

Deno.test("patches between the ends of an axis are from dark to bright", () => {
  const colours = {
    ...{ mean: [1, 1, 1], axes: [1, 0, 0, 0, 1, 0, 0, 0, 1] },
    ...{ low: [-1, -1, -1] as const, high: [1, 1, 1] as const },
  };
  const found = patchColours(
    { ...colours, low: [...colours.low], high: [...colours.high] },
    Float32Array.of(1, 2, 0, 9, -9, 1.5),
  );
  assertEquals([...found], [128, 255, 0, 255, 0, 191]);
  assert(found.length === 6);
});
