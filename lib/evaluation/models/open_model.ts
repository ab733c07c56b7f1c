/** Everything that has frozen features, opened by name. */
import { suggestion } from "../../errors/did_you_mean.ts";
import { UserError } from "../../errors/user_error.ts";
import { loadRecipe } from "../../recipe/load.ts";
import { encoderConfigOf, studentInputOf } from "../../recipe/student_config.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { locateStudent } from "../../runs/locate_student.ts";
import { decodeStudent } from "../../teachers/student_file.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { type CheckpointReading, checkpointReadingOf } from "../../teachers/checkpoint_reading.ts";
import { concatenateBackbones } from "../../teachers/concatenated_backbone.ts";
import {
  type CheckpointName,
  type ConcatenationName,
  formatModelName,
  type ModelName,
  parseModelName,
  type RandomName,
  type TeacherName,
} from "../../teachers/model_name.ts";
import { backboneFromCheckpoint } from "../../teachers/open_backbone.ts";
import { loadTeacher, zoo, type ZooEntry } from "../../teachers/zoo/zoo.ts";
import { checkZooTeacher } from "../../teachers/check_backbone.ts";
import { pixelBackbone, randomBackbone } from "./baselines.ts";

/** A frozen network, or something that stands in for one, with its part in a comparison. */
export interface Model {
  /** What tables call it. */
  readonly name: string;
  /** Its part in a comparison. */
  readonly role: "student" | "teacher" | "baseline";
  /** Owned by whoever opened the model. */
  readonly backbone: Backbone;
}

/** Options of {@linkcode openModel}. */
export interface OpenModelOptions extends CheckpointReading {
  /** What tables call it. Default: the name of the run or the teacher, else the source. */
  readonly name?: string | undefined;
}

/** A model to be opened: its name for {@linkcode openModel}, and options. */
export interface ModelSpec extends OpenModelOptions {
  /** A name that {@linkcode openModel} knows. */
  readonly source: string;
}

/**
 * Opens a model; dispose of its `backbone` when done. The engine must have been started. Names:
 * - the folder of a finished run, or a `student.safetensors`: its student,
 * - a teacher of the zoo, with `@SIZE` to feed it images of another size than its own,
 * - `A+B`: teachers of the zoo, their features side by side,
 * - `FAMILY:FILE` or `FAMILY:FILE@SIZE`: a teacher's own checkpoint, such as `dino:my.pth`,
 * - `random:RUN` or `random`: a network that was never trained, of a run's shape or a small one,
 * - `pixels`: the image itself, at 32 x 32.
 *
 * @throws {UserError} where no model has that name, with the nearest names, or a run has no student yet.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { openModel } from "@hashigo/hashigo/evaluation";
 * await startEngine();
 * const { backbone, role } = await openModel("pixels");
 * if (backbone.width !== 3072 || role !== "baseline") throw new Error("32 x 32 x 3 numbers");
 * backbone.dispose();
 * ```
 */
export async function openModel(source: string, options: OpenModelOptions = {}): Promise<Model> {
  const parsed = parseModelName(source);
  if (parsed.kind !== "pixels" && parsed.kind !== "random") {
    // A run folder may have a name of any other kind.
    const student = await openStudent(source, options);
    if (student !== undefined) return student;
  }
  return await openKind(parsed, source, options);
}

async function openKind(
  parsed: ModelName,
  source: string,
  { name, ...reading }: OpenModelOptions,
): Promise<Model> {
  switch (parsed.kind) {
    case "pixels":
      return { name: name ?? source, role: "baseline", backbone: pixelBackbone() };
    case "random":
      return await openRandom(parsed, name);
    case "teacher": {
      const backbone = await openTeacher(parsed);
      return { name: name ?? parsed.name, role: "teacher", backbone };
    }
    case "concatenation": {
      const backbone = await openConcatenation(parsed);
      return { name: name ?? source, role: "baseline", backbone };
    }
    case "checkpoint":
      return await openCheckpoint(parsed, {
        ...checkpointReadingOf(reading),
        name: name ?? source,
      });
    case "student": // there is none
      throw unknownModel(source);
  }
}

async function openRandom({ run }: RandomName, name = "random"): Promise<Model> {
  if (run === undefined) return { name, role: "baseline", backbone: randomBackbone(name) };
  const recipe = await loadRecipe(runPaths(run).recipe);
  const backbone = randomBackbone(name, encoderConfigOf(recipe), studentInputOf(recipe));
  return { name, role: "baseline", backbone };
}

async function openStudent(
  source: string,
  options: OpenModelOptions,
): Promise<Model | undefined> {
  const file = await locateStudent(source);
  if (file === undefined) return undefined;
  const { name = file.name } = options;
  const backbone = await decodeStudent(await Deno.readFile(file.path), name);
  return { name, role: "student", backbone };
}

async function openTeacher(teacher: TeacherName): Promise<Backbone> {
  const { name } = checkTeacherName(teacher);
  return await loadTeacher(name, { inputSize: teacher.inputSize });
}

/**
 * Refuses a teacher that is not in the zoo, or cannot take the size.
 *
 * @throws {UserError} with the nearest names
 */
export function checkTeacherName(teacher: TeacherName): ZooEntry {
  const { name, inputSize } = teacher;
  if (!zoo.some((entry) => entry.name === name)) throw unknownModel(formatModelName(teacher));
  return checkZooTeacher(name, inputSize);
}

async function openConcatenation({ parts }: ConcatenationName): Promise<Backbone> {
  const backbones: Backbone[] = [];
  try {
    for (const part of parts) {
      if (part.kind === "student") throw unknownModel(formatModelName(part));
      backbones.push(await openTeacher(part));
    }
    return concatenateBackbones(backbones);
  } catch (error) {
    for (const backbone of backbones) backbone.dispose();
    throw error;
  }
}

async function openCheckpoint(
  { inputSize, ...source }: CheckpointName,
  options: CheckpointReading & { readonly name: string },
): Promise<Model> {
  const backbone = await backboneFromCheckpoint(source, { ...options, inputSize });
  return { name: options.name, role: "teacher", backbone };
}

/** The error of a name that no model has, with the nearest names. */
export function unknownModel(source: string): UserError {
  const known = [...zoo.map(({ name }) => name), "pixels", "random"];
  return new UserError(
    `Cannot open the model "${source}": found neither a run folder, a .safetensors file nor a model ` +
      `of that name. ${
        suggestion(source.split("@")[0] ?? source, known) ||
        `Known names: ${known.join(", ")}, A+B, random:RUN, FAMILY:FILE.`
      }`,
  );
}
