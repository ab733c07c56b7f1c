/** What the processes of a group must have in common, and what is said where they have not. */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { GroupFailure } from "../../engine/collectives/group_end.ts";
import { UserError } from "../../errors/user_error.ts";
import type { Recipe } from "../../recipe/options.ts";
import { provenanceDifferences, provenanceOf } from "../../runs/provenance.ts";
import type { RunProvenance } from "../../runs/provenance.ts";
import { RunStop } from "../run_stop.ts";
import type { TrainingSetup } from "../setup.ts";

/** Recipe, images, teachers and versions of a process. */
export interface ProcessFacts {
  readonly recipe: Recipe;
  readonly origin: RunProvenance;
}

/** The facts of this process, with a digest of the code that it runs. */
export async function factsOf(setup: TrainingSetup): Promise<ProcessFacts> {
  const { versions, ...provenance } = await provenanceOf(setup);
  const origin = { ...provenance, versions: { ...versions, code: await codeDigest() } };
  return { recipe: setup.recipe, origin };
}

const factsSchema = z.object({
  recipe: z.looseObject({
    guard: z.unknown(),
    optimization: z.looseObject({ sharded: z.unknown().optional() }),
  }),
  origin: z.unknown(),
});

/** Differences in what decides the numbers of a run, as "key: theirs -> own". */
export function factDifferences(theirs: unknown, own: unknown): readonly string[] {
  const { recipe, origin } = own as ProcessFacts;
  const { success, data } = factsSchema.safeParse(theirs);
  if (!success) return ["facts: none that can be read -> some"];
  let differences: string[];
  try {
    differences = provenanceDifferences(data, { recipe, provenance: origin });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    differences = [`recipe: ${error.message} -> one that can be read`];
  }
  return [
    ...differences,
    // A guard changes no student in which nothing goes wrong, so it may differ from run to run, but each process
    // decides by its own which step updates nothing.
    ...difference("guard", data.recipe.guard, recipe.guard),
    // Nor does it matter to the student who keeps the moments, but all must exchange the same.
    ...difference(
      "optimization.sharded",
      data.recipe.optimization.sharded ?? false,
      recipe.optimization.sharded ?? false,
    ),
  ];
}

function difference(name: string, theirs: unknown, own: unknown): string[] {
  const values = [theirs, own].map((value) => JSON.stringify(value));
  return values[0] === values[1] ? [] : [`${name}: ${values.join(" -> ")}`];
}

/**
 * A run that lost one of its processes: what is saved, and how to go on.
 *
 * @param sharded whether the lost process had moments that nobody else has
 */
export function explainLostGroup(error: unknown, folder: string, sharded: boolean): unknown {
  if (!(error instanceof GroupFailure)) return error;
  const saved = sharded
    ? "A part of Adam's moments is lost with it (optimization.sharded), so the newest checkpoint is the last " +
      "of the run's own rhythm (checkpoint.every)"
    : "The last step that all processes took is saved";
  return new RunStop(
    `Cannot go on with "${folder}": ${error.message}. ${saved}: ` +
      "add --resume, with the same number of processes or another",
    { cause: error },
  );
}

/** SHA-256 of the package's sources where they are files; of a published package, its version says the same. */
export async function codeDigest(): Promise<string> {
  const root = new URL("../../", import.meta.url);
  if (root.protocol !== "file:") return "published";
  const hash = createHash("sha256");
  for (const path of (await sourcesIn(fileURLToPath(root))).sort()) {
    hash.update(path.slice(root.pathname.length)).update(await Deno.readFile(path));
  }
  return hash.digest("hex");
}

async function sourcesIn(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder.replace(/[\\/]$/, "")}/${name}`;
    if (isDirectory) paths.push(...await sourcesIn(path));
    else if (name.endsWith(".ts")) paths.push(path);
  }
  return paths;
}
