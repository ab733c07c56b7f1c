/**
 * Few real images: three teachers against the best one alone: the rows that carry the claim.
 *
 * Command: `HASHIGO_DATA=FOLDER deno task experiments real_scarce_data`
 * Expect:  about 2 minutes for each of 12 runs or more on two cores; results in docs/experiments.md
 * Paper:   not in it
 */
import { defineExperiment } from "@hashigo/hashigo/experiments";
import { realImages, realTasks } from "../real_images.ts";
import { realColumns, realData, realLimit } from "./real_columns.ts";

const [source] = realImages.images.sources;
const [mobilenet] = realImages.teachers;

const few = (limit: number) => ({
  ...realImages,
  images: { ...realImages.images, sources: [{ ...source, limit }] },
});

export default defineExperiment({
  name: "real_scarce_data",
  title: "Scarce data, real images",
  paper: "not in the paper",
  description: "The same number of steps on 4,096 and on 410 images of Tiny ImageNet.",
  rows: [
    { name: "three_4096", title: "three teachers, 4,096 images", recipe: realImages },
    {
      name: "one_4096",
      title: "MobileNetV2 alone, 4,096 images",
      recipe: { ...realImages, teachers: [mobilenet] },
    },
    { name: "three_410", title: "three teachers, 410 images", recipe: few(410) },
    {
      name: "one_410",
      title: "MobileNetV2 alone, 410 images",
      recipe: { ...few(410), teachers: [mobilenet] },
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
      claim: "Real images: with a tenth of the images, three teachers teach more than the best one",
      paper: "not in the paper",
      from: "one_410",
      to: "three_410",
      column: "mean",
      expected: "up",
      why:
        "The sign is the one expected; the student of one teacher differs by two points from seed to seed.",
    },
    {
      claim: "Real images: a tenth of the images costs the mean over tasks",
      paper: "not in the paper",
      from: "three_4096",
      to: "three_410",
      column: "mean",
      expected: "down",
    },
  ],
});
