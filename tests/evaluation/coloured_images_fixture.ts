/** A set of images whose classes are colours. */
import sharp from "sharp";

/** Pictures of one colour each: class "red" or "blue", `count` of each in every part. */
export async function paint(folder: string, parts: readonly string[], count = 8) {
  for (const part of parts) {
    for (const [name, strong] of [["red", 0], ["blue", 2]] as const) {
      await Deno.mkdir(`${folder}/${part}${name}`, { recursive: true });
      for (let i = 0; i < count; i++) {
        const levels = [10 + i, 10, 10];
        levels[strong] = 150 + 10 * i;
        const [r = 0, g = 0, b = 0] = levels;
        const create = { width: 8, height: 8, channels: 3, background: { r, g, b } } as const;
        await sharp({ create }).png().toFile(`${folder}/${part}${name}/${i}.png`);
      }
    }
  }
}
