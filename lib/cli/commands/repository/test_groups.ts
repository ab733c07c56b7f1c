/** Parts of the test suite, and the groups of them that run side by side, each in a process of its own. */
import recorded from "./test_seconds.json" with { type: "json" };

/** A file or folder of the suite with the seconds that its tests take. */
export interface SuitePart {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly seconds: number;
}

/** Seconds of parts that were never recorded: most tests take little more than their start. */
const unrecorded = 1;

/** Seconds in which a file or an example loads the package: `deno test` starts each afresh. */
const loading = 0.5;

const secondsOf: Readonly<Record<string, number>> = recorded;

/** All tests, file by file, and the documented examples, room by room. */
export async function suiteParts(root: string): Promise<SuitePart[]> {
  const paths = ["mod.ts", ...await testFiles(root, "tests")];
  for await (const { name, isDirectory } of Deno.readDir(`${root}/lib`)) {
    if (isDirectory) paths.push(`lib/${name}`);
  }
  return paths.sort().map((path) => ({ path, seconds: secondsOf[path] ?? unrecorded }));
}

async function testFiles(root: string, folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${root}/${folder}`)) {
    const path = `${folder}/${name}`;
    if (isDirectory) paths.push(...await testFiles(root, path));
    else if (name.endsWith("_test.ts")) paths.push(path);
  }
  return paths;
}

/** What a group of parts, which one process runs, may come to. */
export interface GroupLimits {
  readonly seconds: number;
  /** Of the paths on the command line, with their spaces. */
  readonly characters: number;
}

/**
 * Groups of parts in path order, each within the limits or of one part. Those with the most to do come first, so that
 * processes that take one group after the other end together, whatever the machine.
 */
export function groupParts(parts: readonly SuitePart[], most: GroupLimits): string[][] {
  const groups: { paths: string[]; seconds: number; characters: number }[] = [];
  for (const { path, seconds } of parts) {
    const characters = path.length + 1, last = groups.at(-1);
    if (
      last !== undefined && last.seconds + seconds <= most.seconds &&
      last.characters + characters <= most.characters
    ) {
      last.paths.push(path);
      last.seconds += seconds;
      last.characters += characters;
    } else groups.push({ paths: [path], seconds, characters });
  }
  return groups.sort((a, b) => b.seconds - a.seconds).map(({ paths }) => paths);
}

/** Seconds of the parts of a suite by the output of `deno test`, for `test_seconds.json`. */
export function recordedSeconds(output: string): Record<string, number> {
  const seconds: Record<string, number> = {};
  let part = "";
  for (const line of output.split("\n")) {
    const [, module] = /^running \d+ tests? from \.\/(\S+)$/.exec(line) ?? [];
    // An example belongs to its room: "lib/nn/mlp.ts#5-9.ts" to "lib/nn".
    if (module !== undefined) {
      part = module.replace(/^(lib\/\w+)\/.*$/, "$1");
      seconds[part] = (seconds[part] ?? 0) + loading;
    }
    const [, minutes = 0, amount, unit] = /ok \((?:(\d+)m)?(\d+)(ms|s)\)$/.exec(line) ?? [];
    if (amount === undefined) continue;
    const taken = 60 * Number(minutes) + Number(amount) * (unit === "s" ? 1 : 0.001);
    seconds[part] = (seconds[part] ?? 0) + taken;
  }
  const rounded = Object.entries(seconds).map(([path, value]) => [path, Math.ceil(value)] as const);
  return Object.fromEntries(rounded.filter(([, value]) => value > unrecorded).sort());
}
