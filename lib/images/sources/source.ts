import { UserError } from "../../errors/user_error.ts";
import { openFolder } from "./folder.ts";
import { openZip } from "./zip.ts";

/** Where images come from: a folder or a zip in ImageFolder layout, `[SPLIT/]CLASS/NAME.png`. */
export interface ImageSource {
  /** Folder or zip file. */
  readonly path: string;
  /** Folder to use, such as "train" or "images/train". Default: the first level holds the classes. */
  readonly split?: string | undefined;
}

/** One file of a folder or zip, known without reading it. */
export interface PlaceFile {
  /** Relative, parts joined by "/". */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Changes when the content does: time of change, or the CRC in a zip. */
  readonly stamp: string;
}

/** A folder or zip whose files can be read by their position in `files`. */
export interface OpenPlace {
  /** Path of the folder or zip file. */
  readonly place: string;
  /** Tells two places apart whose files look the same; "" where their stamps suffice. */
  readonly identity: string;
  /** In the order of their names. */
  readonly files: readonly PlaceFile[];
  /** Names of all folders, empty ones among them. */
  readonly folders: readonly string[];
  /** The file's bytes, in memory of their own. */
  read(file: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Closes the file. */
  close(): void;
}

/**
 * Opens a folder or a zip file and lists it. Call `close()` when done.
 *
 * @throws {UserError} Where nothing can be read at the path, or the zip is damaged or hostile.
 *
 * @example
 * ```ts
 * import { openPlace } from "@hashigo/hashigo";
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/a.txt`, "a");
 * const place = await openPlace(folder);
 * if (place.files[0]?.name !== "a.txt") throw new Error("Expected a.txt");
 * place.close();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function openPlace(path: string): Promise<OpenPlace> {
  let isDirectory: boolean;
  try {
    isDirectory = (await Deno.stat(path)).isDirectory;
  } catch (error) {
    const found = error instanceof Deno.errors.NotFound
      ? "no such file or folder"
      : error instanceof Error
      ? error.message
      : String(error);
    throw new UserError(
      `Cannot open the images "${path}": ${found} (looked from ${Deno.cwd()}). ` +
        `Give a folder with one subfolder per class, or a zip file of one`,
      { cause: error },
    );
  }
  return isDirectory ? await openFolder(path) : await openZip(path);
}
