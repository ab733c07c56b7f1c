/**
 * What each way to save computing is worth: one student, warm-started, and a row for every option, all of
 * the same minutes.
 *
 * Command: `HASHIGO_DATA=FOLDER deno task bench quality --validate`, then `… deno task bench quality --record`
 * Data:    FOLDER holds `tiny-imagenet-200/train.zip` and the six labelled sets `NAME/NAME.zip`
 * Expect:  the minutes of each run and about four more to open and measure it; see docs/low_compute.md
 */
import type { RecipeInput } from "@hashigo/hashigo";
import type { ExperimentData } from "@hashigo/hashigo/experiments";

const data = Deno.env.get("HASHIGO_DATA") ?? "../shared/data";
const sets = ["cifar10", "eurosat", "dtd10", "scene15", "food10", "clothing10"];
const general = { path: `${data}/tiny-imagenet-200/train.zip`, split: "train" };
const own = sets.map((set) => ({ path: `${data}/${set}/${set}.zip`, split: "train" }));

/** A recipe but for what each run has of its own. */
export type QualityRecipe = Omit<RecipeInput, "name" | "seed" | "budget">;

/** A row: one way to spend the minutes. */
export interface QualityOption {
  /** Lower case letters, digits and `_`. */
  readonly name: string;
  /** Name in tables. */
  readonly title: string;
  /**
   * What it changes of the base. Of the options that change the same, one at most joins the best combination.
   * Default: it never joins.
   */
  readonly changes?: string;
  /** Name of the row over which its gain is counted. Default: none. */
  readonly over?: string;
  /** The picture that shows it, by its title. */
  readonly picture: string;
  /** The recipe of the base, or of a combination, with this option. */
  readonly recipe: (base: QualityRecipe) => QualityRecipe;
}

/** What the bench compares, and on what. */
export interface QualitySet {
  /** The recipe that options change; the row of it is the option that returns it as it is. */
  readonly base: QualityRecipe;
  readonly options: readonly QualityOption[];
  /** Names of tasks whose images have one class each. */
  readonly tasks: readonly string[];
  /** Most train and most test images of each task. Default: all. */
  readonly limit?: number;
  /** Image sets below `HASHIGO_DATA`. */
  readonly needs: readonly ExperimentData[];
}

const teachers = [
  { name: "efficientnet_lite0_imagenet", inputSize: 96 },
  { name: "mobilenet_v2_imagenet", inputSize: 96 },
  "resnet56_cifar10",
  { name: "deeplab_v3_voc", inputSize: 97 },
];

const student = {
  kind: "efficientnet_lite",
  from: "efficientnet_lite0_imagenet",
  inputSize: 96,
} as const;

/** Few enough for a pass of all teachers within ten minutes. */
const images = {
  sources: [general],
  size: 64,
  augmentation: { scale: [0.35, 1], blur: false, solarize: false, grey: 0.1 },
  subset: { images: 4000, choice: "random" },
} as const satisfies RecipeInput["images"];

const base: QualityRecipe = {
  images,
  teachers,
  student: { ...student, freeze: 6 },
  ladder: { blocks: [5, 8, 11, 15, 17] },
  featureCache: { tokens: ["cls"] },
  standardizer: { kind: "fixed", batches: 20 },
  balancing: { kind: "none" },
  optimization: {
    batchSize: 64,
    learningRates: { backbone: 3e-4, heads: 2e-3 },
    decay: "heads",
    weightDecay: 0.02,
    beta2: 0.98,
    maximumGradientNorm: 3,
    warmupSteps: 50,
  },
  mode: "graph",
  checkpoint: { every: 250, keep: 1 },
};

/** The transformer of recipes/tiny_imagenet.ts, from random weights. */
const fromScratch: QualityRecipe = {
  images,
  teachers,
  student: {
    width: 192,
    depth: 6,
    heads: 3,
    patchSize: 16,
    stem: "convolution",
    initialization: "scaled",
    dropPath: 0,
  },
  ladder: { blocks: [1, 3, 5] },
  featureCache: true,
  standardizer: { start: 0.05 },
  optimization: { batchSize: 64, learningRate: 2e-3 },
  mode: "graph",
  checkpoint: { every: 250, keep: 1 },
};

