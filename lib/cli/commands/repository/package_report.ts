/** What `deno publish --dry-run` prints about the package: its files, and types that it cannot read. */

/** Number and bytes of the files of a package. */
export interface PackageSize {
  readonly files: number;
  /** The list rounds sizes to hundredths of a unit. */
  readonly bytes: number;
}

/** The registry's limit. */
const mostBytes = 20e6;

const units: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** Sums the lines such as `file:///package/mod.ts (11.52KB)`. */
export function packageSize(output: string): PackageSize {
  const sizes = [...output.matchAll(/^ +file:.* \(([\d.]+)(B|KB|MB|GB)\)$/gm)]
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

/**
 * Public types that are inferred from a zod schema, so that each form of a file is stated once. They are
 * "slow types": readers of the package infer them too.
 */
const inferredTypes: readonly string[] = [
  "lib/evaluation/analysis/analysis.ts",
  "lib/evaluation/deployment/deployment.ts",
  "lib/evaluation/pictures/pictures.ts",
  "lib/evaluation/results.ts",
  "lib/evaluation/row_schema.ts",
  "lib/evaluation/selection/selection.ts",
  "lib/evaluation/tasks/manifest.ts",
];

/** Places of slow types, as `lib/x.ts:5:7`, but those that are inferred from schemas by choice. */
export function slowTypes(output: string): string[] {
  return [...output.matchAll(/^error\[missing-explicit[\w-]*\].*\n +--> (.*)$/gm)]
    .map(([, place = ""]) => place.replace(/^.*?(?=(?:lib|recipes|mod)[/.])/, ""))
    .filter((place) => !inferredTypes.some((path) => place.startsWith(`${path}:`)));
}
