/** Outcomes of changes that were tried before the command was stopped. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { cacheFolder } from "../../../io/user_cache.ts";
import type { Mutant } from "./mutant_list.ts";
import type { TrialResult } from "./mutant_trial.ts";

/** Outcome of a change. */
export interface TriedMutant {
  readonly outcome: TrialResult["outcome"];
  readonly seconds: number;
}

/** Outcomes on file, for one state of the repository. */
export interface MutantProgress {
  /** The outcome of a change that was tried before. */
  find(mutant: Mutant): TriedMutant | undefined;
  add(mutant: Mutant, tried: TriedMutant): Promise<void>;
}

const lineSchema = z.strictObject({
  key: z.string(),
  outcome: z.enum(["killed", "timeout", "broken", "living"]),
  seconds: z.number(),
});

/**
 * Opens the outcomes for the present sources, tests and data of a repository; where any of them changed,
 * there are none.
 *
 * @param again forgets them
 */
export async function openProgress(root: string, again: boolean): Promise<MutantProgress> {
  const folder = cacheFolder("mutants");
  await Deno.mkdir(folder, { recursive: true });
  const path = `${folder}/${await sourcesDigest(root)}.jsonl`;
  for await (const { name } of Deno.readDir(folder)) {
    // States that are gone do not come back.
    if (again || !path.endsWith(name)) await Deno.remove(`${folder}/${name}`);
  }
  const known = new Map<string, TriedMutant>();
  for (const line of (await Deno.readTextFile(path).catch(() => "")).split("\n")) {
    const { data } = lineSchema.safeParse(parseLine(line));
    if (data !== undefined) known.set(data.key, { outcome: data.outcome, seconds: data.seconds });
  }
  return {
    find: (mutant) => known.get(keyOf(mutant)),
    async add(mutant, tried) {
      known.set(keyOf(mutant), tried);
      const line = JSON.stringify({ key: keyOf(mutant), ...tried });
      await Deno.writeTextFile(path, line + "\n", { append: true });
    },
  };
}

/** The last line may be cut off. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function keyOf(mutant: Mutant): string {
  const { file, old, tests, filter } = mutant;
  return createHash("sha256").update(JSON.stringify([file, old, mutant.new, tests, filter]))
    .digest("hex");
}

/** SHA-256 over everything that the tests of a change may read, but the lists of changes. */
async function sourcesDigest(root: string): Promise<string> {
  const hash = createHash("sha256");
  for (const path of ["deno.json", "deno.lock", "mod.ts", "lib", "recipes", "tests"]) {
    await addToDigest(hash, root, path);
  }
  return hash.digest("hex").slice(0, 32);
}

async function addToDigest(
  hash: ReturnType<typeof createHash>,
  root: string,
  path: string,
): Promise<void> {
  if (path === "tests/mutants") return;
  const { isDirectory, isFile } = await Deno.stat(`${root}/${path}`);
  if (isFile) hash.update(`${path}\n`).update(await Deno.readFile(`${root}/${path}`));
  if (!isDirectory) return;
  const entries = await Array.fromAsync(Deno.readDir(`${root}/${path}`));
  for (const name of entries.map(({ name }) => name).sort()) {
    await addToDigest(hash, root, `${path}/${name}`);
  }
}
