/** The record of a step that may not update: enough to see why, and to repeat it. */
import { z } from "zod";
import { jsonArtifact } from "../io/json_artifact.ts";
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
  stoppedTeachers: z.optional(z.array(z.string()).readonly()),
  learningRate: number,
  stateDigest: digest,
  state: z.optional(z.string().regex(/^checkpoints\/step-\d+$/)),
  recipe: z.unknown(),
});

type StoredIncident = z.infer<typeof schema>;

/**
 * One incident. `step` counts from 1, as the log does; `rows` of the cause are places in `images`;
 * `stateDigest` is that of the state from before the step, and `state` the folder, beside the file, that
 * holds it, where there was space for it.
 */
export interface Incident extends Omit<StoredIncident, "recipe"> {
  /** The recipe of the run. */
  readonly recipe: Recipe;
}

const artifact = jsonArtifact<StoredIncident>({
  noun: "the incident of a run",
  schema,
  advice: "Give a file that a run wrote, such as runs/NAME/incidents/step-000123.json",
  replacer: (_, value) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
});

/** Writes an incident, whole or not at all. */
export async function writeIncident(path: string, incident: Incident): Promise<void> {
  await artifact.write(path, incident);
}

/**
 * Reads an incident of a run, `incidents/step-000123.json`.
 *
 * @throws {UserError} where there is no such file, or it holds no incident
 */
export async function readIncident(path: string): Promise<Incident> {
  const incident = await artifact.read(path);
  if (incident === undefined) {
    throw new UserError(
      `Cannot read the incident "${path}": found no such file. Give a file that a run wrote, such ` +
        "as runs/NAME/incidents/step-000123.json",
    );
  }
  return { ...incident, recipe: parseRecipe(incident.recipe) };
}
