/** What decides the numbers of a run, stored in every checkpoint: a resumed run must have the same. */
import { z } from "zod";
import configuration from "../../deno.json" with { type: "json" };
import { startEngine } from "../engine/backend.ts";
import { UserError } from "../errors/user_error.ts";
import type { Recipe } from "../recipe/options.ts";
import { recipeDifferences } from "../recipe/fingerprint.ts";
import { parseRecipe } from "../recipe/recipe.ts";

const provenanceSchema = z.object({
  /** Digest of the decoded images. */
  images: z.string(),
  /** Digests by name. */
  teachers: z.record(z.string(), z.string()),
  /** Versions by name: `hashigo`, and `tensorflow` or `wasm`. */
  versions: z.record(z.string(), z.string()),
});

/** Images, teachers and versions, which beside the recipe decide the numbers of a run. */
export type RunProvenance = z.infer<typeof provenanceSchema>;

/** The provenance of a run in this process. */
export async function provenanceOf({ images, teachers }: {
  readonly images: { readonly digest: string };
  readonly teachers: readonly { readonly name: string; readonly digest: string }[];
}): Promise<RunProvenance> {
  const { backend, version } = await startEngine();
  return {
    images: images.digest,
    teachers: Object.fromEntries(teachers.map(({ name, digest }) => [name, digest])),
    versions: { hashigo: configuration.version, [backend]: version },
  };
}

/**
 * Differences between a checkpoint and this process in recipe and provenance, as "key: before -> after";
 * a checkpoint that has none differs in everything.
 *
 * @param stored `meta.json` of the checkpoint, which holds the provenance under `origin`
 */
export function provenanceDifferences(
  stored: { readonly recipe?: unknown; readonly origin?: unknown },
  { recipe, provenance }: { readonly recipe: Recipe; readonly provenance: RunProvenance },
): string[] {
  const before = provenanceSchema.safeParse(stored.origin).data;
  const differences = stored.recipe === undefined
    ? ["recipe: not recorded -> given"]
    : recipeDifferences(parseRecipe(stored.recipe), recipe);
  const [left, right] = [valuesByKey(before), valuesByKey(provenance)];
  for (const key of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    const [old, now] = [left.get(key) ?? "not recorded", right.get(key) ?? "none"];
    if (old !== now) differences.push(`${key}: ${shortened(old)} -> ${shortened(now)}`);
  }
  return differences;
}

/**
 * Refuses differences that were not accepted by name; `"optimization"` accepts every one below it.
 *
 * @throws {UserError} with the list, and how to accept it
 */
export function refuseDifferences(
  folder: string,
  differences: readonly string[],
  allow: readonly string[],
): void {
  const refused = differences.map((line) => ({ line, key: line.slice(0, line.indexOf(":")) }))
    .filter(({ key }) => !allow.some((name) => key === name || key.startsWith(`${name}.`)));
  if (refused.length === 0) return;
  throw new UserError(
    `Cannot resume "${folder}": it was begun with something else (stored -> given):\n` +
      refused.map(({ line }) => `  - ${line}`).join("\n") +
      "\nGive the same, choose another folder with --run, or accept that the result will be another " +
      `one: ${refused.map(({ key }) => `--allow ${key}`).join(" ")}`,
  );
}

function valuesByKey(provenance: RunProvenance | undefined): Map<string, string> {
  if (provenance === undefined) return new Map();
  const { images, teachers, versions } = provenance;
  return new Map([
    ["images.digest", images] as const,
    ...Object.entries(teachers).map(([name, digest]) => [`teachers.${name}`, digest] as const),
    ...Object.entries(versions).map(([name, version]) => [`versions.${name}`, version] as const),
  ]);
}

/** Digests differ in their beginnings already. */
function shortened(value: string): string {
  return /^[0-9a-f]{64}$/.test(value) ? `${value.slice(0, 12)}…` : value;
}
