/** What the experiments on real images need and show. */
import type { ExperimentColumn, ExperimentData } from "@hashigo/hashigo/experiments";

const sets = ["cifar10", "eurosat", "dtd10", "scene15"];

/** Logistic regression on CLS for each set, their mean and that of k-NN, and a linear head on the patches. */
export const realColumns: readonly ExperimentColumn[] = [
  ...sets.map((set) => ({ title: set, measures: [`logistic ${set}`] })),
  { title: "mean", measures: sets.map((set) => `logistic ${set}`) },
  { title: "mean of k-NN", measures: sets.map((set) => `knn ${set}`) },
  { title: "pets mIoU", measures: ["segmentation pets3_trimaps"] },
];

/** At most so many train and so many test images of each set. */
export const realLimit = 1000;

/** Below `HASHIGO_DATA`. */
export const realData: readonly ExperimentData[] = [
  {
    path: "tiny-imagenet-200/train.zip",
    megabytes: 41,
    description: "20,000 images of Tiny ImageNet, 64 px, folders train/CLASS",
  },
  { path: "cifar10/cifar10.zip", megabytes: 8, description: "CIFAR-10, folders train and test" },
  { path: "eurosat/eurosat.zip", megabytes: 10, description: "EuroSAT, folders train and test" },
  {
    path: "dtd10/dtd10.zip",
    megabytes: 8,
    description: "ten textures of DTD, folders train and test",
  },
  { path: "scene15/scene15.zip", megabytes: 8, description: "15 scenes, folders train and test" },
  {
    path: "pets3-trimaps/pets3-trimaps.zip",
    megabytes: 8,
    description: "three breeds of Oxford-IIIT Pet with masks",
  },
];
