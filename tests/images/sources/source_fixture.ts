import type { SourceFiles } from "../../../lib/images/source_files.ts";

/**
 * A source with these files, of which those with a text can be read; all others have one byte.
 *
 * @param files names, or names with their text.
 */
export function sourceOf(
  files: readonly string[] | Readonly<Record<string, string>>,
  folders: readonly string[] = [],
): SourceFiles {
  const entries: [string, string][] = Array.isArray(files)
    ? files.map((name) => [name, "x"])
    : Object.entries(files);
  return {
    description: 'folder "x"',
    identity: "",
    files: entries.map(([name, text]) => ({ name, size: text.length, stamp: "" })),
    folders,
    read: (file) => Promise.resolve(new TextEncoder().encode(entries[file]![1])),
    close: () => {},
  };
}
