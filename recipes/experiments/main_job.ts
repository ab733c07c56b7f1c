/**
 * The main job beside everything that could explain its result away.
 *
 * Command: `HASHIGO_DATA=FOLDER deno task experiments main_job`
 * Expect:  up to 30 minutes for each of 6 runs on two cores, up to 15 for each of 24; results in docs/experiments.md
 * Paper:   Tables 1 and A, a student beside its teachers
 */
import { defineExperiment } from "@hashigo/hashigo/experiments";
import scratch from "../tiny_imagenet_from_scratch.ts";
import { generalImages, mainJob, ownImages, sets } from "../tiny_imagenet.ts";
import { realData } from "./real_columns.ts";

/** The teachers as models, the source of the student first. */
export const teacherNames = [
  "efficientnet_lite0_imagenet@96",
  "mobilenet_v2_imagenet@96",
  "deeplab_v3_voc@97",
  "resnet56_cifar10",
] as const;

/** The six sets by which the main job is measured, and the images that it needs. */
export const labelledSets = {
  tasks: sets,
  needs: [
    ...realData.filter(({ path }) => !path.startsWith("pets3")),
    {
      path: "food10/food10.zip",
      megabytes: 8,
      description: "ten dishes, folders train and test",
    },
    {
      path: "clothing10/clothing10.zip",
      megabytes: 8,
      description: "ten kinds of clothes, folders train and test",
    },
  ],
};

const { evaluation: _, ...base } = mainJob;
const { name: _name, seed: _seed, evaluation: _evaluation, ...transformer } = scratch;
const { steps: _steps, ...optimization } = transformer.optimization;

/** What the controls vary: the main job in fewer minutes, so that there is time for three seeds of each. */
const short = { ...base, budget: { minutes: 10 } };

/** Distillation by one of the teachers alone, everything else being equal. */
const only = (...names: string[]) => ({
  ...short,
  teachers: base.teachers.filter((teacher) =>
    names.includes(typeof teacher === "string" ? teacher : teacher.name)
  ),
});

const metrics = ["knn", "logistic"] as const;
const rules = ["", " by chosen readout"] as const;
const titles = { knn: "k-NN", logistic: "logistic" } as const;
/** Means over the six sets, by metric and rule of readout. */
export const accuracies = metrics.flatMap((metric) =>
  rules.map((rule) => ({
    title: `${titles[metric]}${rule}`,
    measures: sets.map((set) => `${metric} ${set}${rule}`),
  }))
);
const leads = metrics.flatMap((metric) =>
  rules.map((rule) => ({
    title: `lead in ${titles[metric]}${rule}`,
    measures: [`lead ${metric}${rule}`],
  }))
);
const chosen = sets.flatMap((set) => metrics.map((metric) => `${metric} ${set}${rules[1]}`));

export default defineExperiment({
  name: "main_job",
  title: "The main job and its controls",
  paper: "Tables 1 and A",
  description:
    "Four networks into one that starts from the best of them; means over six sets, as features are and by the " +
    "readout that cross-validation on train parts chooses for each row. A lead is the paired difference to the " +
    "best single teacher under the same rule. The first two rows train for 25 minutes; controls for 10, and so " +
    "does the row that they are held against.",
  rows: [
    { name: "general", title: "four teachers, general images", recipe: base },
    {
      name: "own",
      title: "four teachers, general and own unlabelled images",
      recipe: { ...base, images: { ...base.images, sources: [generalImages, ...ownImages] } },
    },
    { name: "short", title: "four teachers, general images, 10 minutes", recipe: short },
    {
      name: "source_alone",
      title: "its source as only teacher, 10 minutes",
      recipe: only("efficientnet_lite0_imagenet"),
    },
    {
      name: "mobilenet_alone",
      title: "MobileNetV2 as only teacher, 10 minutes",
      recipe: only("mobilenet_v2_imagenet"),
    },
    {
      name: "deeplab_alone",
      title: "DeepLab as only teacher, 10 minutes",
      recipe: only("deeplab_v3_voc"),
    },
    {
      name: "resnet_alone",
      title: "ResNet-56 as only teacher, 10 minutes",
      recipe: only("resnet56_cifar10"),
    },
    {
      name: "no_dropping",
      title: "no dropping: all teachers count alike, 10 minutes",
      recipe: { ...short, balancing: { kind: "none" } },
    },
    {
      name: "no_ladder",
      title: "no ladder: heads on the last stage, 10 minutes",
      recipe: { ...short, ladder: { blocks: [17] } },
    },
    {
      name: "from_scratch",
      title: "a transformer from scratch, 10 minutes",
      recipe: { ...transformer, optimization, budget: short.budget },
    },
    { name: "source", title: "its source, not trained", model: teacherNames[0] },
    { name: "mobilenet", title: "MobileNetV2", model: teacherNames[1] },
    { name: "deeplab", title: "DeepLab v3", model: teacherNames[2] },
    { name: "resnet", title: "ResNet-56", model: teacherNames[3] },
    {
      name: "side_by_side",
      title: "four teachers side by side (upper bound)",
      model: teacherNames.join("+"),
    },
  ],
  seeds: [0, 1, 2],
  tasks: labelledSets.tasks,
  readout: "chosen",
  against: teacherNames,
  needs: labelledSets.needs,
  columns: [...accuracies, ...leads],
  claims: [
    {
      claim: "The student is better than its best teacher, as features are",
      paper: "+2.7 TR over the best teacher (Tables 1, A)",
      from: "source",
      to: "general",
      column: sets.flatMap((set) => metrics.map((metric) => `${metric} ${set}`)),
      expected: "up",
    },
    {
      claim: "The student is better than its best teacher, by the same rule of readout",
      paper: "+2.7 TR over the best teacher (Tables 1, A)",
      from: "source",
      to: "general",
      column: chosen,
      expected: "up",
    },
    {
      claim: "Several teachers are better than the best of them as only teacher",
      paper: "+2.7 TR over the best teacher (Tables 1, A)",
      from: "source_alone",
      to: "short",
      column: chosen,
      expected: "up",
    },
    {
      claim: "Own unlabelled images help beside general ones",
      paper: "not in the paper",
      from: "general",
      to: "own",
      column: chosen,
      expected: "up",
    },
  ],
});
