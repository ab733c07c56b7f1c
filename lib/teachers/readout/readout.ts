/** Readouts: which stages of a network, and which predictions of teachers, make the feature of an image. */
import { z } from "zod";
import { UserError } from "../../errors/user_error.ts";

/**
 * Which outputs of a network make its feature, as plain data: each part is scaled to unit length, times its
 * weight, and they stand side by side. Places of a dense task are read in the same way, on the finest grid of
 * all parts. `{ stages: ["last"] }`, without statistics, is the feature as it is, at its own length.
 */
export interface Readout {
  /** Stages whose tokens are read, counted from 0, each of weight 1; "last" are the network's features. */
  readonly stages: readonly ("last" | number)[];
  /** Whether the stages' numbers are brought to mean 0 and deviation 1. Default false. */
  readonly standardized?: boolean | undefined;
  /**
   * Weight of what a student predicts of each teacher, by the teacher's name. Predictions are on the
   * standardised scale already. Default: none is read.
   */
  readonly predictions?: Readonly<Record<string, number>> | undefined;
}

/** Mean and deviation of each number of a kind of token. */
export interface ReadoutStatistics {
  /** `[width]` */
  readonly mean: readonly number[];
  /** `[width]`, above 0. */
  readonly deviation: readonly number[];
}

/** A readout of one network, with everything that is needed to apply it. */
export interface FittedReadout extends Readout {
  /** Digest of the network, see `Backbone.digest`. */
  readonly network: string;
  /** Of which unlabelled images the statistics are, in words. Default: there are none. */
  readonly corpus?: string | undefined;
  /** By stage, of the image's token and of its patches, where stages are standardised. */
  readonly statistics?:
    | Readonly<
      Record<
        string,
        { readonly cls: ReadoutStatistics; readonly patch?: ReadoutStatistics | undefined }
      >
    >
    | undefined;
  /** What was tried on the train parts, with the mean accuracy in percent. Default: it was not chosen. */
  readonly trials?:
    | readonly { readonly readout: string; readonly score: number }[]
    | undefined;
}

const statistics = z.strictObject({
  mean: z.array(z.number()).min(1).readonly(),
  deviation: z.array(z.number().positive()).min(1).readonly(),
}).refine(({ mean, deviation }) => mean.length === deviation.length, {
  message: "expected as many deviations as means",
});

const plain = {
  stages: z.array(z.union([z.literal("last"), z.int().min(0)])).min(1).readonly(),
  standardized: z.boolean().optional(),
  predictions: z.record(z.string().min(1), z.number().positive()).readonly().optional(),
};

const schema: z.ZodType<Readout | FittedReadout> = z.union([
  z.strictObject(plain),
  z.strictObject({
    ...plain,
    network: z.string(),
    corpus: z.string().optional(),
    statistics: z.record(
      z.string(),
      z.strictObject({ cls: statistics, patch: statistics.optional() }).readonly(),
    ).readonly().optional(),
    trials: z.array(z.strictObject({ readout: z.string(), score: z.number() }).readonly())
      .readonly().optional(),
  }),
]).superRefine(({ stages }, context) => {
  const repeated = stages.find((stage, i) => stages.indexOf(stage) !== i);
  if (repeated === undefined) return;
  context.addIssue({
    code: "custom",
    path: ["stages"],
    message: `"${repeated}" stands there twice`,
  });
});

/** The schema of readouts, with or without statistics, for files that hold one. */
export const readoutSchema: { parse(value: unknown): Readout | FittedReadout } = schema;

/** The feature as it is: the network's own, at its own length. */
export const asItIs: Readout = { stages: ["last"] };

/** Whether a readout is the network's own feature, unchanged. */
export function isAsItIs({ stages, standardized, predictions = {} }: Readout): boolean {
  return stages.join() === "last" && standardized !== true && Object.keys(predictions).length === 0;
}

/** Whether a readout has been fitted to a network. */
export function isFitted(readout: Readout): readout is FittedReadout {
  return "network" in readout;
}

/**
 * Reads a readout from JSON.
 *
 * @param source Names it in errors.
 * @throws {UserError} where the text is something else, with the first thing that does not fit
 *
 * @example
 * ```ts
 * import { parseReadout } from "./readout.ts";
 * const readout = parseReadout('{ "stages": ["last", 16], "standardized": true }', "mine.json");
 * if (readout.stages.length !== 2) throw new Error("Two parts");
 * ```
 */
export function parseReadout(json: string, source: string): Readout | FittedReadout {
  try {
    return schema.parse(JSON.parse(json));
  } catch (error) {
    const found = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new UserError(
      `Cannot read the readout "${source}": expected JSON such as { "stages": ["last", 16], ` +
        `"standardized": true } or { "stages": ["last"], "predictions": { "TEACHER": 0.7 } }. Found: ` +
        found,
    );
  }
}

/**
 * A readout in words, such as "last, stages 16 and 13, standardised; 0.7 of resnet56".
 *
 * @example
 * ```ts
 * import { readoutText } from "./readout.ts";
 * if (readoutText({ stages: ["last"] }) !== "as it is") throw new Error("Nothing is changed");
 * const text = readoutText({ stages: ["last", 3], standardized: true, predictions: { a: 0.5 } });
 * if (text !== "last and stage 3, standardised, with 0.5 of predicted a") throw new Error(text);
 * ```
 */
export function readoutText(readout: Readout): string {
  if (isAsItIs(readout)) return "as it is";
  const stages = readout.stages.map((stage) => stage === "last" ? "last" : `stage ${stage}`);
  const predictions = Object.entries(readout.predictions ?? {})
    .map(([teacher, weight]) => `${weight} of predicted ${teacher}`);
  return joined(stages) + (readout.standardized === true ? ", standardised" : "") +
    (predictions.length === 0 ? "" : `, with ${joined(predictions)}`);
}

function joined(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
