import sharp, { type Metadata, type Sharp } from "sharp";
import { decodeBmp, isBmp, readBmpHeader } from "./bmp.ts";
import { decodeHeic } from "./heic.ts";
import { defaultMaximumPixels } from "./decode_options.ts";
import { profiledTiff } from "./profiled_tiff.ts";
import type { Raster } from "./resize.ts";

// Each image is decoded once: sharp's own threads and cache only cost time.
sharp.concurrency(1);
sharp.cache(false);

/** An image file whose header has been read and found to be within bounds. */
export interface Picture {
  /** Columns as the file stores them. */
  readonly width: number;
  /** Rows as the file stores them. */
  readonly height: number;
  /** The EXIF orientation, 1 to 8; 1 is upright. */
  readonly orientation: number;
  /** What the file is, in sharp's words, or "bmp". */
  readonly format: string;
  /** Whether values have 16 bits. */
  readonly isDeep: boolean;
  /** Whether the first frame is decoded to cyan, magenta, yellow and black without a profile. */
  readonly isInk: boolean;
  /** Starts to decode the first frame, as the file stores it. */
  readonly open: () => Promise<Sharp>;
}

const formatNames = "PNG, JPEG, WebP, GIF, TIFF, AVIF, BMP or HEIC";

/** Formats by sharp's names. Others that it knows, such as SVG, may read further files. */
const formats: ReadonlySet<string> = new Set(["png", "jpeg", "webp", "gif", "tiff", "heif"]);

/**
 * Reads the header of an image file, whose content decides what it is, not its name.
 *
 * @throws {Error} Where it is no image, of a kind that is not read, or of too many pixels.
 */
export async function openPicture(
  file: Uint8Array,
  maximumPixels: number = defaultMaximumPixels,
): Promise<Picture> {
  if (isBmp(file)) {
    const { width, height } = readBmpHeader(file);
    assertPixels(width, height, maximumPixels);
    const open = () => Promise.resolve(fromRaster(decodeBmp(file)));
    return { width, height, orientation: 1, format: "bmp", isDeep: false, isInk: false, open };
  }
  const options = { limitInputPixels: false, failOn: "error" } as const;
  const metadata = await sharp(file, options).metadata().catch((error: Error) => {
    throw new Error(`found no whole ${formatNames} file (${firstLine(error.message)})`);
  });
  assertReadable(metadata);
  const { width, height, format, orientation = 1, depth, channels, compression } = metadata;
  assertPixels(width, height, maximumPixels);
  const isInk = metadata.space === "cmyk" && !metadata.hasProfile;
  const shape = { width, height, format, isDeep: depth === "ushort", isInk };
  if (compression === "hevc") {
    // libheif turns the picture by itself.
    const open = async () => {
      const raster = await decodeHeic(file, maximumPixels);
      if (metadata.icc === undefined) return fromRaster(raster);
      return sharp(profiledTiff(raster, metadata.icc), options).toColourspace("srgb");
    };
    return { ...shape, orientation: 1, open };
  }
  // sharp converts deep colours with a profile to the P3 space first, and others not at all.
  const isManaged = shape.isDeep && metadata.hasProfile && channels >= 3;
  const open = () => {
    const opened = sharp(file, options);
    if (isInk) opened.pipelineColourspace("cmyk").toColourspace("cmyk");
    else opened.toColourspace("srgb");
    return Promise.resolve(isManaged ? opened.withIccProfile("srgb") : opened);
  };
  return { ...shape, orientation, open };
}

function assertReadable({ format, depth, channels, space }: Metadata): void {
  if (!formats.has(format)) throw new Error(`found the format ${format}, expected ${formatNames}`);
  if (depth !== "uchar" && !(depth === "ushort" && space !== "cmyk")) {
    throw new Error(
      `found values of the kind ${depth} in the space ${space}, expected whole numbers of 8 bits, ` +
        "or of 16 in grey or RGB. Convert it to 8 bits",
    );
  }
  if (channels > 4) {
    throw new Error(`found ${channels} channels, expected at most 4. Convert it to RGB`);
  }
}

function assertPixels(width: number, height: number, maximumPixels: number): void {
  if (width * height <= maximumPixels) return;
  const millions = (pixels: number) => Number((pixels / 1e6).toPrecision(3));
  throw new Error(
    `found ${width} x ${height} = ${millions(width * height)} million pixels, above the limit of ` +
      `${
        millions(maximumPixels)
      } million. Shrink it, or raise images.maximumPixels in the recipe or --maximum-pixels`,
  );
}

/** libvips lists what it tried, a line each. */
function firstLine(message: string): string {
  return message.trim().split("\n")[0] ?? "";
}

function fromRaster({ data, width, height, channels }: Raster): Sharp {
  return sharp(data, { raw: { width, height, channels: channels === 3 ? 3 : 4 } })
    .toColourspace("srgb");
}
