/**
 * One teacher or three, on real images with real networks.
 *
 * Command: `HASHIGO_DATA=FOLDER deno task experiments real_combinations`
 * Expect:  about 2 minutes for each of 12 runs or more on two cores; results in docs/experiments.md
 * Paper:   Table A
 */
import { defineExperiment } from "@hashigo/hashigo/experiments";
import { realImages, realTasks } from "../real_images.ts";
import { realColumns, realData, realLimit } from "./real_columns.ts";

const [mobilenet, deeplab, resnet] = realImages.teachers;

export default defineExperiment({
  name: "real_combinations",
  title: "Number of teachers, real images",
  paper: "Table A",
  description:
    "Students of each of three networks alone and of all three, on 4,096 images of Tiny ImageNet.",
  rows: [
    { name: "all_three", title: "all three", recipe: realImages },
    {
      name: "mobilenet",
      title: "MobileNetV2 alone",
      recipe: { ...realImages, teachers: [mobilenet] },
    },
    { name: "deeplab", title: "DeepLab alone", recipe: { ...realImages, teachers: [deeplab] } },
    { name: "resnet", title: "CIFAR ResNet alone", recipe: { ...realImages, teachers: [resnet] } },
  ],
  seeds: [0, 1, 2, 3, 4, 5, 6, 7],
  enoughSeeds: 3,
  tasks: realTasks,
  limit: realLimit,
  needs: realData,
  columns: realColumns,
  claims: ["mobilenet", "deeplab", "resnet"].map((from) => ({
    claim: `Real images: the student of three beats the student of ${from} alone in the mean`,
    paper: "+2.2 TR over the best single-teacher student (Table A)",
    from,
    to: "all_three",
    column: "mean",
    expected: "up" as const,
    ...from === "resnet" && {
      why: "It is the best of the three alone; a point more is not told from none by so few seeds.",
    },
  })),
});
