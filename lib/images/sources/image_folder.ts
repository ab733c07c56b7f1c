import { UserError } from "../../errors/user_error.ts";

/** The names found in a folder or zip: relative, parts joined by "/". */
export interface Listing {
  /** What a message calls the place, such as `folder "cats"`. */
  readonly place: string;
  /** Names of all files. */
  readonly files: readonly string[];
  /** Folders, so that an empty class is seen. A zip may not list them. */
  readonly folders: readonly string[];
}

/** Labelled images, sorted by name. */
export interface LabelledImages {
  /** Sorted; an image's label is the position of its class. */
  readonly classes: readonly string[];
  /** Place among the files, name and class number. */
  readonly images: readonly {
    /** Position in `Listing.files`. */
    readonly file: number;
    /** Name without the split, such as "cat/001.png". */
    readonly name: string;
    readonly label: number;
  }[];
}

const imageName = /\.(png|jpe?g|webp)$/i;
const splitName = /^(train|training|test|testing|val|valid|validation|dev|eval)$/i;

/**
 * All images of a place, whatever its folders mean, sorted by name. Hidden files, `__MACOSX` and
 * files that are not images by their name are passed over.
 *
 * @returns Position in `listing.files` and name, such as "train/cat/001.png".
 * @throws {UserError} Where nothing is an image.
 *
 * @example
 * ```ts
 * import { listImages } from "@hashigo/hashigo";
 * const images = listImages({ place: "zip", files: ["b.png", "a/1.jpg", "notes.txt"], folders: [] });
 * if (images.map(({ name }) => name).join() !== "a/1.jpg,b.png") throw new Error("Expected two");
 * ```
 */
export function listImages(
  listing: Listing,
): { readonly file: number; readonly name: string }[] {
  const visible = listing.files.map((name, file) => ({ name, file })).filter((f) =>
    isVisible(f.name)
  );
  const images = visible.filter(({ name }) => imageName.test(name));
  if (images.length === 0) throw nothingFound(listing.place, visible.length);
  return images.sort((a, b) => compare(a.name, b.name));
}

/**
 * Reads labels from names in the ImageFolder layout, `[SPLIT/]CLASS/…/NAME.png`. Images that lie
 * in no folder are one class, named "". Hidden files, `__MACOSX` and files that are not images by
 * their name are passed over.
 *
 * @param listing All names of the place.
 * @param split The folder to use, such as "train" or "images/train"; undefined where there is none.
 * @throws {UserError} Where the split is missing, or is needed and was not given, where nothing is
 *   an image, where a class is empty, or where images lie beside class folders.
 *
 * @example
 * ```ts
 * import { arrangeImageFolder } from "@hashigo/hashigo";
 * const files = ["train/dog/2.png", "train/cat/1.jpg", "test/cat/3.jpg"];
 * const { classes, images } = arrangeImageFolder({ place: "zip", files, folders: [] }, "train");
 * if (classes.join() !== "cat,dog" || images[1]?.name !== "dog/2.png") throw new Error("Expected");
 * ```
 */
export function arrangeImageFolder(listing: Listing, split?: string): LabelledImages {
  const images = listImages(listing);
  const folders = listing.folders.filter(isVisible);
  const levels = firstLevels([...images.map(({ name }) => name), ...folders.map((f) => `${f}/`)]);
  const prefix = split === undefined ? "" : `${split}/`;
  const splitFound = [...images.map(({ name }) => name), ...folders.map((name) => `${name}/`)]
    .some((name) => name.startsWith(prefix));
  if (!splitFound) {
    throw new UserError(
      `Cannot use the split "${split}" of ${listing.place}: found ${quoted(levels)} there. ` +
        `Choose one of these`,
    );
  }
  if (split === undefined && levels.length > 0 && levels.every((level) => splitName.test(level))) {
    throw new UserError(
      `Cannot tell the classes of ${listing.place}: its folders ${quoted(levels)} look like ` +
        `splits, not classes. Name one as the split`,
    );
  }
  return label(
    listing.place + (split === undefined ? "" : `, split "${split}"`),
    images.filter(({ name }) => name.startsWith(prefix))
      .map(({ name, file }) => ({ name: name.slice(prefix.length), file })),
    folders.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)),
  );
}

function label(
  place: string,
  images: readonly { name: string; file: number }[],
  folders: readonly string[],
): LabelledImages {
  const names = images.map(({ name }) => name);
  const filled = firstLevels(names);
  const empty = firstLevels(folders.map((name) => `${name}/`)).filter((c) => !filled.includes(c));
  if (empty.length > 0) {
    throw new UserError(
      `Cannot use ${place}: ${quoted(empty)} ${empty.length === 1 ? "holds" : "hold"} no image, ` +
        `expected at least one in every class. Remove the empty folder, or add PNG, JPEG or WebP ` +
        `files to it`,
    );
  }
  const loose = names.find((name) => !name.includes("/"));
  if (loose !== undefined && filled.length > 0) {
    throw new UserError(
      `Cannot tell the class of "${loose}" in ${place}: it lies beside the class folders ` +
        `${quoted(filled)}. Move it into one of them`,
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

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${name}"`).join(", ");
  if (names.length === 0) return "no folder";
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

function nothingFound(place: string, files: number): UserError {
  return new UserError(
    `Cannot find images in ${place}: found ${files} files, none with a name in .png, .jpg, .jpeg ` +
      `or .webp. Expected CLASS/NAME.png, or SPLIT/CLASS/NAME.png. Check the path`,
  );
}
