/** The CSV of an experiment's results: a line for each number. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { writeFileAtomic } from "../io/atomic_file.ts";
import { whileLocked } from "../io/file_lock.ts";
import { readTextIfThere } from "../io/text_file.ts";
import { UserError } from "../errors/user_error.ts";
import type { Experiment, ExperimentRow } from "./experiment.ts";
import type { RecipeInput } from "../recipe/input.ts";
import { defineRecipe } from "../recipe/recipe.ts";
import { recipeDigest } from "../recipe/fingerprint.ts";

/** A number that was measured of one row with one seed. */
export interface ExperimentResult {
  /** Name of the row. */
  readonly row: string;
  /** Seed of the run. */
  readonly seed: number;
  /** Digest of the row, see {@linkcode rowDigest}; results of another recipe have another one. */
  readonly recipe: string;
  /** Name of the measure, such as "logistic world_shape". */
  readonly measure: string;
  /** The number, in percent where it is an accuracy. */
  readonly value: number;
  /** ISO date of the measurement. */
  readonly date: string;
  /** Processor and cores of the machine. */
  readonly machine: string;
}

const columns = ["row", "seed", "recipe", "measure", "value", "date", "machine"] as const;

const lineSchema = z.tuple([
  z.string(),
  z.coerce.number().int(),
  z.string(),
  z.string(),
  z.coerce.number(),
  z.string(),
  z.string(),
]);

/** What of an experiment the results of its rows depend on. */
type Measuring = Pick<
  Experiment,
  "tasks" | "moments" | "capacity" | "readout" | "validation" | "ownFeatures"
>;

/**
 * Digest of everything that the results of a row depend on but the seed, twelve hexadecimal digits. Rows
 * of different experiments that train and measure the same have the same digest.
 */
export function rowDigest(experiment: Measuring, row: ExperimentRow): string {
  const { tasks, moments, capacity, readout, validation, ownFeatures } = experiment;
  const more = { moments, capacity, readout, validation, ownFeatures };
  const isMore = Object.values(more).some((value) => value !== undefined && value !== false);
  return digestOf([decisive(row), tasks, ...(isMore ? [more] : [])]);
}

/** Digest of what a row trains, however it is measured. */
export function trainingDigest(row: ExperimentRow): string {
  return digestOf([decisive(row)]);
}

function decisive(row: ExperimentRow): string {
  const { name: _, title: __, ...run } = row;
  return "recipe" in run
    ? recipeDigest(defineRecipe({ ...withoutFolders(run.recipe), name: "row", seed: 0 }))
    : JSON.stringify(run);
}

function digestOf(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);
}

/** The recipe with only the end of the paths of image sets: their folders differ between machines. */
function withoutFolders<R extends Pick<RecipeInput, "images">>(recipe: R): R {
  const sources = recipe.images.sources.map((source) =>
    "path" in source ? { ...source, path: source.path.split("/").slice(-2).join("/") } : source
  );
  return { ...recipe, images: { ...recipe.images, sources } };
}

/**
 * Reads a file of results; empty where there is no such file.
 *
 * @throws {UserError} where a line of it is no result
 */
export async function readExperimentResults(path: string): Promise<ExperimentResult[]> {
  const text = await readTextIfThere(path) ?? "";
  return text.split("\n").slice(1).filter((line) => line !== "").map((line, i) => {
    const parsed = lineSchema.safeParse(line.split(","));
    if (!parsed.success) {
      throw new UserError(
        `Cannot read the results "${path}": line ${i + 2} is "${line.slice(0, 80)}", expected ` +
          `${columns.join(",")}. Remove the line, and its row is run again.`,
      );
    }
    const [row, seed, recipe, measure, value, date, machine] = parsed.data;
    return { row, seed, recipe, measure, value, date, machine };
  });
}

/**
 * Adds results to a file, in the place of older ones of the same row and seed. Several processes may add to one file
 * at the same time. Lines are in the order of seeds, then of the names of rows, then as they were measured, so that
 * the file does not depend on who came first.
 *
 * @throws {UserError} where a line of the file is no result, or it cannot be written
 */
export async function addExperimentResults(
  path: string,
  added: readonly ExperimentResult[],
): Promise<void> {
  const replaced = (result: ExperimentResult) =>
    added.some(({ row, seed }) => row === result.row && seed === result.seed);
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await whileLocked(path, async () => {
    const kept = (await readExperimentResults(path)).filter((result) => !replaced(result));
    const lines = [...kept, ...added].sort(bySeedAndRow).map((result) =>
      columns.map((column) => String(result[column]).replaceAll(/[,\n]/g, " ")).join(",")
    );
    await writeFileAtomic(path, [columns.join(","), ...lines, ""].join("\n"));
  });
}

/** By code units, not by the user's language: the same on every machine. */
function bySeedAndRow(one: ExperimentResult, other: ExperimentResult): number {
  if (one.seed !== other.seed) return one.seed - other.seed;
  return one.row < other.row ? -1 : one.row > other.row ? 1 : 0;
}
