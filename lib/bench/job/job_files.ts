/** The encoded images of a job: pictures of the generated world as JPEG files. */
import sharp from "sharp";
import { drawWorldImage } from "../../world/world.ts";
import type { JobSetting } from "./job_setting.ts";

/** Writes the files, `0000.jpg` and so on; the same setting gives the same pictures. */
export async function writeJobFiles(
  folder: string,
  { images, fileSide }: Pick<JobSetting, "images" | "fileSide">,
): Promise<void> {
  const raw = { width: fileSide, height: fileSide, channels: 3 } as const;
  for (let i = 0; i < images; i++) {
    const { pixels } = drawWorldImage(0, i, { size: fileSide });
    const name = `${i}`.padStart(4, "0");
    await sharp(pixels, { raw }).jpeg({ quality: 90 }).toFile(`${folder}/${name}.jpg`);
  }
}
