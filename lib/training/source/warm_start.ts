/** A student that starts from the weights of another network. */
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../engine/backend.ts";
import { UserError } from "../../errors/user_error.ts";
import type { ConvolutionalConfig } from "../../nn/convolutional/convolutional_config.ts";
import { type EncoderConfig, type EncoderParameters, isTransformer } from "../../nn/encoder.ts";
import { isNarrower } from "../../nn/pruning/match_stages.ts";
import { startEncoder, startMisfit } from "../../nn/selection/start_encoder.ts";
import { describeStudent } from "../../recipe/describe_student.ts";
import type { Recipe } from "../../recipe/options.ts";
import { encoderConfigOf, studentInputOf } from "../../recipe/student_config.ts";
import { locateStudent } from "../../runs/locate_student.ts";
import { openStudentFile } from "../../teachers/student_file.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { checkpointReadingOf } from "../../teachers/checkpoint_reading.ts";
import { parseCheckpointSource } from "../../teachers/model_name.ts";
import { backboneFromCheckpoint } from "../../teachers/open_backbone.ts";
import { loadTeacher } from "../../teachers/zoo/zoo.ts";
import { randomStream } from "../../tensors/random.ts";

/**
 * Opens the network from which the student of a recipe starts; undefined where it starts at random. Where there
 * is one it starts the engine. Dispose of it when done.
 *
 * @param onNote gets lines about what was supposed
 * @throws {UserError} with both networks where they do not fit, and what keeps them apart
 */
export async function openSource(
  recipe: Recipe,
  onNote: (line: string) => void = () => {},
): Promise<Backbone | undefined> {
  if (recipe.student.from === undefined) return undefined;
  await startEngine();
  const source = await openWeights(recipe, recipe.student.from);
  try {
    const encoder = assertFits(recipe, source);
    onNote(`student: from ${source.name}`);
    const notes = [
      ...source.notes ?? [],
      ...scaleNote(recipe, encoder),
      ...widthNote(recipe, encoder),
    ];
    for (const note of notes) onNote(note);
    return source;
  } catch (error) {
    source.dispose();
    throw error;
  }
}

/**
 * What a student takes of the network that it starts from: its parameters, a selection of them where the
 * student is smaller, or what they grow into where it is larger.
 *
 * @param source from {@linkcode openSource}; borrowed
 * @returns the caller's
 */
export function weightsFrom(recipe: Recipe, source: Backbone): EncoderParameters {
  const encoder = assertFits(recipe, source), { positions } = source;
  const parameters = source.parameters as EncoderParameters;
  // A backbone with the shape of a student has the parameters of one.
  const random = randomStream(recipe.seed).at("grown");
  return tf.tidy(() =>
    startEncoder(parameters, encoder, encoderConfigOf(recipe), { positions, random })
  );
}

function scaleNote(recipe: Recipe, source: EncoderConfig): string[] {
  const config = encoderConfigOf(recipe);
  if (isTransformer(config) || isTransformer(source) || !config.scaled || source.scaled) return [];
  return ["its batch norms are folded into the weights already: factors of channels begin at 1"];
}

function widthNote(recipe: Recipe, source: EncoderConfig): string[] {
  if (narrowingOf(recipe, source) === undefined) return [];
  return [
    "it takes some of the channels; its layers are fitted on the first images to give what these gave",
  ];
}

/** A convolutional source and a student that takes some of its channels; undefined where they are no such two. */
export function narrowingOf(
  recipe: Recipe,
  from: EncoderConfig | undefined,
): { readonly from: ConvolutionalConfig; readonly to: ConvolutionalConfig } | undefined {
  const to = encoderConfigOf(recipe);
  if (from === undefined || isTransformer(from) || isTransformer(to)) return undefined;
  return isNarrower(from, to) ? { from, to } : undefined;
}

/** Opens a network by name: a run, a student's file, a teacher, `FAMILY:FILE`. */
async function openWeights(recipe: Recipe, from: string): Promise<Backbone> {
  const { teachers } = recipe, encoder = encoderConfigOf(recipe);
  const scaled = !isTransformer(encoder) && encoder.scaled === true;
  const checkpoint = parseCheckpointSource(from);
  if (checkpoint !== undefined) {
    // Where it is a teacher too, what its file does not tell stands there.
    const reading = checkpointReadingOf(teachers.find((one) => one.checkpoint === from) ?? {});
    return await backboneFromCheckpoint(checkpoint, { name: from, ...reading, scaled });
  }
  const file = await locateStudent(from);
  if (file !== undefined) return await openStudentFile(file.path, file.name);
  return await loadTeacher(from, { scaled });
}

/** The shape of a source that the student can start from. */
function assertFits(recipe: Recipe, source: Backbone): EncoderConfig {
  const { encoder, unlikeStudents = "its network is none that a student can be" } = source;
  if (encoder === undefined) throw misfit(recipe, source, unlikeStudents);
  const reason = startMisfit(encoder, encoderConfigOf(recipe)) ??
    imageMisfit(source, studentInputOf(recipe));
  if (reason !== undefined) throw misfit(recipe, source, reason);
  return encoder;
}

function imageMisfit({ input }: Backbone, student: Backbone["input"]): string | undefined {
  const [own, wanted] = [input, student].map(({ mean, std }) =>
    `mean [${mean.join(", ")}] and deviation [${std.join(", ")}]`
  );
  if (own === wanted) return undefined;
  return `its images have ${own}, the student's ${wanted}: set student.mean and student.std`;
}

/** Of both networks, and what keeps them apart. */
function misfit(recipe: Recipe, source: Backbone, reason: string): UserError {
  const of = source.encoder === undefined ? source.family : JSON.stringify(source.encoder);
  return new UserError(
    `Cannot start the student from "${recipe.student.from}": ${reason}.\n` +
      `  source:  ${source.name}, ${of}\n  student: ${describeStudent(recipe)}\n` +
      "Choose a student of the source's kind that is no larger, or of a transformer one of a multiple of " +
      "its width, or another source",
  );
}
