/** Statistics by which the heads of a ladder see the stages of a student, from the first batches. */
import * as tf from "@tensorflow/tfjs";
import { compileLazily } from "../engine/compile_lazily.ts";
import { ladderInputs } from "../method/projectors/ladder.ts";
import { standardizesInputs } from "../method/projectors/projector.ts";
import { fitStatistics } from "../method/standardizers/fit.ts";
import { blocksOf, type StudentParameters } from "../method/student.ts";
import { encoderInput } from "../method/encoder_input.ts";
import { encoderOutputs } from "../nn/encoder.ts";
import { type Layout, namedTensors, unflatten } from "../tensors/parameters.ts";
import { fitFirstBatches } from "./fit_first_batches.ts";
import type { PrefixSource } from "./prefix.ts";
import { sizeAtStep, studentOf } from "./resolution.ts";
import type { TrainingSetup } from "./setup.ts";

/** Batches that are looked at: a thousand images tell mean and deviation well enough. */
export const ladderInputBatches = 20;

/** A channel that hardly ever fires is not blown up: the least deviation, in units of their mean. */
const leastDeviation = 0.05;

/**
 * Fills in the statistics of a fresh student's ladder. It looks at the views that the first steps will
 * see, so a cache of the frozen stages serves both; where images rise in size, at the first size.
 *
 * @param parameters flat; taken over
 * @param prefix of a student with frozen stages
 * @returns the parameters with the statistics, or as they are where the ladder has none
 */
export async function fitLadderInputs(
  setup: TrainingSetup,
  layout: Layout<StudentParameters>,
  { parameters, prefix }: {
    readonly parameters: tf.Tensor1D;
    readonly prefix: PrefixSource | undefined;
  },
): Promise<tf.Tensor1D> {
  const { recipe, random } = setup, size = sizeAtStep(setup, 0);
  const { student, input } = studentOf(setup, size), { ladder } = student;
  if (!standardizesInputs(ladder)) return parameters;
  const tree = tf.tidy(() => unflatten(parameters, layout));
  const inputs = compileLazily((images: tf.Tensor4D | tf.Tensor3D) => {
    const seen = encoderInput(images, { student, input });
    const options = { from: student.freeze, stages: blocksOf(student) };
    return ladderInputs(encoderOutputs(tree.encoder, seen, student.encoder, options), ladder);
  }, { mode: recipe.mode === "eager" ? "eager" : "graph", name: "inputs of the ladder" });
  const fit = fitStatistics("fixed", { leastDeviation });
  try {
    await fitFirstBatches(setup, fit, {
      batches: ladderInputBatches,
      // Groups and blocks stand for teachers and types of tokens.
      async compute(views, host) {
        if (prefix === undefined) return await inputs(await views());
        const images = await prefix.compute(views, { ...host, size });
        try {
          return await inputs(images);
        } finally {
          images.dispose();
        }
      },
    });
    const statistics = fit.finish(random.at("ladderInputs"));
    return await withStatistics(parameters, layout, statistics as InputTree);
  } finally {
    inputs.dispose();
    tf.dispose(namedTensors(tree).map(([, tensor]) => tensor));
  }
}

/** Statistics of the tokens of each block, by group of heads. */
type InputTree = {
  readonly [group: string]: {
    readonly [block: string]: { readonly mean: tf.Tensor1D; readonly std: tf.Tensor1D };
  };
};

async function withStatistics(
  parameters: tf.Tensor1D,
  layout: Layout<StudentParameters>,
  statistics: InputTree,
): Promise<tf.Tensor1D> {
  const values = (await parameters.data<"float32">()).slice();
  for (const [group, blocks] of Object.entries(statistics)) {
    for (const [block, { mean, std }] of Object.entries(blocks)) {
      const [means, deviations] = [await mean.data<"float32">(), await std.data<"float32">()];
      const named = { mean: means, deviation: deviations };
      for (const [key, numbers] of Object.entries(named)) {
        const name = `ladder.${group}.inputs.${block}.${key}`;
        const entry = layout.entries.find((entry) => entry.name === name);
        if (entry === undefined) throw new Error(`The ladder has no parameter "${name}"`);
        values.set(numbers, entry.offset);
      }
    }
  }
  tf.dispose([parameters, statistics]);
  return tf.tensor1d(values);
}
