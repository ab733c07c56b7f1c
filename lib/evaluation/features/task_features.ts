/** Features of both parts of a classification task. */
import type { TaskFeatures } from "../../metrics/representation/joint_accuracy.ts";
import type { ClassificationTask } from "../tasks/task.ts";
import { chooseFeature, type FeatureExtractor, type FeatureKind } from "./pooled.ts";

/** Extracts the features that are measured of all images, train images first. */
export async function extractTask(
  extractor: FeatureExtractor,
  { train, test }: Pick<ClassificationTask, "train" | "test">,
  { feature, onProgress }: {
    readonly feature: FeatureKind;
    readonly onProgress?: ((done: number, total: number) => void) | undefined;
  },
): Promise<TaskFeatures> {
  const total = train.count + test.count;
  const learnt = await extractor.extract(train, {
    onProgress: (done) => onProgress?.(done, total),
  });
  const measured = await extractor.extract(test, {
    onProgress: (done) => onProgress?.(train.count + done, total),
  });
  return {
    train: { ...chooseFeature(learnt, feature), labels: train.labels },
    test: { ...chooseFeature(measured, feature), labels: test.labels },
  };
}
