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
import { generalImages, mainJob, ownImages, sets } from "./tiny_imagenet.ts";
import scratch from "./tiny_imagenet_from_scratch.ts";

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
  /** The recipe of the base, or of a combination, with this option. */
  readonly recipe: (base: QualityRecipe) => QualityRecipe;
}

/** What the bench compares, and on what. */
export interface QualitySet {
  /** The recipe that options change. */
  readonly base: QualityRecipe;
  /** Name of the option that is the base as it is; what joins the best combination is better than it. */
  readonly baseName: string;
  readonly options: readonly QualityOption[];
  /** Names of tasks whose images have one class each. */
  readonly tasks: readonly string[];
  /** Most train and most test images of each task. Default: all. */
  readonly limit?: number;
  /** Image sets below `HASHIGO_DATA`. */
  readonly needs: readonly ExperimentData[];
}

const checkpoint = { every: 250, keep: 1 };

/** Few enough for a pass of all teachers within ten minutes. */
const images = { ...mainJob.images, subset: { images: 4000, choice: "random" } } as const;

/** The main job on few images, with as many views as its minutes are enough for. */
const base: QualityRecipe = {
  images,
  teachers: mainJob.teachers,
  student: mainJob.student,
  ladder: mainJob.ladder,
  featureCache: mainJob.featureCache,
  standardizer: { ...mainJob.standardizer, batches: 20 },
  balancing: mainJob.balancing,
  optimization: mainJob.optimization,
  mode: "graph",
  checkpoint,
};

const { steps: _steps, ...optimization } = scratch.optimization;

/** The transformer of before, from random weights, for the same teachers. */
const fromScratch: QualityRecipe = {
  images,
  teachers: mainJob.teachers,
  student: scratch.student,
  ladder: scratch.ladder,
  featureCache: true,
  standardizer: { start: 0.05 },
  optimization,
  mode: "graph",
  checkpoint,
};

/** The images of a recipe, of which so many are seen. */
const seeing = (count: number, choice: "random" | "balanced") => (recipe: QualityRecipe) => ({
  ...recipe,
  images: { ...recipe.images, subset: { images: count, choice } },
});

/** The base with another number of frozen stages; of those the ladder reads the last alone. */
const freezing = (freeze: number, blocks: readonly number[]) => (recipe: QualityRecipe) => ({
  ...recipe,
  student: { ...mainJob.student, freeze },
  ladder: { blocks },
});

const options: readonly QualityOption[] = [
  {
    name: "from_scratch",
    title: "a transformer from scratch",
    recipe: () => fromScratch,
  },
  {
    name: "masked",
    title: "a transformer from scratch that sees half of its patches",
    over: "from_scratch",
    recipe: () => ({ ...fromScratch, student: { ...scratch.student, tokenMask: 0.5 } }),
  },
  {
    name: "warm_start",
    title: "warm start alone",
    over: "from_scratch",
    recipe: (recipe) => ({ ...freezing(0, mainJob.ladder.blocks)(recipe), featureCache: false }),
  },
  {
    name: "kept",
    title: "+ kept features and stages (the base: 6 stages frozen)",
    over: "warm_start",
    recipe: (recipe) => recipe,
  },
  {
    name: "frozen_0",
    title: "no stages frozen",
    over: "kept",
    changes: "stages",
    recipe: freezing(0, mainJob.ladder.blocks),
  },
  {
    name: "frozen_10",
    title: "10 stages frozen",
    over: "kept",
    changes: "stages",
    recipe: freezing(10, [9, 11, 15, 17]),
  },
  {
    name: "rising",
    title: "no stages frozen, rising resolution: 64, 80, 96 px",
    over: "frozen_0",
    changes: "stages",
    // A budget does not plan frozen stages of several sizes.
    recipe: (recipe) => ({
      ...recipe,
      ladder: mainJob.ladder,
      student: { ...mainJob.student, freeze: 0, resolutions: [64, 80, 96] },
    }),
  },
  {
    name: "images_2000",
    title: "2,000 images instead of 4,000",
    over: "kept",
    changes: "images",
    recipe: seeing(2000, "random"),
  },
  {
    name: "images_8000",
    title: "8,000 images",
    over: "kept",
    changes: "images",
    recipe: seeing(8000, "random"),
  },
  {
    name: "balanced",
    title: "4,000 images, balanced over clusters",
    over: "kept",
    changes: "images",
    recipe: seeing(4000, "balanced"),
  },
  {
    name: "corpora",
    title: "8,000 images, half of them unlabelled train images of the six sets",
    over: "kept",
    changes: "images",
    recipe: (recipe) => ({
      ...recipe,
      images: {
        ...images,
        // The six sets have 7,290 train images.
        sources: [{ ...generalImages, limit: 7300 }, ...ownImages],
        subset: { images: 8000, choice: "random" },
      },
    }),
  },
  {
    name: "narrow",
    title: "64 principal axes of each teacher",
    over: "kept",
    changes: "targets",
    recipe: (recipe) => ({ ...recipe, standardizer: { ...recipe.standardizer, axes: 64 } }),
  },
  {
    name: "teacher_stop",
    title: "teachers that stop",
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
  baseName: "kept",
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
