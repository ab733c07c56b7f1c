import { basename, resolve } from "node:path";
import { UserError } from "../../errors/user_error.ts";
import { packageImages } from "../../io/package_data.ts";
import { imageEndings } from "../codec/image_formats.ts";
import { missingSource } from "./check_source.ts";
import { openFolder } from "./folder.ts";
import { endingOf } from "./names.ts";
import type { SourceFiles } from "../source_files.ts";
import { openZip } from "./zip.ts";

/** Where images come from: a folder or a zip, best in ImageFolder layout, `[SPLIT/]CLASS/NAME.png`. */
export interface ImageSource {
  /** Folder or zip file. */
  readonly path: string;
  /**
   * Part to use: a folder, such as "images/train", or what it is for ("val" finds "Validation").
   * Default: all, where there are no parts.
   */
  readonly split?: string | undefined;
}

/**
 * Opens a folder, a zip file or a single image, and lists its files. Call `close()` when done.
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
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(located);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw await missingSource(path, error);
    const reason = error instanceof Error ? error.message : String(error);
    throw cannotOpen(path, `${reason} (looked from ${Deno.cwd()})`, error);
  }
  if (info.isDirectory) return await openFolder(located);
  if (!info.isFile) throw cannotOpen(path, "it is neither a file nor a folder");
  const archive = archiveFormat(located);
  if (archive !== undefined) {
    throw cannotOpen(path, `${archive} archives are not read. Unpack it, and name the folder`);
  }
  return imageEndings.has(endingOf(located)) ? singleImage(located, info) : await openZip(located);
}

/** A set of one image. */
function singleImage(path: string, { size, mtime }: Deno.FileInfo): SourceFiles {
  const name = basename(path).normalize("NFC");
  return {
    description: `image "${path}"`,
    identity: resolve(path),
    files: [{ name, size, stamp: String(mtime?.getTime() ?? 0) }],
    folders: [],
    read: () => Deno.readFile(path),
    close: () => {},
  };
}

/** Archives of other kinds, by their endings. */
function archiveFormat(path: string): string | undefined {
  const ending = /\.(tar|tgz|tar\.(gz|bz2|xz|zst)|rar|7z)$/i.exec(path)?.[1];
  return ending?.toLowerCase();
}

function cannotOpen(path: string, reason: string, cause?: unknown): UserError {
  return new UserError(
    `Cannot open the images "${path}": ${reason}. ` +
      `Give a folder with one subfolder per class, or a zip file of one`,
    { cause },
  );
}
