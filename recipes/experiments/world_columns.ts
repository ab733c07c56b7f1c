/** What the tables of the generated world show. */
import type { ExperimentColumn } from "@hashigo/hashigo/experiments";

const factors = ["shape", "texture", "palette", "count", "background"];

/** Logistic regression on CLS for each factor, their mean, and linear heads on the patches. */
export const worldColumns: readonly ExperimentColumn[] = [
  ...factors.map((factor) => ({ title: factor, measures: [`logistic world_${factor}`] })),
  { title: "factors", measures: factors.map((factor) => `logistic world_${factor}`) },
  { title: "parts", measures: ["segmentation world_parts"] },
  { title: "depth", measures: ["depth world_depth"], lowerIsBetter: true },
];

/** Mean loss of the worst learnt teacher over that of the best, at the end. */
export const lossRatio: ExperimentColumn = {
  title: "loss ratio",
  measures: ["loss ratio"],
  lowerIsBetter: true,
};
