/** Small pictures of images of a folder, by name. */
import { jpegDataUrl, thumbnail } from "../../images/codec/encode.ts";
import { openSourceFiles } from "../../images/sources/source.ts";

/** Side of a picture in pixels; pages show it at half of that on fine screens. */
const side = 160;

/**
 * Data URLs of small pictures, by name; an image that has become unreadable meanwhile has none.
 *
 * @param names relative to the folder or zip, such as those of its features
 */
export async function picturesOf(
  path: string,
  names: Iterable<string>,
  onPicture: () => void = () => {},
): Promise<ReadonlyMap<string, string>> {
  const files = await openSourceFiles(path);
  try {
    const places = new Map(files.files.map(({ name }, place) => [name, place]));
    const pictures = new Map<string, string>();
    for (const name of new Set(names)) {
      const place = places.get(name);
      const picture = place === undefined
        ? undefined
        : await files.read(place).then((bytes) => thumbnail(bytes, side)).catch(() => undefined);
      if (picture !== undefined) pictures.set(name, jpegDataUrl(picture));
      onPicture();
    }
    return pictures;
  } finally {
    files.close();
  }
}
