/** What came of runs before: the table `data/results/past_runs.json`, from which an expectation is read. */
import { z } from "zod";
import table from "../../../data/results/past_runs.json" with { type: "json" };

const imageKind = z.enum(["real", "generated"]);
const studentStart = z.enum(["network", "scratch"]);

const pastRun = z.strictObject({
  /** Experiment and row, or the recipe, that it is of. */
  source: z.string(),
  images: imageKind,
  /** Number of images of a pass; null where the recipe does not say. */
  imageCount: z.number().nullable(),
  /** "specialists" know one kind of image each, "pretrained" networks know things in general. */
  teacherKind: z.enum(["pretrained", "specialists"]),
  start: studentStart,
  /** Number of teachers. */
  teachers: z.int().min(2),
  /** Minutes of training, the mean over seeds. */
  minutes: z.number(),
  /** Images that it saw, each as often as it did; null where its length was planned by minutes and not recorded. */
  seen: z.number().nullable(),
  /** Whether all teachers were measured beside it; else it is set beside the network that it starts from. */
  besideAll: z.boolean(),
  /** Name of the best of the models that it is set beside. */
  against: z.string(),
  /**
   * By seed, points of the student over the best single teacher: the mean over tasks of k-NN and logistic
   * regression.
   */
  leads: z.array(z.number()).min(1).readonly(),
  /** By seed, its place between the mean of the teachers, 0, and the best of them, 1; empty without all of them. */
  places: z.array(z.number()).readonly(),
}).readonly();

const pastComponent = z.strictObject({
  component: z.enum(["standardisation", "ladder", "dropping"]),
  images: imageKind,
  start: studentStart,
  /** Points that it adds, for each pair of runs that differ by it alone and have the same seed. */
  increments: z.array(z.number()).min(1).readonly(),
  /** The pairs: experiment, and the rows without it and with it. */
  sources: z.array(z.string()).min(1).readonly(),
}).readonly();

/** Schema of the file. */
export const pastRunsSchema = z.strictObject({
  version: z.literal(1),
  runs: z.array(pastRun).readonly(),
  components: z.array(pastComponent).readonly(),
}).readonly();

/** Runs on record, and what parts of the method added to them. */
export type PastRuns = z.infer<typeof pastRunsSchema>;

/** A row of an experiment, or a recipe, that was run with some seeds. */
export type PastRun = PastRuns["runs"][number];

/** What one part of the method added. */
export type PastComponent = PastRuns["components"][number];

/** Name of a part of the method that can be switched. */
export type ComponentName = PastComponent["component"];

/** The table that comes with the package. */
export const pastRuns: PastRuns = pastRunsSchema.parse(table);
