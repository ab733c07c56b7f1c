import { UserError } from "../../errors/user_error.ts";
import type { SourceFile, SourceFiles } from "./source_files.ts";

/**
 * Lists a folder and everything below it, hidden files left out. Links are followed (people link
 * class folders), but not back into a folder that is being listed.
 *
 * @throws {UserError} Where a file or link below it cannot be opened.
 */
export async function openFolder(path: string): Promise<SourceFiles> {
  const root = await Deno.realPath(path);
  const files: SourceFile[] = [];
  const folders: string[] = [];
  await list(root, "", [root], { files, folders });
  return {
    description: `folder "${path}"`,
    // Sizes and times of change may agree between two folders, so the path is part of the identity.
    identity: root,
    files,
    folders,
    read: (file) => readFile(`${root}/${files[file]!.name}`),
    close: () => {},
  };
}

async function readFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw new UserError(
      `Cannot read the image "${path}": ${error instanceof Error ? error.message : error}. ` +
        `Mend its permissions, or remove it`,
      { cause: error },
    );
  }
}

async function list(
  folder: string,
  prefix: string,
  above: readonly string[],
  listing: { files: SourceFile[]; folders: string[] },
): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(".")) continue;
    const path = `${folder}/${name}`;
    const info = await Deno.stat(path).catch((error) => {
      throw new UserError(
        `Cannot list the images in "${folder}": "${name}" cannot be opened (${error.message}). ` +
          `Remove it, or mend the link or its permissions`,
        { cause: error },
      );
    });
    if (info.isFile) {
      listing.files.push({
        name: prefix + name,
        size: info.size,
        stamp: String(info.mtime?.getTime() ?? 0),
      });
    } else if (info.isDirectory) {
      const real = await Deno.realPath(path);
      if (above.includes(real)) continue;
      listing.folders.push(prefix + name);
      await list(real, `${prefix}${name}/`, [...above, real], listing);
    }
  }
}
