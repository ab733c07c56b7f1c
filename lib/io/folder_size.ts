/** How large a folder is, and when it was last used. */

/** The files of a folder, and of those below it. */
export interface FolderSize {
  readonly files: number;
  /** On the disk: files with holes take less than their length. */
  readonly bytes: number;
  /** When one of them was last read or written, in milliseconds since 1970; 0 where there is none. */
  readonly used: number;
  /** When one of them was last written. */
  readonly written: number;
}

/** Measures a file or folder. What vanishes meanwhile, or may not be read, counts as nothing; links are not followed. */
export async function folderSize(path: string): Promise<FolderSize> {
  const info = await Deno.lstat(path).catch(() => undefined);
  if (info === undefined) return nothing;
  if (!info.isDirectory) return fileSize(info);
  let total = nothing;
  try {
    for await (const { name } of Deno.readDir(path)) {
      total = sum(total, await folderSize(`${path}/${name}`));
    }
  } catch {
    // Not readable, or gone.
  }
  return total;
}

const nothing: FolderSize = { files: 0, bytes: 0, used: 0, written: 0 };

/** Of one file. */
export function fileSize(
  { size, blocks, atime, mtime }: Pick<Deno.FileInfo, "size" | "blocks" | "atime" | "mtime">,
): FolderSize {
  const [read, written] = [atime?.getTime() ?? 0, mtime?.getTime() ?? 0];
  return {
    files: 1,
    bytes: blocks === null ? size : 512 * blocks,
    used: Math.max(read, written),
    written,
  };
}

function sum(a: FolderSize, b: FolderSize): FolderSize {
  return {
    files: a.files + b.files,
    bytes: a.bytes + b.bytes,
    used: Math.max(a.used, b.used),
    written: Math.max(a.written, b.written),
  };
}

/** A size for people: "850 kB", "1.2 GB". */
export function sizeText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${value < 9.95 && unit > 1 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** How long ago, for people: "now", "5 min", "3 h", "12 days". */
export function ageText(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / 60 / 24)} days`;
}
