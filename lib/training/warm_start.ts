/** A student that starts from the weights of another network. */
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../engine/backend.ts";
import { UserError } from "../errors/user_error.ts";
import type { StudentConfig, StudentParameters } from "../method/student.ts";
import { type EncoderParameters } from "../nn/encoder.ts";
import { type EncoderConfig, isTransformer } from "../nn/encoder.ts";
import { selectEncoder, selectionMisfit } from "../nn/selection/select_encoder.ts";
import { describeStudent } from "../recipe/describe_student.ts";
import type { Recipe } from "../recipe/options.ts";
import { encoderConfigOf, studentInputOf } from "../recipe/student_config.ts";
import { locateStudent, openStudentFile } from "../runs/student_file.ts";
import type { Backbone } from "../teachers/backbone.ts";
import { checkpointReadingOf } from "../teachers/checkpoint_reading.ts";
import { parseCheckpointSource } from "../teachers/model_name.ts";
import { backboneFromCheckpoint } from "../teachers/open_backbone.ts";
import { loadTeacher } from "../teachers/zoo/zoo.ts";
import { flatten, type Layout } from "../tensors/parameters.ts";

/**
 * Replaces the encoder of a fresh student by the weights of the network that its recipe names, or by a
 * selection of them where the student is smaller.
 *
 * @param tree of the fresh student; taken over
 * @returns parameters as one flat buffer
 * @throws {UserError} where the network does not fit the student
 */
export async function warmStart(
  recipe: Recipe,
  student: StudentConfig,
  { tree, layout }: {
    readonly tree: StudentParameters;
    readonly layout: Layout<StudentParameters>;
  },
): Promise<tf.Tensor1D> {
  const source = await openWeights(recipe);
  try {
    return tf.tidy(() => {
      const encoder = source === undefined
        ? tree.encoder
        : weightsFor(recipe, source, student.encoder);
      return flatten({ encoder, ladder: tree.ladder }, layout);
    });
  } finally {
    source?.dispose();
    tf.dispose(tree);
  }
}

/**
 * Refuses a recipe whose student cannot start from the network that it names, before images are decoded.
 * Starts the engine where there is such a network.
 *
 * @returns lines about what was supposed
 * @throws {UserError} with both, and what keeps them apart
 */
export async function checkWarmStart(recipe: Recipe): Promise<string[]> {
  if (recipe.student.from === undefined) return [];
  await startEngine();
  const source = await openWeights(recipe);
  if (source === undefined) return [];
  try {
    const encoder = assertFits(recipe, source, encoderConfigOf(recipe));
    return [`student: from ${source.name}`, ...source.notes ?? [], ...scaleNote(recipe, encoder)];
  } finally {
    source.dispose();
  }
}

function scaleNote(recipe: Recipe, source: EncoderConfig): string[] {
  const config = encoderConfigOf(recipe);
  if (isTransformer(config) || isTransformer(source) || !config.scaled || source.scaled) return [];
  return ["its batch norms are folded into the weights already: factors of channels begin at 1"];
}

/** Opens the network from which a student starts: a run, a student's file, a teacher, `FAMILY:FILE`. */
async function openWeights(recipe: Recipe): Promise<Backbone | undefined> {
  const { student: { from }, teachers } = recipe, encoder = encoderConfigOf(recipe);
  if (from === undefined) return undefined;
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

function weightsFor(recipe: Recipe, source: Backbone, config: EncoderConfig): EncoderParameters {
  const encoder = assertFits(recipe, source, config), { positions } = source;
  // A backbone with the shape of a student has the parameters of one.
  return selectEncoder(source.parameters as EncoderParameters, encoder, config, { positions });
}

/** The shape of a source that the student can start from. */
function assertFits(recipe: Recipe, source: Backbone, config: EncoderConfig): EncoderConfig {
  const { encoder, unlikeStudents = "its network is none that a student can be" } = source;
  if (encoder === undefined) throw misfit(recipe, source, unlikeStudents);
  const reason = selectionMisfit(encoder, config) ?? imageMisfit(source, studentInputOf(recipe));
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
      "Choose a student of the source's kind that is no larger, or another source",
  );
}
