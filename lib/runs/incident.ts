/** The record of a step that may not update: enough to see why, and to repeat it. */
import { z } from "zod";
import { writeFileAtomic } from "../io/atomic_file.ts";
import { UserError } from "../errors/user_error.ts";
import { parseRecipe } from "../recipe/recipe.ts";
import type { Recipe } from "../recipe/options.ts";

// JSON has no NaN and no Infinity; here they are what matters.
const number = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"]).transform(Number)]);
const losses = z.object({
  cls: z.optional(number),
  patch: z.optional(number),
  total: number,
});
const digest = z.string().regex(/^[0-9a-f]{64}$/);

const schema = z.object({
  format: z.literal(1),
  step: z.int().positive(),
  kind: z.enum(["not finite", "spike"]),
  action: z.enum(["stop", "skip", "rollback"]),
  cause: z.object({
    of: z.enum(["weights", "images", "teacher features", "statistics", "loss", "gradient"]),
    text: z.string(),
    teacher: z.optional(z.string()),
    tensor: z.optional(z.string()),
    rows: z.optional(z.array(z.int().min(0)).readonly()),
  }),
  median: z.optional(number),
  loss: number,
  losses: z.record(z.string(), losses),
  shares: z.record(z.string(), number),
  gradientNorm: number,
  seed: z.int(),
  epoch: z.int().min(0),
  view: z.int().min(0),
  images: z.array(z.object({ index: z.int().min(0), name: z.string() })),
  imagesDigest: digest,
  teachers: z.array(z.object({ name: z.string(), digest: z.string() })),
  learningRate: number,
  stateDigest: digest,
  state: z.optional(z.string().regex(/^checkpoints\/step-\d+$/)),
  recipe: z.unknown(),
});

type Written = z.infer<typeof schema>;

/**
 * One incident. `step` counts from 1, as the log does; `rows` of the cause are places in `images`;
 * `stateDigest` is that of the state from before the step, and `state` the folder, beside the file, that
 * holds it, where there was space for it.
 */
export interface Incident extends Omit<Written, "recipe"> {
  /** The recipe of the run. */
  readonly recipe: Recipe;
}

/** Writes an incident, whole or not at all. */
export async function writeIncident(path: string, incident: Incident): Promise<void> {
  const named = (_: string, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  await writeFileAtomic(path, JSON.stringify(incident, named, 2) + "\n");
}

/**
 * Reads what a run wrote to `incidents/step-000123.json`.
 *
 * @throws {UserError} where there is no such file, or it is not that of an incident
 */
export async function readIncident(path: string): Promise<Incident> {
  const refused = (found: string, cause?: unknown) =>
    new UserError(
      `Cannot read the incident "${path}": ${found}. Give a file that a run wrote, such as ` +
        "runs/NAME/incidents/step-000123.json",
      { cause },
    );
  let content: unknown;
  try {
    content = JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    throw refused(error instanceof Error ? error.message : String(error), error);
  }
  const { data, error } = schema.safeParse(content);
  if (data === undefined) {
    const [issue] = error.issues;
    throw refused(`"${issue?.path.join(".")}" ${issue?.message}`);
  }
  return { ...data, recipe: parseRecipe(data.recipe) };
}
