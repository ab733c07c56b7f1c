/** A set of images with masks. */
import { dirname } from "node:path";
import sharp from "sharp";

/** Images whose left half is red and of class 1, the right half blue and of class 0. */
export async function paint(
  folder: string,
  mask: { readonly width?: number; readonly value?: number } = {},
): Promise<string> {
  for (const part of ["train", "test"]) {
    for (let i = 0; i < 4; i++) {
      const size = 16, width = mask.width ?? size;
      const left = (at: number) => at % size < 6 + i;
      const pixels = Uint8Array.from(
        { length: size * size * 3 },
        (_, at) => at % 3 === (left(Math.floor(at / 3)) ? 0 : 2) ? 200 : 20,
      );
      const classes = Uint8Array.from(
        { length: width * size },
        (_, at) => at === 0 && mask.value !== undefined ? mask.value : left(at) ? 1 : 0,
      );
      await save(`${folder}/images/${part}/${i}.png`, pixels, {
        width: size,
        height: size,
        channels: 3,
      });
      await save(`${folder}/masks/${part}/${i}.png`, classes, { width, height: size, channels: 1 });
    }
  }
  const path = `${folder}/halves.dense.json`;
  const places = (part: string) => ({ images: `images/${part}`, masks: `masks/${part}` });
  await Deno.writeTextFile(
    path,
    JSON.stringify({
      kind: "segmentation",
      description: "Red before blue",
      path: ".",
      train: places("train"),
      test: places("test"),
      classes: ["blue", "red"],
      ignore: [255],
      canvas: 16,
      tiles: 2,
    }),
  );
  return path;
}

async function save(
  path: string,
  data: Uint8Array,
  raw: { readonly width: number; readonly height: number; readonly channels: 1 | 3 },
): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const picture = sharp(data, { raw });
  await (raw.channels === 1 ? picture.toColourspace("b-w") : picture).png().toFile(path);
}
