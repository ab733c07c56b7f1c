import { UserError } from "../../errors/user_error.ts";

/** Names of the files and folders of a folder or zip: relative, parts joined by "/". */
export interface Listing {
  /** The source as messages name it, such as `folder "cats"`. */
  readonly description: string;
  /** Names of all files. */
  readonly files: readonly string[];
  /** Folders, so that an empty class is seen. A zip may not list them. */
  readonly folders: readonly string[];
}

/** Labelled images, sorted by name. */
export interface LabelledImages {
  /** Names of the classes, sorted; an image's label is the position of its class. */
  readonly classes: readonly string[];
  /** The images, sorted by name. */
  readonly images: readonly {
    /** Position in `Listing.files`. */
    readonly file: number;
    /** Name without the split, such as "cat/001.png". */
    readonly name: string;
    /** Position in `classes`. */
    readonly label: number;
  }[];
}

const imageName = /\.(png|jpe?g|webp)$/i;
const splitName = /^(train|training|test|testing|val|valid|validation|dev|eval)$/i;

/**
 * All images of a listing, whatever its folders mean, sorted by name. Hidden files, `__MACOSX` and
 * files that are not images by their name are left out.
 *
 * @returns Position in `listing.files` and name, such as "train/cat/001.png".
 * @throws {UserError} Where there is no image.
 *
 * @example
 * ```ts
 * import { listImages } from "@hashigo/hashigo/images";
 * const images = listImages({ description: "zip", files: ["b.png", "a/1.jpg", "notes.txt"], folders: [] });
 * if (images.map(({ name }) => name).join() !== "a/1.jpg,b.png") throw new Error("Expected two");
 * ```
 */
export function listImages(
  listing: Listing,
): { readonly file: number; readonly name: string }[] {
  const visible = listing.files.map((name, file) => ({ name, file }))
    .filter(({ name }) => isVisible(name));
  const images = visible.filter(({ name }) => imageName.test(name));
  if (images.length === 0) throw noImages(listing.description, visible.length);
  return images.sort((a, b) => compare(a.name, b.name));
}

/**
 * Reads labels from names in the ImageFolder layout, `[SPLIT/]CLASS/…/NAME.png`. Images that lie
 * in no folder are one class, named "". Hidden files, `__MACOSX` and files that are not images by
 * their name are left out.
 *
 * @param split The folder to use, such as "train" or "images/train". Default: the first level holds
 *   the classes.
 * @throws {UserError} Where the split is missing or unknown, where there is no image, where a class
 *   is empty, or where images lie beside class folders.
 *
 * @example
 * ```ts
 * import { arrangeImageFolder } from "./image_folder.ts";
 * const files = ["train/dog/2.png", "train/cat/1.jpg", "test/cat/3.jpg"];
 * const { classes, images } = arrangeImageFolder({ description: "zip", files, folders: [] }, "train");
 * if (classes.join() !== "cat,dog" || images[1]?.name !== "dog/2.png") throw new Error("Expected");
 * ```
 */
export function arrangeImageFolder(listing: Listing, split?: string): LabelledImages {
  const images = listImages(listing);
  const folders = listing.folders.filter(isVisible);
  const levels = firstLevels([...images.map(({ name }) => name), ...folders.map((f) => `${f}/`)]);
  const prefix = split === undefined ? "" : `${split}/`;
  const splitExists = [...images.map(({ name }) => name), ...folders.map((name) => `${name}/`)]
    .some((name) => name.startsWith(prefix));
  if (!splitExists) {
    throw new UserError(
      `Cannot use the split "${split}" of ${listing.description}: found ${quotedList(levels)} ` +
        `there. Choose one of these`,
    );
  }
  if (split === undefined && levels.length > 0 && levels.every((level) => splitName.test(level))) {
    throw new UserError(
      `Cannot tell the classes of ${listing.description}: its folders ${quotedList(levels)} look ` +
        `like splits, not classes. Name one as the split`,
    );
  }
  return labelImages(
    listing.description + (split === undefined ? "" : `, split "${split}"`),
    images.filter(({ name }) => name.startsWith(prefix))
      .map(({ name, file }) => ({ name: name.slice(prefix.length), file })),
    folders.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)),
  );
}

function labelImages(
  description: string,
  images: readonly { name: string; file: number }[],
  folders: readonly string[],
): LabelledImages {
  const names = images.map(({ name }) => name);
  const filled = firstLevels(names);
  const empty = firstLevels(folders.map((name) => `${name}/`)).filter((c) => !filled.includes(c));
  if (empty.length > 0) {
    throw new UserError(
      `Cannot use ${description}: ${quotedList(empty)} ${
        empty.length === 1 ? "holds" : "hold"
      } no image, ` +
        `expected at least one in every class. Remove the empty folder, or add PNG, JPEG or WebP ` +
        `files to it`,
    );
  }
  const loose = names.find((name) => !name.includes("/"));
  if (loose !== undefined && filled.length > 0) {
    throw new UserError(
      `Cannot tell the class of "${loose}" in ${description}: it lies beside the class folders ` +
        `${quotedList(filled)}. Move it into one of them`,
    );
  }
  const classes = loose === undefined ? filled : [""];
  return {
    classes,
    images: images.toSorted((a, b) => compare(a.name, b.name)).map(({ name, file }) => ({
      file,
      name,
      label: loose === undefined ? classes.indexOf(name.slice(0, name.indexOf("/"))) : 0,
    })),
  };
}

function isVisible(name: string): boolean {
  return name.split("/").every((part) => !part.startsWith(".") && part !== "__MACOSX");
}

/** Names of the outermost folders, sorted. */
function firstLevels(names: readonly string[]): string[] {
  const levels = new Set<string>();
  for (const name of names) {
    if (name.includes("/")) levels.add(name.slice(0, name.indexOf("/")));
  }
  return [...levels].sort(compare);
}

/** By UTF-16 code units: the same on every machine, whatever its language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function quotedList(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${name}"`).join(", ");
  if (names.length === 0) return "no folder";
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

function noImages(description: string, files: number): UserError {
  return new UserError(
    `Cannot find images in ${description}: found ${files} files, none with a name in .png, .jpg, .jpeg ` +
      `or .webp. Expected CLASS/NAME.png, or SPLIT/CLASS/NAME.png. Check the path`,
  );
}
