/** What was found out about what models know; `analysis.json` of a run holds one. */
import { z } from "zod";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { UserError } from "../../errors/user_error.ts";
import type { Model } from "../models/open_model.ts";
import type { FeatureKind } from "../features/pooled.ts";
import type { PlugAndPlayRow } from "./plug_and_play.ts";
import { runPaths } from "../../runs/run_folder.ts";

/** One number for each pair of models (or layers); null where it is not defined. */
export type PairMatrix = readonly (readonly (number | null)[])[];

/** Accuracies over something that is varied. */
export interface AnalysisCurve {
  /** Whose. */
  readonly model: string;
  /** What was varied, rising. */
  readonly x: readonly number[];
  /** k-NN accuracy at each, in percent. */
  readonly accuracy: readonly number[];
}

/** Models on one task; matrices are in the order of `models`. */
export interface Analysis {
  /** Name of the image set. */
  readonly task: string;
  /** How many images voted and were classified. */
  readonly images: { readonly train: number; readonly test: number };
  /** What of a network's output was classified. */
  readonly feature: FeatureKind;
  /** Neighbours. */
  readonly k: number;
  /** Models in order, with what they are to the comparison. */
  readonly models: readonly (readonly [name: string, role: Model["role"]])[];
  /** Debiased linear CKA of layers: every block of a student, the outputs of every model. */
  readonly alignment: {
    readonly layers: readonly { readonly model: string; readonly layer: string }[];
    readonly values: PairMatrix;
  };
  /** Accuracy with so many principal components kept. */
  readonly components: readonly AnalysisCurve[];
  /** Accuracy with so many percent of every layer's weights left out. */
  readonly pruning: readonly AnalysisCurve[];
  /** How many directions features vary in. */
  readonly spectra: readonly {
    readonly model: string;
    readonly width: number;
    readonly effectiveRank: number;
    /** Share of all variance that the first 1, 2, … axes hold. */
    readonly shares: readonly number[];
  }[];
  /** As in `complementarity`, of the models' k-NN predictions. */
  readonly errors: {
    readonly accuracy: readonly number[];
    readonly union: number;
    readonly pairUnion: PairMatrix;
    readonly errorOverlap: PairMatrix;
    readonly gain: PairMatrix;
    readonly alone: readonly number[];
  };
  /** As in `jointAccuracy`, of every pair of models. */
  readonly joint: { readonly pair: PairMatrix; readonly gain: PairMatrix };
  /** Features of the teachers side by side: all of them, and all but each; null without teachers. */
  readonly teachersTogether: {
    readonly teachers: readonly string[];
    readonly all: number;
    readonly without: readonly (number | null)[];
  } | null;
  /** The student in the place of teachers that came with a classifier. */
  readonly plugAndPlay: readonly PlugAndPlayRow[];
  /** Time that everything took. */
  readonly seconds: number;
}

const curve = z.array(
  z.object({ model: z.string(), x: z.array(z.number()), accuracy: z.array(z.number()) }),
);
const matrix = z.array(z.array(z.number().nullable()));
const both = z.object({ student: z.number(), teacher: z.number() });
const analysisSchema: z.ZodType<Analysis> = z.object({
  task: z.string(),
  images: z.object({ train: z.number(), test: z.number() }),
  feature: z.enum(["cls", "patch", "cls+patch"]),
  k: z.number(),
  models: z.array(z.tuple([z.string(), z.enum(["student", "teacher", "baseline"])])),
  alignment: z.object({
    layers: z.array(z.object({ model: z.string(), layer: z.string() })),
    values: matrix,
  }),
  components: curve,
  pruning: curve,
  spectra: z.array(z.object({
    model: z.string(),
    width: z.number(),
    effectiveRank: z.number(),
    shares: z.array(z.number()),
  })),
  errors: z.object({
    accuracy: z.array(z.number()),
    union: z.number(),
    pairUnion: matrix,
    errorOverlap: matrix,
    gain: matrix,
    alone: z.array(z.number()),
  }),
  joint: z.object({ pair: matrix, gain: matrix }),
  teachersTogether: z.object({
    teachers: z.array(z.string()),
    all: z.number(),
    without: z.array(z.number().nullable()),
  }).nullable(),
  plugAndPlay: z.array(z.object({
    teacher: z.string(),
    images: z.number(),
    classes: z.number(),
    agreement: z.number(),
    accuracy: z.exactOptional(both),
  })),
  seconds: z.number(),
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
  await writeFileAtomic(runPaths(folder).analysis, JSON.stringify(analysis) + "\n");
}

/**
 * Reads what {@linkcode writeAnalysis} wrote; undefined where the run was not analysed.
 *
 * @throws {UserError} where the file is something else.
 *
 * @example
 * ```ts
 * import { readAnalysis } from "@hashigo/hashigo";
 * if (await readAnalysis("runs/absent") !== undefined) throw new Error("There is none");
 * ```
 */
export async function readAnalysis(folder: string): Promise<Analysis | undefined> {
  const { analysis: path } = runPaths(folder);
  const text = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return analysisSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new UserError(
      `Cannot read "${path}": it is not an analysis. Remove it and make it anew: analyseRun("${folder}")`,
      { cause: error },
    );
  }
}
