/**
 * How often teachers are dropped, on real images with real networks: the rows that carry the claim.
 *
 * Command: `HASHIGO_DATA=FOLDER deno task experiments real_dropping`
 * Expect:  about 3 minutes for each of 9 runs or more on two cores; results in docs/experiments.md
 * Paper:   Table J
 */
import { defineExperiment } from "@hashigo/hashigo/experiments";
import { realImages, realTasks } from "../real_images.ts";
import { realColumns, realData, realLimit } from "./real_columns.ts";
import { lossRatio } from "./world_columns.ts";

export default defineExperiment({
  name: "real_dropping",
  title: "How often teachers are dropped, real images",
  paper: "Table J",
  description: "The whole method on 4,096 images of Tiny ImageNet with p = 0, 0.5 and 1.",
  rows: [
    { name: "image_0", title: "p = 0", recipe: { ...realImages, balancing: { kind: "none" } } },
    { name: "image_50", title: "p = 0.5", recipe: realImages },
    { name: "image_100", title: "p = 1", recipe: { ...realImages, balancing: { probability: 1 } } },
  ],
  seeds: [0, 1, 2, 3, 4, 5, 6, 7],
  enoughSeeds: 3,
  tasks: realTasks,
  limit: realLimit,
  needs: realData,
  columns: [...realColumns, lossRatio],
  claims: [
    {
      claim: "Real images: p = 1 costs the mean over tasks",
      paper: "-1.2 TR (Table J)",
      from: "image_0",
      to: "image_100",
      column: "mean",
      expected: "down",
    },
    {
      claim: "Real images: p = 1 costs dense prediction",
      paper: "-1.6 mIoU (Table J)",
      from: "image_0",
      to: "image_100",
      column: "pets mIoU",
      expected: "down",
    },
    {
      claim: "Real images: the more is dropped, the closer the losses",
      paper: "ratio 2.1 to 1.1 for p = 0.5 (Fig. 3a)",
      from: "image_0",
      to: "image_100",
      column: "loss ratio",
      expected: "down",
    },
  ],
});
