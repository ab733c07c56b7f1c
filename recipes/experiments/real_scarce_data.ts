/**
 * Few real images: four teachers against the best one alone: the rows that carry the claim.
 *
 * Command: `HASHIGO_DATA=FOLDER deno task experiments real_scarce_data`
 * Expect:  about 3 minutes for each of 12 runs or more on two cores; results in docs/experiments.md
 * Paper:   not in it
 */
import { defineExperiment } from "@hashigo/hashigo/experiments";
import { realImages, realTasks } from "../real_images.ts";
import { realColumns, realData, realLimit } from "./real_columns.ts";

const [source] = realImages.images.sources;
const [best] = realImages.teachers;

const few = (limit: number) => ({
  ...realImages,
  images: { ...realImages.images, sources: [{ ...source, limit }] },
});

export default defineExperiment({
  name: "real_scarce_data",
  title: "Scarce data, real images",
  paper: "not in the paper",
  description:
    "384 steps on 4,096 and on 410 images of Tiny ImageNet, for students that start from EfficientNet-Lite0.",
  rows: [
    { name: "four_4096", title: "four teachers, 4,096 images", recipe: realImages },
    {
      name: "one_4096",
      title: "EfficientNet-Lite0 alone, 4,096 images",
      recipe: { ...realImages, teachers: [best] },
    },
    { name: "four_410", title: "four teachers, 410 images", recipe: few(410) },
    {
      name: "one_410",
      title: "EfficientNet-Lite0 alone, 410 images",
      recipe: { ...few(410), teachers: [best] },
    },
  ],
  seeds: [0, 1, 2, 3, 4, 5, 6, 7],
  enoughSeeds: 3,
  tasks: realTasks,
  limit: realLimit,
  needs: realData,
  columns: realColumns,
  claims: [
    {
      claim: "Real images: with a tenth of the images, four teachers teach more than the best one",
      paper: "not in the paper",
      from: "one_410",
      to: "four_410",
      column: "mean",
      expected: "up",
      why:
        "From the weights of the best teacher a student of it alone has little to learn, and one of four little time: " +
        "384 steps.",
    },
    {
      claim: "Real images: a tenth of the images costs the mean over tasks",
      paper: "not in the paper",
      from: "four_4096",
      to: "four_410",
      column: "mean",
      expected: "down",
      why:
        "From a network's weights 410 images cost less than seeds differ; from random weights they cost " +
        "14 points in 1,024 steps of a small transformer (2026-11-27).",
    },
  ],
});
