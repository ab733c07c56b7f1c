/**
 * Few images: distillation from four teachers or one, against training from labels on the same images; on
 * the generated world.
 *
 * Command: `deno task experiments world_scarce_data`
 * Expect:  about 1 minute for each of 45 runs or more on two cores; results in docs/experiments.md
 * Paper:   not in it; what teams with little data of their own ask first
 */
import { defineExperiment, type ExperimentRow } from "@hashigo/hashigo/experiments";
import { world, worldSeeds, worldTasks } from "../world.ts";
import { worldColumns } from "./world_columns.ts";

const all = world.images.sources[0].world.images;
const shares = [100, 30, 10, 3, 1];

function rowsOf(percent: number): ExperimentRow[] {
  const images = Math.round(all * percent / 100);
  const seen = {
    ...world.images,
    sources: [{ world: { ...world.images.sources[0].world, images } }],
  };
  const { width, depth, heads, patchSize, stem, initialization, dropPath } = world.student;
  return [
    {
      name: `four_${percent}`,
      title: `four teachers, ${percent} % (${images} images)`,
      recipe: { ...world, images: seen },
    },
    {
      name: `one_${percent}`,
      title: `palette teacher alone, ${percent} %`,
      recipe: { ...world, images: seen, teachers: ["world_palette"] },
    },
    {
      name: `labels_${percent}`,
      title: `labels of palette, ${percent} %`,
      labels: {
        images: {
          sources: [{ world: { ...world.images.sources[0].world, images, factor: "palette" } }],
          size: 64,
          canvas: 64,
          augmentation: {
            scale: false,
            ratio: false,
            flip: 0.5,
            jitter: false,
            grey: false,
            blur: false,
            solarize: false,
          },
        },
        network: {
          imageSize: 64,
          patchSize,
          width,
          depth,
          heads,
          mlpRatio: 4,
          dropPath,
          stem,
          initialization,
        },
        optimization: {
          ...world.optimization,
          minimumLearningRate: 1e-6,
          weightDecay: 0.05,
          beta1: 0.9,
          beta2: 0.99,
          epsilon: 1e-8,
        },
        labelSmoothing: 0.1,
      },
    },
  ];
}

export default defineExperiment({
  name: "world_scarce_data",
  title: "Scarce data",
  paper: "not in the paper",
  description:
    "The same number of steps on fewer and fewer images. Labels are those of the palette, for the image and for " +
    "each patch that shows it; the teachers have seen 16,000 labelled images of their own.",
  rows: shares.flatMap(rowsOf),
  ...worldSeeds,
  tasks: worldTasks,
  columns: worldColumns,
  claims: [
    ...[100, 10, 1].map((percent) => ({
      claim:
        `With ${percent} % of the images, distillation knows more of the palette than labels teach`,
      paper: "not in the paper",
      from: `labels_${percent}`,
      to: `four_${percent}`,
      column: "palette",
      expected: "up" as const,
      why: percent === 10
        ? "A student of the palette's teacher alone beats labels (next lines of the table); " +
          "one of four shares its few steps with three other lessons."
        : "What labels alone teach differs by 5 points from seed to seed with all images, by 8 with 1 %.",
    })),
    ...[100, 10, 1].map((percent) => ({
      claim: `With ${percent} % of the images, four teachers teach more in the mean than one`,
      paper: "+2.2 TR with all images (Table A)",
      from: `one_${percent}`,
      to: `four_${percent}`,
      column: "factors",
      expected: "up" as const,
    })),
    {
      claim: "A tenth of the images suffices for the mean over tasks",
      paper: "not in the paper",
      from: "four_100",
      to: "four_10",
      column: "factors",
      expected: "same",
      tolerance: 2,
      why: "Forty passes over 819 images are learnt by heart.",
    },
  ],
});
