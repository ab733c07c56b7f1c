/** What a choice of teachers is made from: their features of the same images, and what each costs. */
import { readableImages } from "../../images/packs/select_images.ts";
import { packImages } from "../../images/packs/pack.ts";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import { defaultQuarantine } from "../../images/packs/quarantine.ts";
import type { DecodeOptions } from "../../images/codec/decode_options.ts";
import type { Work } from "../../io/progress_line.ts";
import type { FeatureMatrix } from "../../metrics/feature_matrix.ts";
import { UserError } from "../../errors/user_error.ts";
import { checkReadout } from "../../teachers/readout/check_readout.ts";
import { readoutText } from "../../teachers/readout/readout.ts";
import { withReadout } from "../../teachers/readout/readout_backbone.ts";
import { chooseFeature, featureExtractor, type FeatureKind } from "../features/pooled.ts";
import { cachedExtractor, pooledFeatureFolder } from "../features/pooled_cache.ts";
import { costOf } from "../model_cost.ts";
import { type NamedModelSpec, nameModels } from "../models/name_models.ts";
import type { Model, ModelSpec } from "../models/open_model.ts";
import { nameTasks } from "../name_tasks.ts";
import { openReadable, readModel, type ReadoutRequest } from "../readout/read_model.ts";
import { openClassificationTask } from "../tasks/classification_task.ts";
import type { ClassificationTask } from "../tasks/task.ts";
import { distinctRows } from "./distinct_rows.ts";

/** A teacher that may be chosen. */
export interface Candidate {
  /** What tables call it. */
  readonly name: string;
  /** As it was given. */
  readonly source: string;
  /** Numbers in its weights. */
  readonly parameters: number;
  /** Measured time for one image, in a batch. */
  readonly milliseconds: number;
  /** How its features are read, in words. */
  readonly readout: string;
}

/** Labelled images with the features of all candidates. */
export interface LabelledMaterial {
  /** Name of the task. */
  readonly name: string;
  /** What it counts beside other tasks. */
  readonly weight: number;
  /** `[images]` */
  readonly labels: Int32Array;
  /** `[candidates]`, each `[images, width]`. */
  readonly features: readonly FeatureMatrix[];
}

/** Candidates with their features of the same images. */
export interface SelectionMaterial {
  readonly candidates: readonly Candidate[];
  /** Train parts of labelled tasks; may be empty. */
  readonly tasks: readonly LabelledMaterial[];
  /** Images whose labels are not used. */
  readonly images: { readonly name: string; readonly features: readonly FeatureMatrix[] };
}

/** Images that a choice is made on, and how they are read. */
export interface MaterialOptions extends DecodeOptions {
  /** Labelled tasks, as in `openClassificationTask`; only their train parts are used. Default: none. */
  readonly tasks?: readonly string[] | undefined;
  /** What each task counts. Default: 1. */
  readonly weights?: readonly number[] | undefined;
  /** Folder or zip of images without labels. Default: the train images of the tasks. */
  readonly images?: string | undefined;
  /** Side in pixels at which all candidates see the images. */
  readonly canvas: number;
  /** Most images of each task, and without labels. Default: 600. */
  readonly limit?: number | undefined;
  /** Default: "cls". */
  readonly feature?: FeatureKind | undefined;
  /** How features are read, the same rule for all. Default: "as_is". */
  readonly readout?: ReadoutRequest | undefined;
  /** Draws what a choice of readouts draws. Default: 0. */
  readonly seed?: number | undefined;
  /** Folder of decoded images. Default: the user's cache. */
  readonly cache?: string | undefined;
  /** Folder that keeps features. Default: in the user's cache. */
  readonly features?: string | undefined;
  /** Whether candidates are timed, on five batches each. Default: true; else their milliseconds are NaN. */
  readonly isTimed?: boolean | undefined;
  /** Clock in milliseconds, by which candidates are timed. Default: `performance.now`. */
  readonly now?: (() => number) | undefined;
  readonly onNote?: ((line: string) => void) | undefined;
  readonly onWork?: ((work: Work) => void) | undefined;
}

/** Images of a task or without labels beyond which more change little. */
const defaultLimit = 600;

/**
 * Extracts the features of all candidates, one in memory at a time. The engine must have been started.
 *
 * @throws {UserError} where there are fewer than two candidates or no images that all can see, a task has
 * one class only, or a candidate does not have the named readout.
 */
export async function selectionMaterial(
  specs: readonly ModelSpec[],
  options: MaterialOptions,
): Promise<SelectionMaterial> {
  const { limit = defaultLimit, weights = [] } = options;
  checkMaterial(specs, options);
  const named = await nameModels(specs);
  if (named.length < 2) throw tooFew(named.map(({ name }) => name));
  const tasks = await openTasks({ ...options, limit });
  let unlabelled: ImagePack | undefined;
  try {
    unlabelled = options.images === undefined ? undefined : await openImages(options.images, {
      ...options,
      limit,
    });
    const packs = [...tasks.map(({ train }) => train), ...unlabelled ? [unlabelled] : []];
    const read: (readonly [Candidate, readonly FeatureMatrix[]])[] = [];
    for (const spec of named) read.push(await readCandidate(spec, { tasks, packs }, options));
    const featuresOf = (place: number) => read.map(([, features]) => features[place]!);
    return {
      candidates: read.map(([candidate]) => candidate),
      tasks: tasks.map(({ name, train: { labels } }, place) => ({
        ...{ name, labels, weight: weights[place] ?? 1, features: featuresOf(place) },
      })),
      images: unlabelled === undefined
        ? {
          name: `train images of ${tasks.map(({ name }) => name).join(", ")}`,
          features: distinctRows(tasks.map((_, place) => featuresOf(place)), limit),
        }
        : { name: options.images!, features: featuresOf(tasks.length) },
    };
  } finally {
    unlabelled?.close();
    for (const task of tasks) task.close();
  }
}

