import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  confusionMatrix,
  segmentationScore,
} from "../../../lib/metrics/dense/segmentation_score.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import golden from "../../golden/metrics/dense.json" with { type: "json" };

Deno.test("IoU of every class is numpy's, and its first-order scores have the mean IoU as mean", () => {
  const { truth, found: predicted, ious } = golden.score;
  const confusions = [0, 1, 2, 3, 4].map((image) =>
    confusionMatrix(
      Uint8Array.from(truth.slice(64 * image, 64 * image + 64)),
      Uint8Array.from(predicted.slice(64 * image, 64 * image + 64)),
      8,
    )
  );
  const { classIou, meanIou, scores } = segmentationScore(confusions, 8);
  ious.forEach((iou, label) => assertAlmostEquals(classIou[label]!, iou, 1e-9));
  assertAlmostEquals(meanIou, ious.reduce((sum, iou) => sum + iou, 0) / 8, 1e-9);
  assertAlmostEquals(100 * scores.reduce((sum, score) => sum + score, 0) / 5, meanIou, 1e-9);
});

Deno.test("masks of other sizes and labels out of range are refused", () => {
  const sizes = () => confusionMatrix(new Uint8Array(4), new Uint8Array(5), 2);
  assertThrows(sizes, UserError, "4 true and 5 predicted");
  const labels = () => confusionMatrix(Uint8Array.of(2), Uint8Array.of(0), 2);
  assertThrows(labels, UserError, "classes from 0 to 1");
  assertThrows(() => segmentationScore([new Uint32Array(4)], 2), UserError, "none of the pixels");
});

Deno.test("scores of images by hand: what the mean IoU would gain by more of their kind", () => {
  // Three classes, of which the third never occurs. Two pixels of class 0 are found in the first image;
  // in the second one is taken for class 1, and the one of class 1 is found: IoUs of 2/3 and 1/2.
  const first = Uint32Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0);
  const second = Uint32Array.of(0, 1, 0, 0, 1, 0, 0, 0, 0);
  const { meanIou, classIou, scores, pixelAccuracy } = segmentationScore([first, second], 3);
  assertAlmostEquals(meanIou, 100 * 7 / 12, 1e-9);
  assertEquals(
    classIou.map((iou) => Math.round(iou * 1e6) / 1e6),
    Float64Array.of(66.666667, 50, NaN),
  );
  assertAlmostEquals(pixelAccuracy, 75, 1e-9);
  // 7/12 + 2 (2 - 2/3 2) / 3 / 2, and 7/12 + 2 ((0 - 2/3 1) / 3 + (1 - 1/2 2) / 2) / 2.
  assertAlmostEquals(scores[0]!, 7 / 12 + 2 / 9, 1e-9);
  assertAlmostEquals(scores[1]!, 7 / 12 - 2 / 9, 1e-9);
});
