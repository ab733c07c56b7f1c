/** Endings of names, in small letters and without the dot, of files that are read as images. */
export const imageEndings: ReadonlySet<string> = new Set(["png", "jpg", "jpeg", "webp"]);

/**
 * Endings of names that images have but that no decoder here reads, each with the format's name, for
 * the count of what was passed over.
 */
export const unreadableImageEndings: ReadonlyMap<string, string> = new Map([
  ["heic", "HEIC"],
  ["heif", "HEIC"],
  ["jxl", "JPEG XL"],
]);
