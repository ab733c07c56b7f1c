/** Endings of names, in small letters and without the dot, of files that are read as images. */
export const imageEndings: ReadonlySet<string> = new Set([
  "png",
  "jpg",
  "jpeg",
  "jpe",
  "jfif",
  "webp",
  "gif",
  "tif",
  "tiff",
  "avif",
  "bmp",
  "heic",
  "heif",
]);

/**
 * Endings of names that images have but that no decoder here reads, each with the format's name, for
 * the count of what was passed over.
 */
export const unreadableImageEndings: ReadonlyMap<string, string> = new Map([
  ["jxl", "JPEG XL"],
  ["jp2", "JPEG 2000"],
  ["j2k", "JPEG 2000"],
  ["svg", "SVG"],
  ["psd", "Photoshop"],
  ["pbm", "Netpbm"],
  ["pgm", "Netpbm"],
  ["ppm", "Netpbm"],
  ["pnm", "Netpbm"],
  ["tga", "Targa"],
  ["ico", "icon"],
  ["exr", "OpenEXR"],
  ["dcm", "DICOM"],
  ["dng", "raw camera file"],
  ["cr2", "raw camera file"],
  ["cr3", "raw camera file"],
  ["nef", "raw camera file"],
  ["arw", "raw camera file"],
  ["raf", "raw camera file"],
  ["orf", "raw camera file"],
  ["rw2", "raw camera file"],
]);
