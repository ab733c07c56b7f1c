/**
 * What was tried to make the main job better: short runs that differ by one setting. They are measured on a
 * third of the train parts, so that no setting is chosen by what the main table is measured on.
 *
 * Command: `HASHIGO_DATA=FOLDER deno task experiments main_job_settings`
 * Expect:  about nine minutes for each of 36 runs on two cores; results in docs/experiments.md
 * Paper:   none; teacher dropping and ladder are those of sections 3.4 and 3.5
 */
import { defineExperiment } from "@hashigo/hashigo/experiments";
import { generalImages, mainJob, ownImages } from "../tiny_imagenet.ts";
import { accuracies, labelledSets, teacherNames } from "./main_job.ts";

const { evaluation: _, ...job } = mainJob;

/** The main job on a quarter of its images in a quarter of its minutes, all teachers counting alike. */
const base = {
  ...job,
  images: { ...job.images, subset: { images: 5000, choice: "random" } },
  balancing: { kind: "none" },
  standardizer: { ...job.standardizer, batches: 20 },
  budget: { minutes: 6 },
  checkpoint: { every: 250, keep: 1 },
} as const;

/** The base with other learning rates. */
const rates = (backbone: number, heads: number) => ({
  ...base,
  optimization: { ...base.optimization, learningRates: { backbone, heads } },
});

/** The base with another number of frozen stages, of which the ladder reads the last alone. */
const freezing = (freeze: number, blocks: readonly number[]) => ({
  ...base,
  student: { ...base.student, freeze },
  ladder: { blocks },
});

/** The base's images, half of them own: the six sets have 7,290 train images. */
const own = { ...base.images, sources: [{ ...generalImages, limit: 7300 }, ...ownImages] };

export default defineExperiment({
  name: "main_job_settings",
  title: "Settings of the main job",
  paper: "not in the paper",
  description:
    "The main job on 5,000 images in 6 minutes, without dropping but where a row says so; one setting changed in each; means over six sets, measured on a " +
    "third of each train part, which no readout and no classifier sees.",
  rows: [
    { name: "base", title: "all teachers count alike", recipe: base },
    { name: "backbone_6e4", title: "learning rate of the backbone x 2", recipe: rates(6e-4, 2e-3) },
    {
      name: "backbone_12e4",
      title: "learning rate of the backbone x 4",
      recipe: rates(1.2e-3, 2e-3),
    },
    {
      name: "backbone_15e5",
      title: "learning rate of the backbone / 2",
      recipe: rates(1.5e-4, 2e-3),
    },
    { name: "heads_4e3", title: "learning rate of the projectors x 2", recipe: rates(3e-4, 4e-3) },
    {
      name: "frozen_3",
      title: "3 stages frozen instead of 6",
      recipe: freezing(3, [2, 5, 8, 11, 15, 17]),
    },
    { name: "frozen_10", title: "10 stages frozen", recipe: freezing(10, [9, 11, 15, 17]) },
    {
      name: "dropping",
      title: "with teacher dropping",
      recipe: { ...base, balancing: { kind: "teacher_drop" } },
    },
    { name: "no_ladder", title: "no ladder", recipe: { ...base, ladder: { blocks: [17] } } },
    {
      name: "spatial",
      title: "losses on all places, too",
      recipe: { ...base, featureCache: { tokens: ["cls", "patch"] } },
    },
    {
      name: "dropping_spatial",
      title: "with teacher dropping, and losses on all places",
      recipe: {
        ...base,
        balancing: { kind: "teacher_drop" },
        featureCache: { tokens: ["cls", "patch"] },
      },
    },
    {
      name: "dropping_6e4",
      title: "with teacher dropping, and the backbone's learning rate x 2",
      recipe: { ...rates(6e-4, 2e-3), balancing: { kind: "teacher_drop" } },
    },
    {
      name: "one_view",
      title: "one view of each image",
      recipe: { ...base, images: { ...base.images, views: 1 } },
    },
    { name: "own", title: "half of the images are own ones", recipe: { ...base, images: own } },
    {
      name: "dropping_own",
      title: "with teacher dropping, and half of the images own ones",
      recipe: { ...base, images: own, balancing: { kind: "teacher_drop" } },
    },
    { name: "source", title: "its source, not trained", model: teacherNames[0] },
  ],
  seeds: [0, 1, 2],
  tasks: labelledSets.tasks,
  readout: "chosen",
  validation: true,
  ownFeatures: true,
  needs: labelledSets.needs,
  columns: [
    ...accuracies,
    ...base.teachers.map((teacher) => typeof teacher === "string" ? teacher : teacher.name)
      .map((name) => ({
        title: `loss of ${name}`,
        measures: [`loss ${name}`],
        lowerIsBetter: true,
      })),
  ],
  claims: [],
});
