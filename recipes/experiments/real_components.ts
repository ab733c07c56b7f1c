/**
 * The components of UNIC one by one, on real images with real networks.
 *
 * Command: `HASHIGO_DATA=FOLDER deno task experiments real_components`
 * Expect:  about 3 minutes for each of 15 runs or more on two cores; results in docs/experiments.md
 * Paper:   Table 1 (DINO and DeiT-III), Fig. 3a
 */
import { defineExperiment } from "@hashigo/hashigo/experiments";
import { realImages, realTasks } from "../real_images.ts";
import { realColumns, realData, realLimit } from "./real_columns.ts";
import { lossRatio } from "./world_columns.ts";

/** Raw features: statistics stay at mean 0 and deviation 1. */
const raw = { start: 0, end: 0 } as const;
const noDrop = { kind: "none" } as const;
const top = { kind: "top" } as const;

export default defineExperiment({
  name: "real_components",
  title: "Components one by one, real images",
  paper: "Table 1",
  description:
    "EfficientNet-Lite0, MobileNetV2, DeepLab and a CIFAR ResNet into a student that starts from the first of them, " +
    "in 384 steps on 4,096 images of Tiny ImageNet. The basic row has raw features, one top projector for each " +
    "teacher that CLS and patches share, and equal weights.",
  rows: [
    {
      name: "basic",
      recipe: {
        ...realImages,
        standardizer: raw,
        ladder: { ...top, shared: true },
        balancing: noDrop,
      },
    },
    {
      name: "standardised",
      title: "+ standardisation",
      recipe: { ...realImages, ladder: { ...top, shared: true }, balancing: noDrop },
    },
    {
      name: "dedicated",
      title: "+ dedicated projectors",
      recipe: { ...realImages, ladder: top, balancing: noDrop },
    },
    { name: "ladder", title: "+ ladder", recipe: { ...realImages, balancing: noDrop } },
    { name: "unic", title: "+ teacher dropping (UNIC)", recipe: realImages },
    {
      name: "source",
      title: "its source, not trained",
      model: "efficientnet_lite0_imagenet@64",
    },
  ],
  seeds: [0, 1, 2, 3, 4, 5, 6, 7],
  enoughSeeds: 3,
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
      why:
        "A student that starts from the best teacher knows it either way; what standardisation brings " +
        "together is the losses of the others, 3.6 to 1.5 (table).",
    },
    {
      claim: "Real images: projectors of their own lift the mean over tasks",
      paper: "+0.8 IN, +0.3 TR (Table 1)",
      from: "standardised",
      to: "dedicated",
      column: "mean",
      expected: "up",
      why:
        "Two seeds say one thing and the third the other; dense prediction, for which they are, gains on " +
        "all of them (table).",
    },
    {
      claim: "Real images: the ladder lifts the mean over tasks",
      paper: "+0.5 IN, +0.1 TR (Table 1)",
      from: "dedicated",
      to: "ladder",
      column: "mean",
      expected: "up",
      why:
        "Logistic regression weighs features anew, and sees none; k-NN, which does not, gains two points on " +
        "all seeds (table).",
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
      why: "Half a point, and two points of k-NN (table); seeds differ by more than the first.",
    },
    {
      claim: "Real images: all components together lift dense prediction",
      paper: "+3.4 mIoU (Table 1)",
      from: "basic",
      to: "unic",
      column: "pets mIoU",
      expected: "up",
      why:
        "Projectors of their own lift it by a point; ladder and dropping take as much each, as fewer of a " +
        "short run's pairs are about the places of the last stage.",
    },
  ],
});