/**
 * Refuses what no choice can be made from, before anything is opened.
 *
 * @throws {UserError} for fewer than two candidates, no images, weights that fit no task, or a choice of
 * readouts without labels
 */
export function checkMaterial(
  specs: readonly ModelSpec[],
  { tasks = [], weights = [], images, readout }: MaterialOptions,
): void {
  const sources = new Set(specs.map(({ source }) => source));
  if (sources.size < 2) throw tooFew([...sources]);
  if (tasks.length === 0 && images === undefined) {
    throw new UserError(
      "Cannot select teachers: found no images that all of them can see, expected labelled sets, or a folder " +
        "of images. Give --data SET, such as digits, or --images FOLDER.",
    );
  }
  const count = weights.length;
  if (count > 0 && (count !== tasks.length || !weights.every((weight) => weight > 0))) {
    throw new UserError(
      `Cannot weigh the tasks: found weights ${
        weights.join(", ")
      } for ${tasks.length} labelled sets, ` +
        "expected one number above 0 for each, in their order.",
    );
  }
  if (readout !== "chosen" || tasks.length > 0) return;
  throw new UserError(
    "Cannot choose readouts: found images without labels, expected labelled sets to choose on. Add --data, " +
      "or read features as they are.",
  );
}

function tooFew(names: readonly string[]): UserError {
  return new UserError(
    `Cannot select teachers: found ${
      names.length === 0 ? "none" : `only one, "${names[0]}"`
    }, expected at least two different ones. See deno task teachers.`,
  );
}

async function openTasks(
  { tasks = [], canvas, limit, cache, seed, onNote, onWork, ...decoding }: MaterialOptions,
): Promise<ClassificationTask[]> {
  const opened: ClassificationTask[] = [];
  try {
    for (const source of tasks) {
      opened.push(
        await openClassificationTask(source, {
          ...{ canvas, limit, cache, seed },
          ...{ background: decoding.background, maximumPixels: decoding.maximumPixels },
          onListed: (line) => onNote?.(`images: ${source}: ${line}`),
          onProgress: (done, total) =>
            onWork?.({ stage: `packing ${source}`, done, total, unit: "images" }),
        }),
      );
    }
    return nameTasks(opened, tasks);
  } catch (error) {
    for (const task of opened) task.close();
    throw error;
  }
}

async function openImages(
  path: string,
  { canvas, limit, cache, background, maximumPixels, onNote, onWork }: MaterialOptions,
): Promise<ImagePack> {
  const pack = await packImages({ path }, {
    ...{ canvas, limit, cache, background, maximumPixels, labels: "unused" },
    quarantine: defaultQuarantine,
    onListed: (line) => onNote?.(`images: ${path}: ${line}`),
    onProgress: (done, total) =>
      onWork?.({ stage: `packing ${path}`, done, total, unit: "images" }),
  });
  return { ...readableImages(pack), close: () => pack.close() };
}

async function readCandidate(
  spec: NamedModelSpec,
  { tasks, packs }: {
    readonly tasks: readonly ClassificationTask[];
    readonly packs: readonly ImagePack[];
  },
  options: MaterialOptions,
): Promise<readonly [Candidate, readonly FeatureMatrix[]]> {
  const { feature = "cls", isTimed = true, now, onNote, onWork } = options;
  const { features: folder = pooledFeatureFolder() } = options;
  const { readout = "as_is" } = options;
  const model = await openReadable(spec, readout, onNote);
  try {
    for (const note of model.backbone.notes ?? []) onNote?.(`${model.name}: ${note}`);
    const { backbone, words } = await readOut(model, tasks, options);
    const plain = featureExtractor(backbone);
    try {
      const extractor = cachedExtractor(plain, backbone, folder);
      const features: FeatureMatrix[] = [];
      for (const pack of packs) {
        const pooled = await extractor.extract(pack, {
          onProgress: (done, total) =>
            onWork?.({ stage: `features of ${model.name}`, done, total, unit: "images" }),
        });
        features.push(chooseFeature(pooled, feature));
      }
      const { name, source } = spec, { parameterCount: parameters } = model.backbone;
      const { milliseconds = NaN } = isTimed
        ? await costOf(model, plain, { images: packs[0], now })
        : {};
      const candidate = { name, source, parameters, milliseconds, readout: words };
      return [candidate, features];
    } finally {
      plain.dispose();
    }
  } finally {
    model.backbone.dispose();
  }
}

/** The network as the rule for all says that it is read. */
async function readOut(
  model: Model,
  tasks: readonly ClassificationTask[],
  { readout = "as_is", seed, features, onNote, onWork }: MaterialOptions,
): Promise<{ readonly backbone: Model["backbone"]; readonly words: string }> {
  if (readout === "as_is") return { backbone: model.backbone, words: "as it is" };
  if (readout !== "chosen") checkReadout(readout, model.backbone);
  const read = await readModel(model, readout, tasks, {
    ...{ seed, folder: features ?? pooledFeatureFolder(), onNote },
    onProgress: (task, done, total) =>
      onWork?.({ stage: `readout of ${model.name} on ${task}`, done, total, unit: "images" }),
  });
  return { backbone: withReadout(model.backbone, read!), words: readoutText(read!) };
}
