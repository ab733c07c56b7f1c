import { UserError } from "../../errors/user_error.ts";
import type { OpenPlace, PlaceFile } from "./source.ts";

/**
 * Lists a folder and everything below it. Links are followed (people link class folders), but not
 * back into a folder that is being listed.
 */
export async function openFolder(path: string): Promise<OpenPlace> {
  const root = await Deno.realPath(path);
  const files: PlaceFile[] = [];
  const folders: string[] = [];
  await list(root, "", [root], { files, folders });
  return {
    place: `folder "${path}"`,
    // Sizes and times of change may agree between two folders, so the folder itself is named too.
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
  found: { files: PlaceFile[]; folders: string[] },
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
      found.files.push({
        name: prefix + name,
        size: info.size,
        stamp: String(info.mtime?.getTime() ?? 0),
      });
    } else if (info.isDirectory) {
      const real = await Deno.realPath(path);
      if (above.includes(real)) continue;
      found.folders.push(prefix + name);
      await list(real, `${prefix}${name}/`, [...above, real], found);
    }
  }
}
