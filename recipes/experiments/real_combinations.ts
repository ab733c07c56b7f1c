/**
 * One teacher or four, on real images with real networks.
 *
 * Command: `HASHIGO_DATA=FOLDER deno task experiments real_combinations`
 * Expect:  about 3 minutes for each of 15 runs or more on two cores; results in docs/experiments.md
 * Paper:   Table A
 */
import { defineExperiment } from "@hashigo/hashigo/experiments";
import { realImages, realTasks } from "../real_images.ts";
import { realColumns, realData, realLimit } from "./real_columns.ts";

const [source, mobilenet, resnet, deeplab] = realImages.teachers;
const alone = { source, mobilenet, deeplab, resnet };

/** What we think of the rows that seeds cannot tell apart. */
const reasons: { readonly [row: string]: string } = {
  source:
    "It is the best of the four, and all students start from it: a point is left to gain, in k-NN on all seeds.",
  resnet: "The seeds of its student differ by three points, and all but one stay behind.",
};

export default defineExperiment({
  name: "real_combinations",
  title: "Number of teachers, real images",
  paper: "Table A",
  description:
    "Students of each of four networks alone and of all four, all of which start from EfficientNet-Lite0, in 384 " +
    "steps on 4,096 images of Tiny ImageNet.",
  rows: [
    { name: "all_four", title: "all four", recipe: realImages },
    {
      name: "source",
      title: "EfficientNet-Lite0 alone",
      recipe: { ...realImages, teachers: [alone.source] },
    },
    {
      name: "mobilenet",
      title: "MobileNetV2 alone",
      recipe: { ...realImages, teachers: [alone.mobilenet] },
    },
    {
      name: "deeplab",
      title: "DeepLab alone",
      recipe: { ...realImages, teachers: [alone.deeplab] },
    },
    {
      name: "resnet",
      title: "CIFAR ResNet alone",
      recipe: { ...realImages, teachers: [alone.resnet] },
    },
  ],
  seeds: [0, 1, 2, 3, 4, 5, 6, 7],
  enoughSeeds: 3,
  tasks: realTasks,
  limit: realLimit,
  needs: realData,
  columns: realColumns,
  claims: Object.entries(alone).map(([from, teacher]) => ({
    claim: `Real images: the student of four beats the student of ${
      typeof teacher === "string" ? teacher : teacher.name
    } alone in the mean`,
    paper: "+2.2 TR over the best single-teacher student (Table A)",
    from,
    to: "all_four",
    column: "mean",
    expected: "up",
    ...reasons[from] !== undefined && { why: reasons[from] },
  })),
});
