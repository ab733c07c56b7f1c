/** What a run was begun with, stored in every checkpoint: a resumed run must have the same. */
import { z } from "zod";
import configuration from "../../deno.json" with { type: "json" };
import { startEngine } from "../engine/backend.ts";
import { UserError } from "../errors/user_error.ts";
import type { Recipe } from "../recipe/options.ts";
import { parseRecipe } from "../recipe/recipe.ts";
import { recipeDifferences } from "../recipe/fingerprint.ts";

/** What beside the recipe decides the numbers of a run. */
export interface RunProvenance {
  /** Digest of the decoded images. */
  readonly images: string;
  /** Digests by name. */
  readonly teachers: { readonly [name: string]: string };
  /** Of what computes: `hashigo`, and `tensorflow` or `wasm`. */
  readonly versions: { readonly [name: string]: string };
}

const originSchema: z.ZodType<RunProvenance> = z.object({
  images: z.string(),
  teachers: z.record(z.string(), z.string()),
  versions: z.record(z.string(), z.string()),
});

/** What this process would run with. */
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
 * What differs between a checkpoint's `recipe` and `origin` and those of this process, as "key: before
 * -> after"; a checkpoint that has none differs in everything.
 */
export function provenanceDifferences(
  stored: { readonly recipe?: unknown; readonly origin?: unknown },
  { recipe, origin }: { readonly recipe: Recipe; readonly origin: RunProvenance },
): string[] {
  const before = originSchema.safeParse(stored.origin).data;
  const differences = stored.recipe === undefined
    ? ["recipe: not recorded -> given"]
    : recipeDifferences(parseRecipe(stored.recipe), recipe);
  const [left, right] = [named(before), named(origin)];
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

function named(origin: RunProvenance | undefined): Map<string, string> {
  if (origin === undefined) return new Map();
  const { images, teachers, versions } = origin;
  const rows = [
    ["images.digest", images] as const,
    ...Object.entries(teachers).map(([name, digest]) => [`teachers.${name}`, digest] as const),
    ...Object.entries(versions).map(([name, version]) => [`versions.${name}`, version] as const),
  ];
  return new Map(rows);
}

/** Digests are told apart by their beginnings. */
function shortened(value: string): string {
  return /^[0-9a-f]{64}$/.test(value) ? `${value.slice(0, 12)}…` : value;
}
