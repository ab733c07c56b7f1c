/** The readout of a network that serves several tasks best, chosen on their train parts alone. */
import type { ImagePack } from "../../images/packs/pack_file.ts";
import { selectImages } from "../../images/packs/select_images.ts";
import { spreadOverClasses } from "../../images/packs/spread_over_classes.ts";
import { chooseGreedily } from "../../metrics/comparison/greedy_choice.ts";
import { crossValidate } from "../../metrics/probes/cross_validation.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { checkReadout } from "../../teachers/readout/check_readout.ts";
import { type FittedReadout, type Readout, readoutText } from "../../teachers/readout/readout.ts";
import { partName, partsOf, type ReadoutPart } from "../../teachers/readout/readout_backbone.ts";
import { randomStream } from "../../tensors/random.ts";
import { extendByPredictions, firstCandidates } from "./candidates.ts";
import { applyReadout, fittedReadout, type Parts, partStatistics } from "./fit_readout.ts";
import { partExtractor } from "./part_features.ts";

/** The images of a task that may be learnt from. Its test part has no place here. */
export interface TrainPart {
  /** Of the task; draws its folds. */
  readonly name: string;
  /** Labelled images. */
  readonly train: ImagePack;
}

/** Options of {@linkcode fitReadout}. */
export interface FitReadoutOptions {
  /** Most images of a train part, the classes taking turns. Default: 500. */
  readonly limit?: number | undefined;
  /** Folder that keeps the outputs of stages. Default: they are not kept. */
  readonly folder?: string | undefined;
  /** Called with the number of images whose stages are computed, and of all. */
  readonly onProgress?: ((task: string, done: number, total: number) => void) | undefined;
}

/** Options of {@linkcode chooseReadout}. */
export interface ChooseReadoutOptions extends FitReadoutOptions {
  /** Draws the folds. Default: 0. */
  readonly seed?: number | undefined;
  /** Folds of the cross-validation. Default: 3. */
  readonly folds?: number | undefined;
  /** Called with every candidate and its score. */
  readonly onTrial?: ((readout: Readout, score: number) => void) | undefined;
}

/** Points by which predictions of a teacher must raise the mean accuracy: less is noise of so few images. */
const leastGain = 0.5;

/** Most images of a train part that a readout is chosen and fitted on. */
const defaultLimit = 500;

/**
 * Chooses one readout for all tasks: the one of the highest mean over the tasks of the accuracies of k-NN and of
 * a linear classifier, by cross-validation within the train parts. The candidates are those of
 * {@linkcode firstCandidates} and, of a student with its projectors, {@linkcode extendByPredictions} as long as
 * each adds more than half a point. Statistics are of the same images, without their labels.
 *
 * @throws {UserError} where a train part cannot be classified, or an output is not finite.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { openModel } from "@hashigo/hashigo/evaluation";
 * import { openClassificationTask } from "../tasks/classification_task.ts";
 * import { chooseReadout } from "./choose_readout.ts";
 * await startEngine();
 * const { backbone } = await openModel("resnet20_cifar10");
 * const task = await openClassificationTask("digits", { canvas: 32, limit: 60 });
 * const { trials } = await chooseReadout(backbone, [task], { folds: 2 });
 * if (trials?.[0]?.readout !== "as it is") throw new Error("The first that is tried");
 * backbone.dispose();
 * task.close();
 * ```
 */
export async function chooseReadout(
  backbone: Backbone,
  tasks: readonly TrainPart[],
  options: ChooseReadoutOptions = {},
): Promise<FittedReadout> {
  const { seed = 0, folds, onTrial } = options;
  const candidates = firstCandidates(backbone);
  const teachers = backbone.predictor?.teachers.map(({ name }) => name) ?? [];
  const images = subsets(tasks, options);
  const parts = await readTasks(backbone, images, [
    ...new Map(candidates.flatMap(partsOf).map((part) => [partName(part), part])).values(),
    ...teachers.map((teacher) => ({ teacher })),
  ], options);
  const statistics = partStatistics(parts);
  const { chosen, trials } = await chooseGreedily(candidates, {
    extend: (best) => extendByPredictions(best, teachers),
    leastGain,
    async score(readout) {
      let sum = 0;
      for (const [i, { name, train: { labels } }] of images.entries()) {
        const features = { ...applyReadout(readout, parts[i]!, statistics), labels };
        const random = randomStream(seed).at("readout", name);
        const { knn, linear } = await crossValidate(features, random, { folds });
        sum += (knn + linear) / 2;
      }
      onTrial?.(readout, sum / images.length);
      return sum / images.length;
    },
  });
  return {
    ...fittedReadout(chosen.candidate, backbone, statistics, corpusText(images)),
    trials: trials.map(({ candidate, score }) => ({
      readout: readoutText(candidate),
      score: Math.round(score * 1000) / 1000,
    })),
  };
}

/**
 * Fits a readout that was named to a network: its statistics are of the train images of the tasks, without
 * their labels.
 *
 * @throws {UserError} where the network does not have its parts, or an output is not finite.
 */
export async function fitReadout(
  readout: Readout,
  backbone: Backbone,
  tasks: readonly TrainPart[],
  options: FitReadoutOptions = {},
): Promise<FittedReadout> {
  checkReadout(readout, backbone);
  const { stages, standardized } = readout;
  if (standardized !== true) return { ...readout, network: backbone.digest };
  const images = subsets(tasks, options);
  const parts = await readTasks(backbone, images, partsOf({ stages }), options);
  return fittedReadout(readout, backbone, partStatistics(parts), corpusText(images));
}

/** A part of each train part, so that a large set takes no more time than a small one. */
function subsets(
  tasks: readonly TrainPart[],
  { limit = defaultLimit }: FitReadoutOptions,
): TrainPart[] {
  return tasks.map(({ name, train }) => {
    if (train.count <= limit) return { name, train };
    const images = Array.from(train.labels, (label, file) => ({
      ...{ file, label },
      name: train.names[file]!,
    }));
    const kept = spreadOverClasses({ classes: train.classes, images }, limit).images;
    return { name, train: selectImages(train, kept.map(({ file }) => file)) };
  });
}

async function readTasks(
  backbone: Backbone,
  tasks: readonly TrainPart[],
  parts: readonly ReadoutPart[],
  { folder, onProgress }: FitReadoutOptions,
): Promise<Parts[]> {
  const extractor = partExtractor(backbone, parts, { folder });
  try {
    const read: Parts[] = [];
    for (const { name, train } of tasks) {
      read.push(
        await extractor.extract(train, (done, total) => onProgress?.(name, done, total)),
      );
    }
    return read;
  } finally {
    extractor.dispose();
  }
}

/** Such as "1,200 train images of digits and land_use". */
function corpusText(tasks: readonly TrainPart[]): string {
  const images = tasks.reduce((sum, { train: { count } }) => sum + count, 0);
  return `${images.toLocaleString("en")} train images of ${
    tasks.map(({ name }) => name).join(", ")
  }`;
}
