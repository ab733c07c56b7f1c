/**
 * The components of UNIC one by one, on real images with real networks.
 *
 * Command: `HASHIGO_DATA=FOLDER deno task experiments real_components`
 * Expect:  about 2 minutes for each of 15 runs on two cores; results in docs/experiments.md
 * Paper:   Table 1 (DINO and DeiT-III), Fig. 3a
 */
import { defineExperiment } from "@hashigo/hashigo/experiments";
import { realImages, realTasks } from "../real_images.ts";
import { realColumns, realData, realLimit } from "./real_columns.ts";
import { lossRatio } from "./world_columns.ts";

/** Raw features: statistics stay at mean 0 and deviation 1. */
const raw = { start: 0, end: 0 } as const;
const noDrop = { kind: "none" } as const;

export default defineExperiment({
  name: "real_components",
  title: "Components one by one, real images",
  paper: "Table 1",
  description:
    "MobileNetV2, DeepLab and a CIFAR ResNet into one student, on 4,096 images of Tiny ImageNet. The basic row has " +
    "raw features, one top projector for each teacher that CLS and patches share, and equal weights.",
  rows: [
    {
      name: "basic",
      recipe: {
        ...realImages,
        standardizer: raw,
        ladder: { kind: "top", shared: true },
        balancing: noDrop,
      },
    },
    {
      name: "standardised",
      title: "+ standardisation",
      recipe: { ...realImages, ladder: { kind: "top", shared: true }, balancing: noDrop },
    },
    {
      name: "dedicated",
      title: "+ dedicated projectors",
      recipe: { ...realImages, ladder: { kind: "top" }, balancing: noDrop },
    },
    { name: "ladder", title: "+ ladder", recipe: { ...realImages, balancing: noDrop } },
    { name: "unic", title: "+ teacher dropping (UNIC)", recipe: realImages },
  ],
  seeds: [0, 1, 2],
  tasks: realTasks,
  limit: realLimit,
  needs: realData,
  columns: [...realColumns, lossRatio],
  claims: [
    {
      claim: "Real images: standardisation lifts the mean over tasks",
      paper: "+2.7 IN, +0.7 TR (Table 1)",
      from: "basic",
      to: "standardised",
      column: "mean",
      expected: "up",
      why: "The spread between seeds is twice the effect; three teachers, 1,024 steps.",
    },
    {
      claim: "Real images: projectors of their own lift the mean over tasks",
      paper: "+0.8 IN, +0.3 TR (Table 1)",
      from: "standardised",
      to: "dedicated",
      column: "mean",
      expected: "up",
      why: "The spread between seeds is several times the paper's effect, see above.",
    },
    {
      claim: "Real images: the ladder lifts the mean over tasks",
      paper: "+0.5 IN, +0.1 TR (Table 1)",
      from: "dedicated",
      to: "ladder",
      column: "mean",
      expected: "up",
      why: "As above.",
    },
    {
      claim: "Real images: teacher dropping brings the losses together",
      paper: "ratio 2.1 to 1.1 (Fig. 3a)",
      from: "ladder",
      to: "unic",
      column: "loss ratio",
      expected: "down",
    },
    {
      claim: "Real images: all components together lift the mean over tasks",
      paper: "+4.5 IN, +0.4 TR (Table 1)",
      from: "basic",
      to: "unic",
      column: "mean",
      expected: "up",
      why:
        "The sign is against the paper: with dropping a third of the pairs is left in a run that is short anyway.",
    },
    {
      claim: "Real images: all components together lift dense prediction",
      paper: "+3.4 mIoU (Table 1)",
      from: "basic",
      to: "unic",
      column: "pets mIoU",
      expected: "up",
      why: "The sign is against the paper, as in the mean.",
    },
  ],
});
