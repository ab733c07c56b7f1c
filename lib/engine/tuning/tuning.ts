/**
 * What `deno task tune` measured: the time of a step in several ways of running it, kept in the user's cache
 * for a processor, a version of the library and a kind of student.
 *
 * @module
 */
import { z } from "zod";
import { jsonArtifact } from "../../io/json_artifact.ts";
import { cacheFolder } from "../../io/user_cache.ts";
import { systemHost } from "../install/host.ts";
import { chooseBuild, TensorFlowUnavailable } from "../install/platform.ts";
import { processorFolder, thisProcessor } from "../install/processor.ts";
import { tensorFlowVersion } from "../install/wheels.ts";
import { flagSetNames } from "./flag_sets.ts";

/** A way of running a step. */
export const stepWaySchema = z.strictObject({
  mode: z.enum(["xla", "graph"]),
  flags: z.enum(flagSetNames),
  precision: z.enum(["float32", "bfloat16"]),
});

/** How a step is compiled, with which flags of XLA, and in which precision. */
export type StepWay = z.infer<typeof stepWaySchema>;

const trialSchema = stepWaySchema.extend({
  /** The shortest of some steps; null where it failed. */
  milliseconds: z.number().positive().nullable(),
  /** Why it does not count: it failed, or computed something else. */
  refusal: z.string().max(500).optional(),
});

/** A way that was tried. */
export type TuningTrial = z.infer<typeof trialSchema>;

const schema = z.strictObject({
  processor: z.string().max(250),
  library: z.string().max(50),
  student: z.string().regex(/^[a-z0-9_]{1,50}$/),
  /** What was timed, in words. */
  step: z.string().max(500),
  date: z.string().max(40),
  trials: z.array(trialSchema).min(1).max(100),
});

/** Outcome of a tuning. */
export type Tuning = z.infer<typeof schema>;

const artifact = jsonArtifact<Tuning>({
  noun: "a tuning",
  schema,
  maximumBytes: 100_000,
  advice: "Run deno task tune again, or remove the file",
});

/** How a recipe runs unless something else is measured to be faster. */
export const usualWay: StepWay = { mode: "xla", flags: "plain", precision: "float32" };

/** Less is within what two measurements of the same differ by. */
const leastGain = 0.03;

/** Processor and build of the library, by which tunings are told apart. */
function placeHere(): Pick<Tuning, "processor" | "library"> {
  return {
    processor: processorFolder(thisProcessor()),
    library: `tensorflow_${tensorFlowVersion}_${buildHere()}`,
  };
}

function buildHere(): string {
  try {
    return chooseBuild(systemHost()).variant;
  } catch (error) {
    if (!(error instanceof TensorFlowUnavailable)) throw error;
    return "own"; // A library that HASHIGO_TENSORFLOW names, or none.
  }
}

function pathOf({ processor, library, student }: Omit<Tuning, "step" | "date" | "trials">): string {
  return `${processor}_${library}_${student}.json`;
}

/**
 * What was measured for a kind of student on this processor with this build of the library; undefined where
 * nothing was.
 *
 * @param folder default: that of tunings in the user's cache
 * @throws {UserError} where the file is something else
 */
export async function readTuning(
  student: string,
  folder: string = cacheFolder("tuning"),
): Promise<Tuning | undefined> {
  const place = { ...placeHere(), student };
  const tuning = await artifact.read(`${folder}/${pathOf(place)}`);
  // A file that was renamed or copied is another machine's.
  return tuning !== undefined && pathOf(tuning) === pathOf(place) ? tuning : undefined;
}

/** Keeps a tuning of here in place of the former one; returns its path. */
export async function keepTuning(
  tuning: Omit<Tuning, "processor" | "library">,
  folder: string = cacheFolder("tuning"),
): Promise<string> {
  const whole = { ...placeHere(), ...tuning }, path = `${folder}/${pathOf(whole)}`;
  await Deno.mkdir(folder, { recursive: true });
  await artifact.write(path, whole);
  return path;
}

/**
 * All tunings for this processor and build of the library.
 *
 * @throws {UserError} where one of the files is something else
 */
export async function tuningsHere(folder: string = cacheFolder("tuning")): Promise<Tuning[]> {
  const start = pathOf({ ...placeHere(), student: "" }).replace(/\.json$/, "");
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const students = names.sort().flatMap((name) =>
    name.startsWith(start) && name.endsWith(".json") ? [name.slice(start.length, -5)] : []
  );
  const tunings = await Promise.all(students.map((student) => readTuning(student, folder)));
  return tunings.filter((tuning) => tuning !== undefined);
}

/**
 * The fastest way in a precision that counts; the usual one in XLA unless another is faster by 3 % or more.
 * Undefined where none in this precision counts.
 *
 * @example
 * ```ts
 * import { fastestWay } from "./tuning.ts";
 * const way = { flags: "plain", precision: "float32" } as const;
 * const trials = [
 *   { ...way, mode: "xla", milliseconds: 100 },
 *   { ...way, mode: "graph", milliseconds: 99 },
 * ] as const;
 * if (fastestWay(trials, "float32")?.mode !== "xla") throw new Error("1 % says nothing");
 * ```
 */
export function fastestWay(
  trials: readonly TuningTrial[],
  precision: StepWay["precision"],
): (StepWay & { readonly milliseconds: number }) | undefined {
  const counted = trials.flatMap(({ refusal, milliseconds, ...way }) =>
    refusal === undefined && milliseconds !== null && way.precision === precision
      ? [{ ...way, milliseconds }]
      : []
  );
  const [fastest] = counted.toSorted((a, b) => a.milliseconds - b.milliseconds);
  const usual = counted.find(({ mode, flags }) =>
    mode === usualWay.mode && flags === usualWay.flags
  );
  if (fastest === undefined || usual === undefined) return fastest;
  return fastest.milliseconds <= (1 - leastGain) * usual.milliseconds ? fastest : usual;
}

/** A way in words: "XLA with onednn_dot, bfloat16". */
export function wayText({ mode, flags, precision }: StepWay): string {
  const how = mode === "xla" ? "XLA" : "graph";
  return `${how}${flags === "plain" ? "" : ` with ${flags}`}, ${precision}`;
}
