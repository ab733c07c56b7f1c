/** A student that starts from the weights of another network. */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../errors/user_error.ts";
import type { StudentConfig, StudentParameters } from "../method/student.ts";
import type { EncoderConfig } from "../nn/encoder.ts";
import { describeStudent } from "../recipe/describe_student.ts";
import type { Recipe } from "../recipe/options.ts";
import { studentInputOf } from "../recipe/student_config.ts";
import { locateStudent, openStudentFile } from "../runs/student_file.ts";
import type { Backbone } from "../teachers/backbone.ts";
import { parseCheckpointSource } from "../teachers/model_name.ts";
import { backboneFromCheckpoint } from "../teachers/open_backbone.ts";
import { loadTeacher } from "../teachers/zoo/zoo.ts";
import { flatten, type Layout, namedTensors } from "../tensors/parameters.ts";

/**
 * Replaces the encoder of a fresh student by the weights of the network that its recipe names.
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
  const { from } = recipe.student;
  const flat = (encoder: StudentParameters["encoder"]) =>
    tf.tidy(() => flatten({ encoder, ladder: tree.ladder }, layout));
  if (from === undefined) {
    const parameters = flat(tree.encoder);
    tf.dispose(tree);
    return parameters;
  }
  const source = await openWeights(from);
  try {
    return flat(weightsFor(recipe, student.encoder, tree, source));
  } finally {
    source.dispose();
    tf.dispose(tree);
  }
}

/** Opens a network by the name that a recipe gives: a run, a student's file, a teacher, `FAMILY:FILE`. */
async function openWeights(from: string): Promise<Backbone> {
  const checkpoint = parseCheckpointSource(from);
  if (checkpoint !== undefined) return await backboneFromCheckpoint(checkpoint, { name: from });
  const file = await locateStudent(from);
  return file === undefined ? await loadTeacher(from) : await openStudentFile(file.path, file.name);
}

function weightsFor(
  recipe: Recipe,
  config: EncoderConfig,
  tree: StudentParameters,
  source: Backbone,
): StudentParameters["encoder"] {
  const input = studentInputOf(recipe);
  if (source.encoder === undefined || source.parameters === undefined) {
    throw misfit(recipe, source, "its network is none that a student can be");
  }
  const [mean, std] = [source.input.mean, source.input.std].map((channel) => channel.join(", "));
  if (mean !== input.mean.join(", ") || std !== input.std.join(", ")) {
    throw misfit(
      recipe,
      source,
      `its images have mean [${mean}] and deviation [${std}], the student's [${
        input.mean.join(", ")
      }] ` +
        `and [${input.std.join(", ")}]: set student.mean and student.std`,
    );
  }
  const found = new Map(namedTensors(source.parameters));
  for (const [name, { shape }] of namedTensors(tree.encoder)) {
    const tensor = found.get(name);
    if (tensor?.shape.join() === shape.join()) continue;
    throw misfit(
      recipe,
      source,
      `it has ${
        tensor === undefined ? "no" : `[${tensor.shape}] as`
      } "${name}", the student [${shape}]`,
    );
  }
  const surplus = [...found.keys()].length - namedTensors(tree.encoder).length;
  if (surplus > 0) {
    throw misfit(recipe, source, `it has ${surplus} tensors more than ${config.kind}`);
  }
  return source.parameters as StudentParameters["encoder"];
}

/** Of both networks, and what keeps them apart. */
function misfit(recipe: Recipe, source: Backbone, reason: string): UserError {
  const of = source.encoder === undefined ? source.family : JSON.stringify(source.encoder);
  return new UserError(
    `Cannot start the student from "${recipe.student.from}": ${reason}.\n` +
      `  source:  ${source.name}, ${of}\n  student: ${describeStudent(recipe)}\n` +
      "Choose a student of the source's kind and size, or another source",
  );
}
