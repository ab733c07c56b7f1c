/**
 * Every set of four real networks as teachers, on real images in few steps: what a choice of teachers is held
 * against (`deno task bench select`).
 *
 * Command: `HASHIGO_DATA=FOLDER deno task experiments real_subsets`
 * Expect:  about a minute for each of 45 runs on two cores; results in docs/experiments.md
 * Paper:   not in it
 */
import { defineExperiment } from "@hashigo/hashigo/experiments";
import { realImages } from "../real_images.ts";
import { mainJob } from "../tiny_imagenet.ts";
import { realColumns, realData, realLimit } from "./real_columns.ts";

/** The networks by the names that rows are made of, in the order of their sets. */
export const subsetTeachers = {
  mobilenet: { name: "mobilenet_v2_imagenet", inputSize: 96 },
  insects: { name: "mobilenet_v2_insects", inputSize: 96 },
  deeplab: { name: "deeplab_v3_voc", inputSize: 97 },
  resnet: { name: "resnet56_cifar10", inputSize: 32 },
} as const;

type Name = keyof typeof subsetTeachers;
const names = Object.keys(subsetTeachers) as Name[];

/** The student starts from a network that is none of the teachers, so that no set is at an advantage. */
const warmStart = {
  images: realImages.images,
  mode: realImages.mode,
  student: { ...mainJob.student, inputSize: 64 },
  ladder: mainJob.ladder,
  // Whole images alone are measured.
  featureCache: mainJob.featureCache,
  // Channels of ReLU6 that hardly ever fire would be blown up.
  standardizer: { start: 0.05, leastDeviation: 0.05 },
  optimization: {
    batchSize: 32,
    steps: 384,
    learningRates: { backbone: 3e-4, heads: 2e-3 },
    decay: "heads",
    maximumGradientNorm: 3,
  },
  checkpoint: { every: 384, keep: 1 },
} as const;

/** All sets but the empty one, small ones first. */
const sets = Array.from(
  { length: 2 ** names.length - 1 },
  (_, i) => names.filter((_, place) => (i + 1) >> place & 1),
).sort((a, b) => a.length - b.length);

/** Labelled images only: masks take longer to measure than these runs to train. */
const columns = realColumns.filter(({ title }) => title !== "pets mIoU");

export default defineExperiment({
  name: "real_subsets",
  title: "Sets of teachers, real images",
  paper: "not in the paper",
  description:
    "Students of every set of four networks, which start from a fifth one, in 384 steps on 4,096 images of Tiny ImageNet.",
  rows: sets.map((set) => ({
    name: set.join("_"),
    title: set.join(", "),
    recipe: { ...warmStart, teachers: set.map((name) => subsetTeachers[name]) },
  })),
  seeds: [0, 1, 2],
  tasks: ["cifar10", "eurosat", "dtd10", "scene15"],
  limit: realLimit,
  needs: realData.filter(({ path }) => !path.startsWith("pets3")),
  columns,
  claims: [],
});
