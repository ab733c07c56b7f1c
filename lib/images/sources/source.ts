import { UserError } from "../../errors/user_error.ts";
import { packageImages } from "../../io/package_data.ts";
import { openFolder } from "./folder.ts";
import type { SourceFiles } from "./source_files.ts";
import { openZip } from "./zip.ts";

/** Where images come from: a folder or a zip in ImageFolder layout, `[SPLIT/]CLASS/NAME.png`. */
export interface ImageSource {
  /** Folder or zip file. */
  readonly path: string;
  /**
   * Folder to use, such as "train" or "images/train". Default: the first level holds the classes.
   */
  readonly split?: string | undefined;
}

/**
 * Opens a folder or a zip file and lists its files. Call `close()` when done.
 *
 * @throws {UserError} Where nothing can be read at the path, or the zip is damaged or hostile.
 *
 * @example
 * ```ts
 * import { openSourceFiles } from "@hashigo/hashigo/images";
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/a.txt`, "a");
 * const source = await openSourceFiles(folder);
 * if (source.files[0]?.name !== "a.txt") throw new Error("Expected a.txt");
 * source.close();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function openSourceFiles(path: string): Promise<SourceFiles> {
  const located = packageImages(path);
  let isDirectory: boolean;
  try {
    isDirectory = (await Deno.stat(located)).isDirectory;
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "no such file or folder"
      : error instanceof Error
      ? error.message
      : String(error);
    throw new UserError(
      `Cannot open the images "${path}": ${reason} (looked from ${Deno.cwd()}). ` +
        `Give a folder with one subfolder per class, or a zip file of one`,
      { cause: error },
    );
  }
  return isDirectory ? await openFolder(located) : await openZip(located);
}
