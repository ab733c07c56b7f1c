/**
 * Where a student starts, and what of a pretrained network it takes: batch norm folded or kept apart, every
 * n-th channel or block, random weights.
 *
 * Command: `HASHIGO_DATA=FOLDER deno task experiments warm_start`
 * Expect:  about two minutes for each of 24 runs on two cores; results in docs/experiments.md
 * Paper:   none; weight selection is that of Xu et al., ICLR 2024
 */
import { defineExperiment } from "@hashigo/hashigo/experiments";
import { generalImages } from "../tiny_imagenet.ts";
import { realColumns, realData, realLimit } from "./real_columns.ts";

const sets = ["cifar10", "eurosat", "dtd10", "scene15"];
const mobileNet = "mobilenet_v2_imagenet", resNet = "resnet56_cifar10";

/** Everything but the student: two teachers, one view of 4,000 images, one pass. */
const base = {
  images: {
    sources: [{ ...generalImages, limit: 4000 }],
    size: 64,
    views: 1,
    augmentation: { scale: [0.35, 1], blur: false, solarize: false, grey: 0.1 },
  },
  teachers: [{ name: mobileNet, inputSize: 96 }, resNet],
  featureCache: { tokens: ["cls"] },
  standardizer: { kind: "fixed", batches: 20, leastDeviation: 0.05 },
  balancing: { kind: "none" },
  optimization: {
    batchSize: 64,
    epochs: 2,
    learningRates: { backbone: 3e-4, heads: 2e-3 },
    decay: "heads",
    maximumGradientNorm: 3,
  },
  mode: "graph",
} as const;

const small = { kind: "mobilenet_v2", inputSize: 64 } as const;
const half = { ...small, widthMultiplier: 0.5 } as const;
const threeQuarters = { ...small, widthMultiplier: 0.75 } as const;
const shallow = { ...small, depthMultiplier: 0.5 } as const;
const fromMobileNet = { from: mobileNet } as const;
const cifar = { kind: "resnet_cifar", blocks: 9, inputSize: 32, from: resNet } as const;

/** Rungs on the last stages: those of a network of `stages`, counted from its end. */
const rungs = (stages: number) => ({ blocks: [stages - 6, stages - 3, stages - 1] });

export default defineExperiment({
  name: "warm_start",
  title: "Where a student starts",
  paper: "none",
  description:
    "MobileNetV2 and ResNet-56 into students that take all, every second or three of four of a network's channels " +
    "(their layers fitted to the network on the first images) or blocks, or start at random; and ResNet-56 with its " +
    "batch norms folded or their factors trained apart.",
  rows: [
    {
      name: "half_channels_selected",
      title: "half the channels, selected",
      recipe: { ...base, student: { ...half, ...fromMobileNet }, ladder: rungs(19) },
    },
    {
      name: "half_channels_random",
      title: "half the channels, random",
      recipe: { ...base, student: half, ladder: rungs(19) },
    },
    {
      name: "most_channels_selected",
      title: "three quarters of the channels, selected",
      recipe: { ...base, student: { ...threeQuarters, ...fromMobileNet }, ladder: rungs(19) },
    },
    {
      name: "most_channels_random",
      title: "three quarters of the channels, random",
      recipe: { ...base, student: threeQuarters, ladder: rungs(19) },
    },
    {
      name: "half_blocks_selected",
      title: "half the blocks, selected",
      recipe: { ...base, student: { ...shallow, ...fromMobileNet }, ladder: rungs(13) },
    },
    {
      name: "half_blocks_random",
      title: "half the blocks, random",
      recipe: { ...base, student: shallow, ladder: rungs(13) },
    },
    {
      name: "folded",
      title: "ResNet-56, batch norm folded",
      recipe: { ...base, student: cifar, ladder: rungs(28) },
    },
    {
      name: "scaled",
      title: "ResNet-56, factors of batch norm apart",
      recipe: { ...base, student: { ...cifar, batchNorm: "scaled" as const }, ladder: rungs(28) },
    },
  ],
  seeds: [0, 1, 2],
  tasks: sets,
  limit: realLimit,
  needs: realData.filter(({ path }) => !path.startsWith("pets3")),
  columns: [
    ...realColumns.filter(({ title }) => title !== "pets mIoU"),
    { title: "loss of MobileNetV2", measures: [`loss ${mobileNet}`], lowerIsBetter: true },
    { title: "loss of ResNet-56", measures: [`loss ${resNet}`], lowerIsBetter: true },
  ],
  claims: [
    {
      claim: "Half the channels of a pretrained network are a better start than random weights",
      paper: "Xu et al., table 3",
      from: "half_channels_random",
      to: "half_channels_selected",
      column: "mean",
      expected: "up",
      why:
        "Only as layers are fitted anew, one after the other: selected weights alone were a worse start than random ones.",
    },
    {
      claim: "Half the blocks of a pretrained network are a better start than random weights",
      paper: "Xu et al., table 3",
      from: "half_blocks_random",
      to: "half_blocks_selected",
      column: "mean",
      expected: "up",
    },
    {
      claim: "Factors of batch norm that are trained apart are as good as folded ones",
      paper: "not in the paper",
      from: "folded",
      to: "scaled",
      column: "mean",
      expected: "same",
    },
  ],
});
