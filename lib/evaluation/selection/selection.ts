/** A choice of teachers, as the file `select.json`. */
import { z } from "zod";
import { jsonArtifact } from "../../io/json_artifact.ts";

const place = z.int().min(0);
const members = z.array(place).readonly();

const difference = z.object({
  /** Points, less the price of what it costs. */
  difference: z.number(),
  /** Lower end of the 95 % interval over images. */
  low: z.number(),
  /** Upper end of the interval. */
  high: z.number(),
});

const value = z.object({
  /** Places of the teachers, in the order in which they were added. */
  members,
  /** In percent: accuracy by the probe, or representativeness. */
  accuracy: z.number(),
  /** In the unit of the choice. */
  cost: z.number(),
  /** `accuracy` less the price of the cost. */
  value: z.number(),
});

const schema = z.object({
  /** Whether labels were used: a probe of joined features, else the prediction of all features. */
  by: z.enum(["labels", "images"]),
  /** The probe; null without labels. */
  probe: z.enum(["knn", "linear", "both"]).nullable(),
  /** Labelled sets, of which only train images are used; may be empty. */
  tasks: z.array(
    z.object({ name: z.string(), images: z.number(), weight: z.number() }).readonly(),
  ).readonly(),
  /** Images without labels: those to learn from, and those held out. */
  images: z.object({ name: z.string(), learnt: z.number(), heldOut: z.number() }).readonly(),
  /** Side in pixels at which all teachers saw the images. */
  canvas: z.number(),
  /** Draws folds, held-out images and intervals. */
  seed: z.number(),
  /** Unit of costs: milliseconds an image, or millions of parameters. */
  unit: z.enum(["ms", "M"]),
  /** Points that a unit of cost is worth. */
  costWeight: z.number(),
  /** Most cost of the chosen teachers; null where there is no bound. */
  budget: z.number().nullable(),
  /** The teachers that could be chosen. */
  teachers: z.array(
    z.object({
      name: z.string(),
      source: z.string(),
      parameters: z.number(),
      /** Milliseconds an image, in a batch. */
      milliseconds: z.number(),
      /** How its features were read. */
      readout: z.string(),
      /** What it is worth alone, in percent. */
      alone: z.number(),
    }).readonly(),
  ).min(2).readonly(),
  /** In the order in which each adds most, also beyond the chosen ones. */
  steps: z.array(
    value.extend({
      /** Place of the teacher that is added. */
      added: place,
      /** What it adds; null of the first. */
      gain: difference.readonly().nullable(),
      /** R² in percent of all teachers' features from those of this step, in the mean. */
      representativeness: z.number(),
    }).readonly(),
  ).min(1).readonly(),
  /** The teachers to take. */
  chosen: value.readonly(),
  /** Why no more are taken: no clear gain, nothing within the budget, or there are no more. */
  stop: z.enum(["gain", "budget", "all"]),
  /** For each chosen teacher what is lost without it; empty where one is chosen. */
  losses: z.array(
    difference.extend({
      without: place,
      /** Share of the whole that is lost, in percent. */
      share: z.number(),
    }).readonly(),
  ).readonly(),
  /** `[known][other]`: 1 - R² of the other's features from the known one's, on held-out images; 0 of itself. */
  complements: z.array(z.array(z.number()).readonly()).readonly(),
  /** `[teachers]`: 1 - R² of its features from those of all others together. */
  ownPart: z.array(z.number()).readonly(),
  /** What simple rules would choose; `members` is null for the mean over random sets. */
  rules: z.array(
    z.object({
      rule: z.string(),
      members: members.nullable(),
      accuracy: z.number(),
      cost: z.number(),
    }).readonly(),
  ).readonly(),
}).readonly();

/** Which teachers to take, in which order, and what each adds and costs. */
export type Selection = z.infer<typeof schema>;

/** Name of the file in its folder. */
export const selectionFile = "select.json";

const artifact = jsonArtifact({
  noun: "a choice of teachers",
  schema,
  advice: "Remove the file, and make it anew with deno task select.",
  indent: 1,
});

/** Writes `select.json` to a folder. */
export async function writeSelection(folder: string, selection: Selection): Promise<void> {
  await artifact.write(`${folder}/${selectionFile}`, selection);
}

/**
 * Reads what {@linkcode writeSelection} wrote; undefined where there is no such file.
 *
 * @throws {UserError} where the file holds something else.
 */
export async function readSelection(folder: string): Promise<Selection | undefined> {
  return await artifact.read(`${folder}/${selectionFile}`);
}
