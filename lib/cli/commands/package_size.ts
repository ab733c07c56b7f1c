/** Size of the package by the list of files that `deno publish --dry-run` prints. */

/** Number and bytes of the files of a package. */
export interface PackageSize {
  readonly files: number;
  /** As far as the list tells, which rounds to hundredths of a unit. */
  readonly bytes: number;
}

/** A registry's limit. */
const mostBytes = 20e6;

const units: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** Sums the lines such as `file:///package/mod.ts (11.52KB)`. */
export function packageSize(list: string): PackageSize {
  const sizes = [...list.matchAll(/^ +file:.* \(([\d.]+)(B|KB|MB|GB)\)$/gm)]
    .map(([, amount, unit = "B"]) => Number(amount) * (units[unit] ?? NaN));
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** Returns why a package cannot be published; undefined where it can. */
export function packageProblem({ files, bytes }: PackageSize): string | undefined {
  if (files === 0) return "the list of files of the package is empty";
  if (bytes <= mostBytes) return undefined;
  return `the package has ${(bytes / 1e6).toFixed(1)} MB, expected at most ${mostBytes / 1e6}: ` +
    "see publish.include in deno.json";
}
