/** Conditions that features must meet before they are measured. */
import { metricRefusal } from "../refusal.ts";
import type { LabelledFeatures } from "../labelled_features.ts";

/**
 * Refuses features that no metric can be computed from.
 *
 * @param attempt what messages name, such as "measure few-shot accuracy".
 * @returns how many train images each class that occurs there has, by class, ascending.
 * @throws {UserError} where features and labels do not match or widths differ, a feature is not finite,
 * a label is negative, train has fewer than two classes, or a test image is of a class without train
 * images.
 */
export function checkFeatures(
  train: LabelledFeatures,
  test: LabelledFeatures,
  attempt: string,
): Map<number, number> {
  checkSet(train, "train", attempt);
  checkSet(test, "test", attempt);
  if (train.width !== test.width) {
    throw metricRefusal(
      attempt,
      `found width ${train.width} (train) and ${test.width} (test), expected the same`,
      "Extract both with the same network",
    );
  }
  checkTwoClasses(train, attempt);
  const sizes = new Map<number, number>();
  for (const label of train.labels.toSorted()) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const empty = test.labels.find((label) => !sizes.has(label));
  if (empty === undefined) return sizes;
  throw metricRefusal(
    attempt,
    `the class ${empty} has test images but no train images, expected at least one`,
    "Add train images of that class, or take a higher limit",
  );
}

/** Refuses train images of one class, of which every answer is right. */
export function checkTwoClasses(
  { labels }: Pick<LabelledFeatures, "labels">,
  attempt: string,
): void {
  if (labels.some((label) => label !== labels[0])) return;
  throw metricRefusal(
    attempt,
    `found train images of the class ${labels[0]} alone, expected at least two classes`,
    "Add images of another class, or take a higher limit",
  );
}

function checkSet({ features, labels, width }: LabelledFeatures, name: string, attempt: string) {
  if (
    labels.length === 0 || !(Number.isSafeInteger(width) && width > 0) ||
    features.length !== labels.length * width
  ) {
    throw metricRefusal(
      attempt,
      `the ${name} features are ${features.length} numbers for ${labels.length} labels at width ` +
        `${width}, expected at least one label and ${width} numbers for each`,
      "Give features [images, width] and labels [images] of the same images",
    );
  }
  const negative = labels.findIndex((label) => label < 0);
  if (negative >= 0) {
    throw metricRefusal(
      attempt,
      `${name} image ${negative} has the label ${labels[negative]}, expected class numbers from 0`,
      "Leave out images without a label",
    );
  }
  const broken = features.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    throw metricRefusal(
      attempt,
      `the features of ${name} image ${Math.floor(broken / width)} hold ${features[broken]}, ` +
        "expected finite numbers",
      "The network may be damaged, or its run diverged: train or fetch it again",
    );
  }
}