const [computing, learning] = ["Starts and what is kept", "Images and targets"];

/** The images of a recipe, of which so many are seen. */
const seeing = (count: number, choice: "random" | "balanced") => (recipe: QualityRecipe) => ({
  ...recipe,
  images: { ...recipe.images, subset: { images: count, choice } },
});

/** The base with another number of frozen stages; of those the ladder reads the last alone. */
const freezing = (freeze: number, blocks: readonly number[]) => (recipe: QualityRecipe) => ({
  ...recipe,
  student: { ...student, freeze },
  ladder: { blocks },
});

const options: readonly QualityOption[] = [
  {
    name: "from_scratch",
    title: "a transformer from scratch",
    picture: computing,
    recipe: () => fromScratch,
  },
  {
    name: "warm_start",
    title: "warm start alone",
    picture: computing,
    over: "from_scratch",
    recipe: (recipe) => ({ ...freezing(0, [5, 8, 11, 15, 17])(recipe), featureCache: false }),
  },
  {
    name: "kept",
    title: "+ kept features and stages (the base: 6 stages frozen)",
    picture: computing,
    over: "warm_start",
    recipe: (recipe) => recipe,
  },
  {
    name: "frozen_0",
    title: "no stages frozen",
    picture: computing,
    over: "kept",
    changes: "stages",
    recipe: freezing(0, [5, 8, 11, 15, 17]),
  },
  {
    name: "frozen_10",
    title: "10 stages frozen",
    picture: computing,
    over: "kept",
    changes: "stages",
    recipe: freezing(10, [9, 11, 15, 17]),
  },
  {
    name: "images_2000",
    title: "2,000 images instead of 4,000",
    picture: learning,
    over: "kept",
    changes: "images",
    recipe: seeing(2000, "random"),
  },
  {
    name: "images_8000",
    title: "8,000 images",
    picture: learning,
    over: "kept",
    changes: "images",
    recipe: seeing(8000, "random"),
  },
  {
    name: "balanced",
    title: "4,000 images, balanced over clusters",
    picture: learning,
    over: "kept",
    changes: "images",
    recipe: seeing(4000, "balanced"),
  },
  {
    name: "corpora",
    title: "8,000 images, half of them unlabelled train images of the six sets",
    picture: learning,
    over: "kept",
    changes: "images",
    recipe: (recipe) => ({
      ...recipe,
      images: {
        ...images,
        // The six sets have 7,290 train images.
        sources: [{ ...general, limit: 7300 }, ...own],
        subset: { images: 8000, choice: "random" },
      },
    }),
  },
  {
    name: "narrow",
    title: "64 principal axes of each teacher",
    picture: learning,
    over: "kept",
    changes: "targets",
    recipe: (recipe) => ({ ...recipe, standardizer: { ...recipe.standardizer, axes: 64 } }),
  },
  {
    name: "teacher_stop",
    title: "teachers that stop",
    picture: learning,
    over: "kept",
    changes: "teachers",
    recipe: (recipe) => ({
      ...recipe,
      balancing: { ...recipe.balancing, stop: { heldOut: 400, every: 100 } },
    }),
  },
];

const labelled: ExperimentData[] = sets.map((set) => ({
  path: `${set}/${set}.zip`,
  megabytes: 8,
  description: "labelled images, folders train and test",
}));

/** The comparison of docs/low_compute.md. */
export const quality: QualitySet = {
  base,
  options,
  tasks: sets,
  needs: [
    {
      path: "tiny-imagenet-200/train.zip",
      megabytes: 41,
      description: "20,000 images of Tiny ImageNet, 64 px, folders train/CLASS",
    },
    ...labelled,
  ],
};
