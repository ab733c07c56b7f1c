import { quote } from "../../errors/quote.ts";
import { UserError } from "../../errors/user_error.ts";
import { isSystemName, normalName } from "./names.ts";
import type { SourceFile, SourceFiles } from "../source_files.ts";

/** No set of images lies deeper, or has more files; links that lead in circles do. */
const deepest = 64, mostFiles = 10_000_000;

/** What is listed so far. */
interface Listing {
  readonly files: SourceFile[];
  readonly folders: string[];
  /** Names on the disk, where they differ from those in `files`, by position. */
  readonly paths: Map<number, string>;
  /** Entries whose names are no UTF-8, which no path can open. */
  unnamed: number;
}

/**
 * Lists a folder and everything below it, the systems' own files left out. Links are followed
 * (people link class folders), but not back into a folder that is being listed.
 *
 * @throws {UserError} Where a file or link below it cannot be opened.
 */
export async function openFolder(path: string): Promise<SourceFiles> {
  const root = await Deno.realPath(path);
  const listing: Listing = { files: [], folders: [], paths: new Map(), unnamed: 0 };
  list(root, "", [root], listing);
  const { files, folders, paths, unnamed } = listing;
  return {
    description: `folder "${path}"`,
    // Sizes and times of change may agree between two folders, so the path is part of the identity.
    identity: root,
    files,
    folders,
    remarks: unnamed === 0 ? undefined : [
      `${unnamed} ${unnamed === 1 ? "name is" : "names are"} not in UTF-8 and cannot be opened: ` +
      "rename (convmv -f latin1 -t utf8 --notest -r FOLDER)",
    ],
    read: (file) => readFile(`${root}/${paths.get(file) ?? files[file]!.name}`),
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

/** Synchronous, as a promise for each of 100,000 files takes longer than the files. */
function list(folder: string, prefix: string, above: readonly string[], listing: Listing): void {
  if (above.length > deepest || listing.files.length > mostFiles) {
    throw new UserError(
      `Cannot list the images in ${quote(above[0]!)}: found ${listing.files.length} files, ` +
        `${above.length} folders deep, expected at most ${mostFiles} and ${deepest}. ` +
        "Remove links that lead in circles, or name a folder below it",
    );
  }
  for (const entry of readFolder(folder)) {
    const { name } = entry;
    if (isSystemName(name)) continue;
    const path = `${folder}/${name}`;
    const info = statOf(path, entry, listing);
    if (info?.isFile) {
      const { files, paths } = listing, normal = (prefix + name).normalize("NFC");
      if (normal !== prefix + name) paths.set(files.length, prefix + name);
      const stamp = String(info.mtime?.getTime() ?? 0);
      files.push({ name: normal, size: info.size, stamp });
    } else if (info?.isDirectory) {
      const real = entry.isSymlink ? Deno.realPathSync(path) : path;
      if (above.includes(real)) continue;
      listing.folders.push(normalName(prefix + name));
      list(real, `${prefix}${name}/`, [...above, real], listing);
    }
  }
}

function readFolder(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    throw cannotList(folder, "the folder cannot be read", error);
  }
}

function statOf(path: string, { name }: Deno.DirEntry, listing: Listing) {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (!name.includes("\ufffd")) {
      const [folder] = [path.slice(0, -name.length - 1)];
      throw cannotList(folder, `${quote(name)} cannot be opened`, error);
    }
    listing.unnamed++;
    return undefined;
  }
}

function cannotList(folder: string, fault: string, error: unknown): UserError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UserError(
    `Cannot list the images in "${folder}": ${fault} (${reason}). Remove it, or mend the link or ` +
      `its permissions`,
    { cause: error },
  );
}
