/** What models know and how alike they are, as the file `analysis.json` of a run folder. */
import { z } from "zod";
import { jsonArtifact } from "../../io/json_artifact.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { roleSchema } from "../row_schema.ts";

const curve = z.object({
  /** Whose. */
  model: z.string(),
  /** What was varied, rising. */
  x: z.array(z.number()).readonly(),
  /** k-NN accuracy at each, in percent. */
  accuracy: z.array(z.number()).readonly(),
}).readonly();

const pairMatrix = z.array(z.array(z.number().nullable()).readonly()).readonly();

const spectrum = z.object({
  model: z.string(),
  width: z.number(),
  effectiveRank: z.number(),
  /** Share of all variance that the first 1, 2, … axes hold. */
  shares: z.array(z.number()).readonly(),
}).readonly();

const plugAndPlayRow = z.object({
  /** Whose classifier it is. */
  teacher: z.string(),
  /** Images that both classified. */
  images: z.number(),
  /** Classes that the classifier tells apart. */
  classes: z.number(),
  /** Images in percent for which both name the same class first. */
  agreement: z.number(),
  /** Right first classes in percent; absent where a class of the images is none of the classifier's. */
  accuracy: z.object({ student: z.number(), teacher: z.number() }).readonly().optional(),
}).readonly();

const schema = z.object({
  /** Name of the image set. */
  task: z.string(),
  /** How many images voted and were classified. */
  images: z.object({ train: z.number(), test: z.number() }).readonly(),
  /** What of a network's output was classified. */
  feature: z.enum(["cls", "patch", "cls+patch"]),
  /** Neighbours. */
  k: z.number(),
  /** Names and roles of the models, in order. */
  models: z.array(z.tuple([z.string(), roleSchema]).readonly()).readonly(),
  /** Debiased linear CKA of layers: every block of a student, the outputs of every model. */
  alignment: z.object({
    layers: z.array(z.object({ model: z.string(), layer: z.string() }).readonly()).readonly(),
    values: pairMatrix,
  }).readonly(),
  /** Accuracy by the number of principal components kept. */
  components: z.array(curve).readonly(),
  /** Accuracy by the percentage of every layer's weights left out. */
  pruning: z.array(curve).readonly(),
  /** How many directions features vary in. */
  spectra: z.array(spectrum).readonly(),
  /** As in `complementarity`, of the models' k-NN predictions. */
  errors: z.object({
    accuracy: z.array(z.number()).readonly(),
    union: z.number(),
    pairUnion: pairMatrix,
    errorOverlap: pairMatrix,
    gain: pairMatrix,
    alone: z.array(z.number()).readonly(),
  }).readonly(),
  /** As in `jointAccuracy`, of every pair of models. */
  joint: z.object({ pair: pairMatrix, gain: pairMatrix }).readonly(),
  /** Features of the teachers side by side: all of them, and all but each; null without teachers. */
  teachersTogether: z.object({
    teachers: z.array(z.string()).readonly(),
    all: z.number(),
    without: z.array(z.number().nullable()).readonly(),
  }).readonly().nullable(),
  /** The student in the place of teachers that came with a classifier. */
  plugAndPlay: z.array(plugAndPlayRow).readonly(),
  /** Time that everything took. */
  seconds: z.number(),
}).readonly();

/** One number for each pair of models (or layers); null where it is not defined. */
export type PairMatrix = z.infer<typeof pairMatrix>;

/** Accuracies over something that is varied. */
export type AnalysisCurve = z.infer<typeof curve>;

/** How a student classifies in a teacher's place. */
export type PlugAndPlayRow = z.infer<typeof plugAndPlayRow>;

/** Models on one task; matrices are in the order of `models`. */
export type Analysis = z.infer<typeof schema>;

const artifact = jsonArtifact({
  noun: "an analysis",
  schema,
  advice: "Remove the file, and make it anew with deno task evaluate RUN --analysis SET.",
  indent: 0,
});

/**
 * Writes `analysis.json` to a run.
 *
 * @example
 * ```ts ignore
 * await writeAnalysis("runs/demo", await analyseModels([{ source: "pixels" }], "digits", { canvas: 32 }));
 * ```
 */
export async function writeAnalysis(folder: string, analysis: Analysis): Promise<void> {
  await artifact.write(runPaths(folder).analysis, analysis);
}

/**
 * Reads what {@linkcode writeAnalysis} wrote; undefined where the run was not analysed.
 *
 * @throws {UserError} where the file holds something else.
 *
 * @example
 * ```ts
 * import { readAnalysis } from "@hashigo/hashigo/evaluation";
 * if (await readAnalysis("runs/absent") !== undefined) throw new Error("There is none");
 * ```
 */
export async function readAnalysis(folder: string): Promise<Analysis | undefined> {
  return await artifact.read(runPaths(folder).analysis);
}
